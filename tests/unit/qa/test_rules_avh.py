"""For every rule of avh_action, avh_object and avh_sound a bad pair that this rule alone rejects."""

from typing import Any

import pytest

from egoetl.qa.index import TASKS
from egoetl.testing.pairs import broken_rules
from egoetl.testing.samples import a_kitchen_clip

KITCHEN = a_kitchen_clip()
CLIP: dict[str, Any] = {"start_ms": 60_000, "end_ms": 85_000}
TEN_SECONDS: dict[str, Any] = {"start_ms": 60_000, "end_ms": 70_000}
WHERE = "between 60 s and 70 s of the video"
MUG_DOWN = "the red mug is put on the table by the camera wearer"
POURED = "the tea is poured into the sink by the camera wearer"


def yes(about: str, question: str = "Is it true that there is {}?", **other: Any) -> dict[str, Any]:
    return {"question": question.format(about), "answer": "Yes", "variant": "Factual", "about": about, **CLIP, **other}


def no(about: str, question: str = "Is it true that there is {}?", **other: Any) -> dict[str, Any]:
    return yes(about, question, answer="No", variant="Hallucinated") | other


GOOD: list[tuple[str, dict[str, Any]]] = [
    ("avh_action", yes(MUG_DOWN)),
    ("avh_action", no(POURED)),
    ("avh_action", yes(MUG_DOWN, f"Is it true that {{}} {WHERE}?", **TEN_SECONDS)),
    ("avh_object", yes("red mug")),
    ("avh_object", no("red drawer")),
    ("avh_object", yes("steel kettle", f"Is there a {{}} {WHERE}?", **TEN_SECONDS)),
    ("avh_sound", yes("dull knock")),
    ("avh_sound", yes("dull knock of the red mug")),
    ("avh_sound", no("door bell")),
    ("avh_sound", no("metallic tinkling of the kettle")),
    ("avh_sound", yes("dull knock", f"Can a {{}} be heard {WHERE}?", **TEN_SECONDS)),
]

BAD: list[tuple[str, str, dict[str, Any]]] = [
    *((task, "answer_not_yes_no", yes(about, answer="Maybe")) for task, about in (("avh_action", MUG_DOWN), ("avh_object", "spoon"))),
    ("avh_sound", "answer_not_yes_no", yes("dull knock", answer="yes")),
    ("avh_action", "answer_contradicts_variant", yes(MUG_DOWN, answer="No")),
    ("avh_object", "answer_contradicts_variant", no("whisk", answer="Yes")),
    ("avh_sound", "answer_contradicts_variant", yes("dull knock", variant=None)),
    ("avh_action", "subject_not_asked", yes(MUG_DOWN, "Is the red mug put on the table by the camera wearer?")),
    ("avh_object", "subject_not_asked", yes("red mug", "Is there a mug that is red?")),
    ("avh_sound", "subject_not_asked", yes("dull knock", "Can a knock be heard?")),
    ("avh_action", "stretch_not_named", yes(MUG_DOWN, **TEN_SECONDS)),
    ("avh_object", "stretch_not_named", yes("red mug", "Is there a {} between 60 s and 75 s of the video?", **TEN_SECONDS)),
    ("avh_sound", "stretch_not_named", yes("dull knock", f"Can a {{}} be heard {WHERE}?")),
    ("avh_action", "action_trivial", no("the window stands open")),
    ("avh_object", "object_not_handled", no("tiled wall")),
    ("avh_action", "factual_action_absent", yes(POURED)),
    (
        "avh_action",
        "factual_action_absent",
        yes("the spoon is laid down by the camera wearer", f"Is it true that {{}} {WHERE}?", **TEN_SECONDS),
    ),
    ("avh_object", "factual_object_absent", yes("whisk")),
    ("avh_object", "factual_object_absent", yes("spoon", f"Is there a {{}} {WHERE}?", **TEN_SECONDS)),
    ("avh_sound", "factual_sound_absent", yes("door bell")),
    ("avh_sound", "factual_sound_absent", yes("metallic tinkling", f"Can a {{}} be heard {WHERE}?", **TEN_SECONDS)),
    ("avh_action", "hallucinated_action_present", no("the tea is stirred")),
    ("avh_action", "hallucinated_action_present", no("the spoon is laid down", f"Is it true that {{}} {WHERE}?", **TEN_SECONDS)),
    ("avh_object", "hallucinated_object_present", no("mug")),
    ("avh_object", "hallucinated_object_present", no("spoon", f"Is there a {{}} {WHERE}?", **TEN_SECONDS)),
    ("avh_sound", "hallucinated_sound_present", no("a metallic tinkle")),
    ("avh_sound", "hallucinated_sound_present", no("knocking", f"Can a {{}} be heard {WHERE}?", **TEN_SECONDS)),
]


@pytest.mark.parametrize(("task", "fields"), GOOD)
def test_the_good_pair_breaks_no_rule(task: str, fields: dict[str, Any]) -> None:
    assert broken_rules(task, KITCHEN, fields) == []


@pytest.mark.parametrize(("task", "rule", "fields"), BAD)
def test_the_bad_pair_breaks_one_rule_alone(task: str, rule: str, fields: dict[str, Any]) -> None:
    assert broken_rules(task, KITCHEN, fields) == [rule]


def test_every_rule_has_a_bad_pair() -> None:
    tasks = {task for task, _ in GOOD}
    assert {(task, rule) for task, rule, _ in BAD} == {(name, rule.name) for name in tasks for rule in TASKS[name].rules}


@pytest.mark.parametrize(
    ("task", "about"),
    [
        ("avh_object", "steel kettle"),  # only the graph and the narration
        ("avh_object", "table"),  # only the captions and the narration
        ("avh_sound", "knocks of a mug"),  # in other words, over a whole sentence
        ("avh_action", "the camera wearer opens the drawer"),  # another subject of the same action
        ("avh_action", "a spoon was taken out"),
    ],
)
def test_whatever_any_evidence_says_is_no_hallucination(task: str, about: str) -> None:
    assert broken_rules(task, KITCHEN, no(about)) == [f"hallucinated_{task.removeprefix('avh_')}_present"]
