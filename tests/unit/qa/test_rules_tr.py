"""For every rule of tr_before_after and tr_event_ordering a bad pair that this rule alone rejects."""

from typing import Any

import pytest

from egoetl.qa.index import TASKS
from egoetl.testing.pairs import broken_rules
from egoetl.testing.samples import a_workshop_clip

WORKSHOP = a_workshop_clip()
CLIP: dict[str, Any] = {"start_ms": 60_000, "end_ms": 85_000}
OPENED = "the toolbox is opened by the camera wearer"
PICKED_UP = "the hammer is picked up by the camera wearer"
DRIVEN = "the nail is driven into the board by the camera wearer"
LAID_DOWN = "the pencil is laid down by the camera wearer"
SAWN = "the board is sawn by the camera wearer"
HUNG = "the hammer is hung on the wall by the camera wearer"
WIPED = "the board is wiped by the camera wearer"
SHUT = "the toolbox is shut by the camera wearer"

ACTIONS: dict[str, Any] = {
    "question": f"In this part of the video, which of these is already over when {SAWN}?",
    "answer": DRIVEN,
    "variant": "Action-Action before",
    "about": SAWN,
    "options": (WIPED, DRIVEN, HUNG, SHUT),
    **CLIP,
}
OBJECTS: dict[str, Any] = {
    "question": f"In this part of the video, which of these is moved or used after {WIPED}?",
    "answer": "the toolbox",
    "variant": "Action-Object after",
    "about": WIPED,
    "options": ("the hammer", "the nail", "the toolbox", "the pencil"),
    **CLIP,
}
SOUNDS: dict[str, Any] = {
    "question": f"In this part of the video, which of these sounds can be heard before {LAID_DOWN}?",
    "answer": "hammer blows",
    "variant": "Action-Sound before",
    "about": LAID_DOWN,
    "options": ("door slamming", "dull thud of the hammer", "hammer blows", "rasping of the saw"),
    **CLIP,
}

D_SAWN = f"{SAWN} (in view: work lamp)"
D_HUNG = f"{HUNG} (heard: dull thud; in view: work lamp)"
D_SHUT = f"{SHUT} (heard: sharp snap)"
FOUR: dict[str, Any] = {
    "question": "Which of these events happens first in this part of the video?",
    "answer": DRIVEN,
    "variant": "first",
    "options": (D_HUNG, D_SAWN, DRIVEN, D_SHUT),
    **CLIP,
}

