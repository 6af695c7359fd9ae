"""For every rule of avdn and avsn a bad pair that this rule alone rejects; and that every task has such a list."""

from pathlib import Path
from typing import Any

import pytest

from egoetl.qa.index import TASKS
from egoetl.testing.pairs import broken_rules
from egoetl.testing.samples import a_kitchen_clip

KITCHEN = a_kitchen_clip()
FIRST, SECOND, THIRD = (each.segment.segment_id for each in KITCHEN.segments)
MUG = "From 61 s to 67 s: The camera wearer puts a red mug on the table with a dull knock and opens the drawer."
SPOON = "From 70.5 s to 78 s: The camera wearer takes a spoon out of the drawer and stirs the tea, which makes a metallic tinkling."
LIFT = "From 80.5 s to 84 s: The camera wearer lays the spoon down and lifts the red mug."
SINGLE: dict[str, Any] = {
    "question": "Narrate the stretch from 60 s to 70 s of the video: what happens, and which sounds go with it?",
    "answer": "The camera wearer put a red mug on the table.",
    "variant": "single",
    "start_ms": 60_000,
    "end_ms": 70_000,
    "evidence": (FIRST,),
}
COMPARE: dict[str, Any] = {
    "question": "Describe the video from 60 s to 70 s and from 80 s to 85 s, and say how the two differ.",
    "answer": "In the first interval a red mug is put down; in the second it is lifted.",
    "variant": "compare",
    "start_ms": 60_000,
    "end_ms": 85_000,
    "evidence": (FIRST, THIRD),
}
DENSE: dict[str, Any] = {
    "question": "Write a timestamped audio-visual narration of everything that happens in this part of the video.",
    "answer": f"{MUG} {SPOON} {LIFT}",
    "start_ms": 60_000,
    "end_ms": 85_000,
    "evidence": (FIRST, SECOND, THIRD),
}

BAD: list[tuple[str, str, dict[str, Any]]] = [
    ("avsn", "answer_empty", SINGLE | {"answer": " ... "}),
    ("avsn", "interval_not_the_segments", SINGLE | {"question": "Narrate the stretch from 60 s to 80 s of the video."}),
    ("avsn", "interval_not_the_segments", SINGLE | {"start_ms": 70_000, "end_ms": 80_000, "question": "Narrate from 70 s to 80 s."}),
    ("avsn", "interval_not_the_segments", SINGLE | {"evidence": ()}),
    ("avsn", "interval_not_the_segments", SINGLE | {"evidence": (FIRST, SECOND), "end_ms": 80_000}),
    ("avsn", "interval_not_the_segments", COMPARE | {"evidence": (THIRD, FIRST)}),
    ("avsn", "interval_not_the_segments", COMPARE | {"end_ms": 70_000}),
    ("avsn", "interval_not_the_segments", COMPARE | {"question": "Compare what is seen from 80 s to 85 s with 60 s to 70 s."}),
    ("avsn", "interval_left_out", COMPARE | {"answer": "In the first interval a red mug is put down."}),
    ("avdn", "stretch_not_named", DENSE | {"question": "Narrate the video between 60 s and 80 s."}),
    ("avdn", "timestamps_missing", DENSE | {"answer": "The camera wearer puts a red mug on the table."}),
    ("avdn", "timestamps_missing", DENSE | {"answer": f"At first nothing. {DENSE['answer']}"}),
    ("avdn", "span_empty", DENSE | {"answer": f"{MUG} {SPOON} From 79 s to 80 s: ... {LIFT}"}),
    ("avdn", "spans_out_of_order", DENSE | {"answer": f"{MUG} {LIFT} {SPOON}"}),
    ("avdn", "spans_out_of_order", DENSE | {"answer": f"{MUG} {SPOON.replace('70.5', '66')} {LIFT}"}),
    ("avdn", "spans_out_of_order", DENSE | {"answer": f"{MUG.replace('67', '61')} {SPOON} {LIFT}"}),
    ("avdn", "span_outside", DENSE | {"answer": f"{MUG.replace('61', '59.9')} {SPOON} {LIFT}"}),
    ("avdn", "span_outside", DENSE | {"answer": f"{MUG} {SPOON} {LIFT.replace('84', '85.1')}"}),
    ("avdn", "segment_untold", DENSE | {"answer": f"{MUG} {LIFT}"}),
    ("avdn", "thing_elsewhere", DENSE | {"answer": f"{MUG} {SPOON} {LIFT} Beside it stands a steel kettle."}),
    ("avdn", "thing_elsewhere", DENSE | {"answer": f"{MUG} {SPOON} {LIFT.replace('red mug', 'red mug with a dull knock')}"}),
    ("avdn", "words_unsupported", DENSE | {"answer": f"{MUG} {SPOON} From 80.5 s to 84 s: A barking dog chases two black cats."}),
]


def test_good_pairs_break_no_rule() -> None:
    assert [broken_rules("avsn", KITCHEN, each) for each in (SINGLE, COMPARE)] == [[], []]
    assert broken_rules("avdn", KITCHEN, DENSE) == []


@pytest.mark.parametrize(("task", "rule", "pair"), BAD)
def test_the_bad_pair_breaks_one_rule_alone(task: str, rule: str, pair: dict[str, Any]) -> None:
    assert broken_rules(task, KITCHEN, pair) == [rule]


@pytest.mark.parametrize("task", ["avdn", "avsn"])
def test_every_rule_has_a_bad_pair(task: str) -> None:
    assert {rule for name, rule, _ in BAD if name == task} == {rule.name for rule in TASKS[task].rules}


def test_an_answer_about_both_intervals_at_once_speaks_of_both() -> None:
    assert broken_rules("avsn", KITCHEN, COMPARE | {"answer": "The red mug is in both."}) == []


def test_every_task_has_a_list_of_bad_pairs() -> None:
    said = " ".join(file.read_text(encoding="utf-8") for file in Path(__file__).parent.glob("test_rules*.py"))
    assert [name for name in TASKS if f'("{name}", "' not in said and f'TASKS["{name}"].rules' not in said] == []
