"""For every rule of ssa a bad pair that this rule alone rejects."""

from typing import Any

import pytest

from egoetl.qa.index import TASKS
from egoetl.testing.pairs import broken_rules
from egoetl.testing.samples import a_kitchen_clip

KITCHEN = a_kitchen_clip()
KNOCK = "The dull knock of the red mug can be heard, low and brief, when the red mug moves."
TINKLE = "The metallic tinkling of the spoon can be heard, bright, when the spoon moves."
SILENCE = "No significant sound can be heard."
GOOD: dict[str, Any] = {
    "question": "Which sounds can be heard in this part of the video, and what makes each of them?",
    "answer": f"There are two different sounds. {KNOCK} {TINKLE}",
    "variant": "sounds",
    "start_ms": 60_000,
    "end_ms": 85_000,
}
FIRST: dict[str, Any] = GOOD | {
    "question": "Which sounds can be heard between 60 s and 70 s of the video, and what makes each of them?",
    "answer": f"There is one sound. {KNOCK}",
    "end_ms": 70_000,
}
QUIET: dict[str, Any] = FIRST | {
    "question": "Which sounds can be heard between 80 s and 85 s of the video, and what makes each of them?",
    "answer": SILENCE,
    "start_ms": 80_000,
    "end_ms": 85_000,
}

BAD: list[tuple[str, dict[str, Any]]] = [
    ("stretch_not_named", FIRST | {"question": GOOD["question"]}),
    ("silence_untrue", GOOD | {"answer": SILENCE}),
    ("silence_untrue", FIRST | {"answer": SILENCE}),
    ("sound_count_untrue", GOOD | {"answer": f"There are three different sounds. {KNOCK} {TINKLE}"}),
    ("sound_count_untrue", GOOD | {"answer": f"There are two different sounds. {KNOCK} {TINKLE} {TINKLE}"}),
    ("association_untrue", GOOD | {"answer": f"There are two different sounds. {KNOCK} {KNOCK}"}),
    ("association_untrue", GOOD | {"answer": f"There are two different sounds. {KNOCK} {TINKLE.replace('spoon', 'red mug')}"}),
    ("association_untrue", FIRST | {"answer": "There is one sound. The dull knock can be heard, low."}),
    ("word_of_no_evidence", GOOD | {"answer": f"There are two different sounds. {KNOCK} {TINKLE.replace('moves', 'hits the sink')}"}),
    ("word_of_no_evidence", FIRST | {"answer": f"There is one sound. {KNOCK.replace('low', 'like tea being stirred')}"}),
]


@pytest.mark.parametrize("fields", [GOOD, FIRST, QUIET])
def test_the_good_pair_breaks_no_rule(fields: dict[str, Any]) -> None:
    assert broken_rules("ssa", KITCHEN, fields) == []


@pytest.mark.parametrize(("rule", "fields"), BAD)
def test_the_bad_pair_breaks_one_rule_alone(rule: str, fields: dict[str, Any]) -> None:
    assert broken_rules("ssa", KITCHEN, fields) == [rule]


def test_every_rule_has_a_bad_pair() -> None:
    assert {rule for rule, _ in BAD} == {rule.name for rule in TASKS["ssa"].rules}


def test_a_sound_in_a_quiet_stretch_is_untrue() -> None:
    assert "silence_untrue" in broken_rules("ssa", KITCHEN, QUIET | {"answer": f"There is one sound. {KNOCK}"})
