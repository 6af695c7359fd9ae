"""For every rule of every task a bad pair that this rule alone rejects."""

from typing import Any

import pytest

from egoetl.core.items import DraftedPair
from egoetl.core.records import QAPair
from egoetl.qa.index import TASKS
from egoetl.testing.samples import a_kitchen_clip

KITCHEN = a_kitchen_clip()
FIRST = KITCHEN.segments[0].segment.segment_id
MUG_DOWN = "the red mug is put on the table by the camera wearer"
DRAWER = "the drawer is opened by the camera wearer"
SPOON_OUT = "the spoon is taken out of the drawer by the camera wearer"
TEA = "the tea is stirred by the camera wearer"
SPOON_DOWN = "the spoon is laid down by the camera wearer"
MUG_UP = "the red mug is lifted by the camera wearer"
# test_rules_avh.py and test_rules_ssa.py
TESTED_ELSEWHERE = {"avh_action", "avh_object", "avh_sound", "ssa"}

GOOD: dict[str, dict[str, Any]] = {
    "avsn": {
        "question": "Narrate the stretch from 60 s to 70 s of the video: what happens, and which sounds go with it?",
        "answer": "The camera wearer put a red mug on the table.",
        "start_ms": 60_000,
        "end_ms": 70_000,
        "evidence": (FIRST,),
    },
    "tr_before_after": {
        "question": f"Which of these is already over when {SPOON_OUT}?",
        "answer": DRAWER,
        "variant": "before",
        "about": SPOON_OUT,
        "options": (TEA, DRAWER, MUG_UP, SPOON_DOWN),
        "start_ms": 60_000,
        "end_ms": 85_000,
    },
}

BAD: list[tuple[str, str, dict[str, Any]]] = [
    ("avsn", "answer_empty", {"answer": " ... "}),
    ("avsn", "interval_not_the_segments", {"question": "Narrate the stretch from 60 s to 80 s of the video."}),
    ("avsn", "interval_not_the_segments", {"start_ms": 70_000, "end_ms": 80_000, "question": "Narrate from 70 s to 80 s."}),
    ("tr_before_after", "subject_not_asked", {"question": "Which of these came first?"}),
    ("tr_before_after", "options_not_four", {"options": (TEA, DRAWER, MUG_UP)}),
    ("tr_before_after", "options_repeat", {"options": (TEA, DRAWER, MUG_UP, TEA.capitalize())}),
    (
        "tr_before_after",
        "answer_not_an_option",
        {
            "question": f"What came before this: {DRAWER}?",
            "about": DRAWER,
            "answer": MUG_DOWN,
            "options": (SPOON_OUT, TEA, MUG_UP, SPOON_DOWN),
        },
    ),
    ("tr_before_after", "event_unknown", {"options": (TEA, DRAWER, MUG_UP, "the window is broken")}),
    ("tr_before_after", "order_untrue", {"options": (TEA, DRAWER, MUG_UP, MUG_DOWN)}),
]


def broken(task: str, fields: dict[str, Any]) -> list[str]:
    pair = QAPair(qa_id="qa_x", task=task, **fields)
    item = DraftedPair(clip=KITCHEN.clip, pair=pair, segments=KITCHEN.segments)
    return [rule.name for rule in TASKS[task].rules if not rule.holds(item)]


@pytest.mark.parametrize("task", GOOD)
def test_the_good_pair_breaks_no_rule(task: str) -> None:
    assert broken(task, GOOD[task]) == []


@pytest.mark.parametrize(("task", "rule", "changed"), BAD)
def test_the_bad_pair_breaks_one_rule_alone(task: str, rule: str, changed: dict[str, Any]) -> None:
    assert broken(task, GOOD[task] | changed) == [rule]


def test_every_rule_has_a_bad_pair() -> None:
    tasks = TASKS.keys() - TESTED_ELSEWHERE
    assert {(task, rule) for task, rule, _ in BAD} == {(name, rule.name) for name in tasks for rule in TASKS[name].rules}


def test_an_answer_on_the_wrong_side_is_untrue() -> None:
    assert broken("tr_before_after", GOOD["tr_before_after"] | {"answer": TEA, "options": (TEA, MUG_UP, SPOON_DOWN, MUG_DOWN)}) == [
        "order_untrue"
    ]


def test_the_after_question_is_held_to_the_other_side() -> None:
    fields = GOOD["tr_before_after"] | {
        "variant": "after",
        "about": TEA,
        "question": f"Which of these follows only once this is over: {TEA}?",
        "answer": SPOON_DOWN,
        "options": (MUG_DOWN, DRAWER, SPOON_OUT, SPOON_DOWN),
    }
    assert broken("tr_before_after", fields) == []
    assert broken("tr_before_after", fields | {"variant": "before"}) == ["order_untrue"]
