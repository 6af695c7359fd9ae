"""What is read out of replies to ST-Evidence, and what is not."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egoetl.benchmarks.st_evidence_gen.parsing import of_response, parse, response_of
from egoetl.benchmarks.st_evidence_mcq.parsing import parse as parse_choice
from egoetl.core.evaluation import Parsed, Question

ASKED = Question(
    question_id="1", benchmark="st_evidence_gen", video_id="v", task="generation", start_ms=0, end_ms=9000, question="Where is it?",
    options=("in the cup", "on the sill", "a dog has it", "nowhere"),
)  # fmt: skip
FULL = {"answer": "B", "segments": [[1.0, 2.5], [4, 5]], "referring_expressions": ["the blue cup", "the sill"]}
MALFORMED, NOTHING = ("span_malformed", "expressions_malformed"), ("no_option", "no_spans", "no_expressions")
READ = Parsed(answer="B", choice=1, spans=((1.0, 2.5), (4.0, 5.0)), expressions=("the blue cup", "the sill"))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(FULL),
        f"```json\n{json.dumps(FULL, indent=1)}\n```",
        f"```\n{json.dumps(FULL)}",
        json.dumps([FULL]),
        f"Here you are: {json.dumps(FULL)} I hope it helps [1].",
        repr(FULL),
        f"<think>Perhaps {{'answer': 'A'}}.</think>{json.dumps(FULL)}",
        json.dumps({**FULL, "segments": [1.0, 2.5, 4, 5]}),
        json.dumps({**FULL, "segments": [{"start": 1.0, "end": 2.5}, {"start_time": 4, "end_time": 5}]}),
        json.dumps({**FULL, "segments": "[[1.0, 2.5], [4, 5]]"}),
        json.dumps({"answer": "B", "time_segments": FULL["segments"], "expressions": FULL["referring_expressions"], "why": "seen"}),
        str(FULL).replace("[1.0, 2.5]", "(1.0, 2.5)"),
    ],
)
def test_one_reply_holds_all_three(text: str) -> None:
    assert parse(ASKED, (text,)) == READ


@pytest.mark.parametrize(
    ("change", "read"),
    [
        ({"answer": "(B) on the sill"}, {"answer": "(B) on the sill"}),
        ({"answer": "on the sill"}, {"answer": "on the sill"}),
        ({"answer": ["B"]}, {"answer": '["B"]'}),
        ({"answer": None}, {"answer": None, "choice": None, "faults": ("no_option",)}),
        ({"answer": "I cannot tell"}, {"answer": None, "choice": None, "faults": ("no_option",)}),
        ({"answer": "A or B"}, {"answer": None, "choice": None, "faults": ("two_options",)}),
        ({"segments": []}, {"spans": ()}),
        ({"segments": [[3, 1]]}, {"spans": ((3.0, 1.0),)}),
        ({"segments": None}, {"spans": None, "faults": ("no_spans",)}),
        ({"segments": [1, 2, 3]}, {"spans": None, "faults": ("span_malformed",)}),
        ({"segments": [["1:00", "2:00"]]}, {"spans": None, "faults": ("span_malformed",)}),
        ({"segments": [[1, float("nan")]]}, {"spans": None, "faults": ("span_malformed",)}),
        ({"segments": {"start": 1, "end": 2}}, {"spans": None, "faults": ("span_malformed",)}),
        ({"segments": "all of it"}, {"spans": None, "faults": ("span_malformed",)}),
        ({"referring_expressions": " the cup "}, {"expressions": ("the cup",)}),
        ({"referring_expressions": []}, {"expressions": ()}),
        ({"referring_expressions": ["the cup", " "]}, {"expressions": ("the cup",)}),
        ({"referring_expressions": ["the cup", 3]}, {"expressions": None, "faults": ("expressions_malformed",)}),
        ({"referring_expressions": {"a": "b"}}, {"expressions": None, "faults": ("expressions_malformed",)}),
        ({"referring_expressions": None}, {"expressions": None, "faults": ("no_expressions",)}),
        ({"mask_path": "concat/1/masks"}, {"masks": "concat/1/masks"}),
        ({"mask_path": None, "mask_dir": ""}, {}),
    ],
)
def test_each_part_is_read_or_has_a_fault_of_its_own(change: dict[str, Any], read: dict[str, Any]) -> None:
    expected = READ.model_copy(update=read)
    assert parse(ASKED, (json.dumps({**FULL, **change}),)) == expected
    assert of_response(ASKED, {**FULL, **change}) == expected


@pytest.mark.parametrize(
    ("text", "choice", "spans", "faults"),
    [
        ("Answer: B. Temporal Evidence: [[2.0, 4.5]]. Spatial Evidence: <|seg|>.", 1, ((2.0, 4.5),), ("not_json", "no_expressions")),
        ("The answer is B", 1, None, ("not_json", "no_spans", "no_expressions")),
        ("a dog, C", 2, None, ("not_json", "no_spans", "no_expressions")),
        ('{"answer": "B", "segments": [[1.0, 2.5], [3.0', 1, None, ("not_json", "span_malformed", "no_expressions")),
        ("It is [somewhere].", None, None, ("not_json", "no_option", "no_spans", "no_expressions")),
        ("", None, None, ("not_json", "no_option", "no_spans", "no_expressions")),
        ("<think>B", None, None, ("not_json", "no_option", "no_spans", "no_expressions")),
    ],
)
def test_a_reply_in_words(text: str, choice: int | None, spans: Any, faults: tuple[str, ...]) -> None:
    parsed = parse(ASKED, (text,))
    assert (parsed.choice, parsed.spans, parsed.expressions, parsed.faults) == (choice, spans, None, faults)
    assert (parsed.answer is None) == (choice is None)


@pytest.mark.parametrize(
    ("turns", "read"),
    [
        (("(B)", "[[1.0, 2.5], [4, 5]]", '["the blue cup", "the sill"]'), {}),
        (("The answer is B.", "```\n[[1.0, 2.5], [4, 5]]\n```", "```json\n['the blue cup', 'the sill']\n```"), {}),
        (("B", '{"segments": [[1.0, 2.5], [4, 5]]}', '{"referring_expressions": ["the blue cup", "the sill"]}'), {}),
        (("B", "I see it at [[1.0, 2.5], [4, 5]].", "- the blue cup\n- 'the sill'"), {}),
        (("B", '[{"start": 1.0, "end": 2.5}, {"start": 4, "end": 5}]', "1. the blue cup\n2) the sill"), {}),
        (("B", "[1.0, 2.5, 4, 5]", "Look at\n* the blue cup\n* the sill"), {}),
        (("B", "[(1.0, 2.5), (4, 5)]", '["the blue cup", "the sill"]'), {}),
        (("B", "[]", "[]"), {"spans": (), "expressions": ()}),
        (("B", "From 1 to 2.5 s.", "The cup."), {"spans": None, "expressions": None, "faults": ("no_spans", "no_expressions")}),
        (("B", "[[1.0, 2.5], [4,", '["the blue cup", "the'), {"spans": None, "expressions": None, "faults": MALFORMED}),
        (("B", "[1, 2, 3]", "[3]"), {"spans": None, "expressions": None, "faults": ("span_malformed", "no_expressions")}),
        (("B", '[{"start": 1}]', '["a", ["b"]]'), {"spans": None, "expressions": None, "faults": MALFORMED}),
        (("B", "[[1.0, 2.5], [4, 5]]"), {"expressions": None, "faults": ("no_expressions",)}),
        (("", "", ""), {"answer": None, "choice": None, "spans": None, "expressions": None, "faults": NOTHING}),
    ],
)  # fmt: skip
def test_three_replies(turns: tuple[str, ...], read: dict[str, Any]) -> None:
    expected = READ.model_copy(update={"answer": turns[0] or None, **read})
    assert parse(ASKED, turns) == expected


def test_where_the_options_are_not_known_the_words_are_the_answer() -> None:
    parsed = parse(ASKED.model_copy(update={"options": ()}), (json.dumps({**FULL, "answer": " on the sill"}),))
    assert (parsed.answer, parsed.choice, parsed.faults) == ("on the sill", None, ())


@settings(max_examples=60)
@given(st.lists(st.text(st.sampled_from("[]{}()\"',:.0123456789 -eBnull\n`"), max_size=60), max_size=4))
def test_nothing_that_is_said_raises(turns: list[str]) -> None:
    parse(ASKED, tuple(turns))
    parse_choice(ASKED, tuple(turns))


@pytest.mark.parametrize("text", ["[" * 20_000, "{" * 20_000, '["' * 5_000, "[[1, 2], " * 3_000, "(" * 20_000])
def test_a_reply_that_runs_away_is_read_at_once(text: str) -> None:
    assert response_of(text) is None
    assert parse(ASKED, (text,)).spans is None
    assert parse(ASKED, ("B", text, text)).spans is None


@pytest.mark.parametrize(
    ("text", "choice", "faults"),
    [
        ("B", 1, ()),
        ("The answer is (D).", 3, ()),
        ("A or C", None, ("two_options",)),
        ("", None, ("no_option",)),
        ("a picture", None, ("no_option",)),
    ],
)
def test_a_picture_is_chosen_by_its_letter(text: str, choice: int | None, faults: tuple[str, ...]) -> None:
    pictures = ASKED.model_copy(update={"options": (), "pictures": ("a.png", "b.png", "c.png", "d.png")})
    assert parse_choice(pictures, (text,)) == Parsed(answer=text if choice is not None else None, choice=choice, faults=faults)


def test_a_stretch_of_time_is_chosen_by_its_letter_or_its_words() -> None:
    asked = ASKED.model_copy(update={"options": ("0.0-2.0 s", "5.0-6.5 s, 9.0-9.5 s", "3.0-4.0 s")})
    assert [parse_choice(asked, (text,)).choice for text in ("B", "(C) 3.0-4.0 s", "5.0-6.5 s, 9.0-9.5 s")] == [1, 2, 1]