BAD: list[tuple[str, str, dict[str, Any]]] = [
    ("tr_before_after", "type_unknown", ACTIONS | {"variant": "before"}),
    ("tr_before_after", "type_unknown", OBJECTS | {"variant": None}),
    ("tr_before_after", "subject_not_asked", ACTIONS | {"question": "In this part of the video, which of these comes first?"}),
    ("tr_before_after", "stretch_not_named", ACTIONS | {"question": f"Between 60 s and 80 s, which is over when {SAWN}?"}),
    ("tr_before_after", "options_not_four", ACTIONS | {"options": (WIPED, DRIVEN, HUNG)}),
    ("tr_before_after", "options_repeat", ACTIONS | {"options": (WIPED, DRIVEN, HUNG, WIPED.capitalize())}),
    (
        "tr_before_after",
        "answer_not_an_option",
        ACTIONS
        | {
            "question": f"Which of these is already over when {DRIVEN}?",
            "about": DRIVEN,
            "answer": PICKED_UP,
            "options": (WIPED, HUNG, SHUT, SAWN),
        },
    ),
    ("tr_before_after", "event_unknown", ACTIONS | {"options": (WIPED, DRIVEN, HUNG, "the window is broken")}),
    ("tr_before_after", "event_unknown", ACTIONS | {"about": "the saw breaks", "question": "Which of these is over when the saw breaks?"}),
    ("tr_before_after", "event_unknown", OBJECTS | {"options": ("the hammer", "the nail", "the toolbox", "the work lamp")}),
    ("tr_before_after", "event_unknown", SOUNDS | {"options": ("door slamming", "dull thud", "hammer blows", "rasping of the saw")}),
    ("tr_before_after", "order_untrue", ACTIONS | {"options": (WIPED, DRIVEN, HUNG, OPENED)}),
    ("tr_before_after", "order_untrue", ACTIONS | {"answer": HUNG}),
    ("tr_before_after", "order_untrue", ACTIONS | {"variant": "Action-Action after"}),
    ("tr_before_after", "order_untrue", OBJECTS | {"options": ("the hammer", "the nail", "the toolbox", "the board")}),
    ("tr_before_after", "order_untrue", OBJECTS | {"answer": "the pencil"}),
    ("tr_before_after", "order_untrue", SOUNDS | {"options": ("door slamming", "radio playing", "hammer blows", "rasping of the saw")}),
    ("tr_before_after", "order_untrue", SOUNDS | {"answer": "door slamming"}),
    ("tr_event_ordering", "place_not_asked", FOUR | {"question": "Which of these events happens last in this part of the video?"}),
    ("tr_event_ordering", "place_not_asked", FOUR | {"variant": None}),
    ("tr_event_ordering", "place_not_asked", FOUR | {"question": "Which of these events is neither first nor last here?"}),
    ("tr_event_ordering", "stretch_not_named", FOUR | {"end_ms": 80_001}),
    ("tr_event_ordering", "options_not_four", FOUR | {"options": (D_HUNG, D_SAWN, DRIVEN)}),
    ("tr_event_ordering", "options_repeat", FOUR | {"options": (D_HUNG, D_SAWN, DRIVEN, D_SAWN.upper())}),
    ("tr_event_ordering", "answer_not_an_option", FOUR | {"options": (D_HUNG, D_SAWN, WIPED, D_SHUT)}),
    ("tr_event_ordering", "event_unknown", FOUR | {"options": (D_HUNG, D_SAWN, DRIVEN, SHUT)}),
    ("tr_event_ordering", "order_untrue", FOUR | {"options": (D_HUNG, D_SAWN, DRIVEN, OPENED)}),
    ("tr_event_ordering", "order_untrue", FOUR | {"answer": D_SHUT}),
]


@pytest.mark.parametrize("pair", [ACTIONS, OBJECTS, SOUNDS], ids=lambda each: each["variant"])
def test_good_pairs_break_no_rule(pair: dict[str, Any]) -> None:
    assert broken_rules("tr_before_after", WORKSHOP, pair) == []


@pytest.mark.parametrize(("answer", "place"), [(DRIVEN, "first"), (D_SHUT, "last")])
def test_good_orderings_break_no_rule(answer: str, place: str) -> None:
    pair = FOUR | {
        "answer": answer,
        "variant": place,
        "question": f"Of these four events in this part of the video, which one comes {place}?",
    }
    assert broken_rules("tr_event_ordering", WORKSHOP, pair) == []


@pytest.mark.parametrize(("task", "rule", "pair"), BAD)
def test_the_bad_pair_breaks_one_rule_alone(task: str, rule: str, pair: dict[str, Any]) -> None:
    assert broken_rules(task, WORKSHOP, pair) == [rule]


@pytest.mark.parametrize("task", ["tr_before_after", "tr_event_ordering"])
def test_every_rule_has_a_bad_pair(task: str) -> None:
    assert {rule for name, rule, _ in BAD if name == task} == {rule.name for rule in TASKS[task].rules}


def test_an_event_that_overlaps_the_answer_is_no_other_option() -> None:
    pair = FOUR | {"options": (D_HUNG, D_SAWN, DRIVEN, D_SHUT)}
    first = WORKSHOP.segments[0]
    drawn_out = first.graph.interacted_objects[-1].model_copy(update={"end_ms": 73_000})
    graph = first.graph.model_copy(update={"interacted_objects": (*first.graph.interacted_objects[:-1], drawn_out)})
    clip = WORKSHOP.model_copy(update={"segments": (first.model_copy(update={"graph": graph}), *WORKSHOP.segments[1:])})
    assert broken_rules("tr_event_ordering", clip, pair) == ["order_untrue"]
