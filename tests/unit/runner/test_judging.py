"""What is taken for an answer: strict JSON of the schema, whole and alone."""

import json

import pytest

from egoetl.core.ports import Message, Reply, Request, Sampling
from egoetl.core.replies import ContextGraphReply, PlainReply
from egoetl.runner.judging import judge, mend
from egoetl.testing.samples import a_kitchen_clip

GOOD = {
    "interacted_objects": [{"start_s": 1, "end_s": 2.5, "object": "mug", "action": "lift", "actor": None}],
    "non_interacted_objects": ["mug"],
    "sounds": [],
}
TEXT = json.dumps(GOOD)


def ok(text: str, **more) -> Reply:
    return Reply(status="ok", text=text, seconds=0.1, **more)


@pytest.mark.parametrize("text", [TEXT, f"\n {TEXT}\n\n", json.dumps(GOOD, indent=2)])
def test_strict_json_of_the_schema_is_an_answer(text: str) -> None:
    judged = judge(ok(text), ContextGraphReply)
    assert (judged.status, judged.fault) == ("ok", "")
    assert judged.answer == ContextGraphReply.model_validate_json(text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"```json\n{TEXT}\n```", "not strict JSON: Expecting value"),
        (f"Here you are: {TEXT}", "not strict JSON: Expecting value"),
        (f"{TEXT} I hope this helps.", "not strict JSON: Extra data"),
        (TEXT + TEXT, "not strict JSON: Extra data"),
        ("{'sounds': []}", "not strict JSON"),
        ('{"sounds": [],}', "not strict JSON"),
        ('{"sounds": [', "not strict JSON"),
        ('{"sounds": [], "sounds": []}', "the key 'sounds' stands twice in one object"),
        (TEXT.replace("2.5", "NaN"), "NaN is not JSON"),
        (TEXT.replace("2.5", "-Infinity"), "-Infinity is not JSON"),
        (TEXT.replace("2.5", "1e999"), "a number is too large"),
        (TEXT.replace("2.5", "9" * 5000), "not strict JSON"),
        (TEXT.replace("2.5", '"2.5"'), "interacted_objects.0.end_s: Input should be a valid number"),
        (TEXT.replace("lift", "a\nb"), "not strict JSON: Invalid control character"),
        (TEXT.replace("lift", "\\ud800"), "Invalid JSON"),
        (TEXT.replace("lift", "\ud800"), "the reply: Input should be a valid string"),
        (TEXT.replace("lift", "x" * 201), "String should have at most 200 characters"),
        (json.dumps({**GOOD, "non_interacted_objects": ["mug"] * 65}), "at most 64 items"),
        (json.dumps({**GOOD, "unknown": []}), "unknown: Extra inputs are not permitted"),
        ("null", "Input should be an object"),
        ("[]", "Input should be an object"),
        ("[" * 100_000, "not strict JSON"),
        ("ERROR: out of memory", "not strict JSON"),
    ],
)  # fmt: skip
def test_anything_else_is_off_its_schema(text: str, fault: str) -> None:
    judged = judge(ok(text), ContextGraphReply)
    assert (judged.status, judged.answer) == ("off_schema", None)
    assert fault in judged.fault
    assert len(judged.fault) < 700


def test_many_faults_are_told_in_few_words() -> None:
    judged = judge(ok(json.dumps({**GOOD, **{f"field_{n}": 1 for n in range(50)}})), ContextGraphReply)
    assert judged.fault.endswith("; and 47 more")
    assert judged.fault.count("Extra inputs") == 3


@pytest.mark.parametrize("text", [TEXT, '{"sounds": [', " \n" * 500, ""])
def test_a_reply_to_its_limit_is_cut_off_even_if_it_looks_whole(text: str) -> None:
    judged = judge(ok(text, finish_reason="length", completion_tokens=512), ContextGraphReply)
    assert (judged.status, judged.answer) == ("truncated", None)
    assert "limit of 512 tokens" in judged.fault
    assert ("white space" in judged.fault) == (not text.strip())


@pytest.mark.parametrize("text", ["", " ", "\n\t \n"])
def test_nothing_but_white_space_is_empty(text: str) -> None:
    assert judge(ok(text, finish_reason="stop"), ContextGraphReply).status == "empty"


def test_what_the_engine_says_of_a_reply_is_believed() -> None:
    judged = judge(Reply(status="refused", text=TEXT, seconds=0, detail="content_filter"), ContextGraphReply)
    assert judged == ("refused", None, "content_filter")


def test_a_long_bad_reply_is_shown_in_part() -> None:
    request = Request("mcg", a_kitchen_clip().segments[0], (Message(role="user", content="?"),), None, ContextGraphReply, Sampling())
    reply = ok("x" * 50_000)
    again = mend(request, reply, judge(reply, ContextGraphReply))
    assert again is not None
    assert len(again.messages[1].content) == 8000
    assert len(again.messages[2].content) < 800


@pytest.mark.parametrize("text", ["B", " B, I think.\n", TEXT, "{", "ERROR: out of memory", "[" * 100_000])
def test_plain_text_is_taken_as_it_is(text: str) -> None:
    assert judge(ok(text), PlainReply) == ("ok", PlainReply(text=text), "")


def test_half_a_surrogate_pair_in_plain_text_is_shown_as_an_escape() -> None:
    assert judge(ok("B \ud800"), PlainReply).answer == PlainReply(text="B \\ud800")


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (ok(" \n"), "empty"),
        (ok("The answer is", finish_reason="length"), "truncated"),
        (Reply(status="refused", text="B", seconds=0), "refused"),
        (Reply(status="server_error", text="B", seconds=0), "server_error"),
    ],
)
def test_plain_text_may_be_empty_cut_off_or_refused_as_any_reply(reply: Reply, status: str) -> None:
    judged = judge(reply, PlainReply)
    assert (judged.status, judged.answer) == (status, None)
