"""ssa: one sentence a sound, a count that is true, and one fixed sentence where nothing is heard."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from egoetl.core.records import Drop
from egoetl.testing.pairs import broken_rules, drafted, measured, prepared
from egoetl.testing.samples import a_clip, a_kitchen_clip, a_narrated_clip, a_narrated_segment, a_sound

KITCHEN = a_kitchen_clip()
SILENCE = "No significant sound can be heard."
NAMES, SOURCES = ("clink", "footsteps", "kettle whistle", "the doorbell"), (None, "kettle", "the door", "camera wearer")


def answered(*sounds: dict[str, Any]) -> str:
    (draft,) = drafted("ssa", KITCHEN, {"sounds": sounds})
    return draft.answer


def test_the_answer_counts_the_sounds_and_tells_of_each() -> None:
    knock = {"sound": "dull knock", "source": "red mug", "cause": "the red mug moves", "qualities": ["low", "brief"]}
    hum = {"sound": "hum", "source": None, "cause": None, "qualities": ["low", "deep", "steady"]}
    whistle = {"sound": "kettle whistle", "source": "kettle", "cause": None, "qualities": ["shrill"]}
    assert answered(knock, hum, whistle) == (
        "There are three different sounds. "
        "The dull knock of the red mug can be heard, low and brief, when the red mug moves. "
        "The hum can be heard, low, deep and steady, with nothing in view to explain it. "
        "The kettle whistle can be heard, shrill."
    )
    assert answered(hum).startswith("There is one sound. The hum can be heard")
    assert answered() == SILENCE


def test_pairs_are_the_same_question_put_otherwise() -> None:
    drafts = measured("ssa", KITCHEN, pairs=3)
    assert len({draft.question for draft in drafts}) == 3
    assert {(draft.answer, draft.variant) for draft in drafts} == {(drafts[0].answer, "sounds")}
    assert all("in this part of the video" in draft.question for draft in drafts)


def test_a_silent_segment_is_asked_about_too() -> None:
    (draft,) = measured("ssa", KITCHEN.segments[2], pairs=1)
    assert (draft.answer, draft.variant) == (SILENCE, "silence")
    assert "between 80 s and 85 s of the video" in draft.question
    assert broken_rules("ssa", KITCHEN, draft) == []


def test_evidence_are_the_segments_with_sounds() -> None:
    (draft,) = measured("ssa", KITCHEN)
    assert draft.evidence == tuple(each.segment.segment_id for each in KITCHEN.segments[:2])


def test_more_sounds_than_anybody_could_name_are_not_asked_about() -> None:
    clip = a_clip()
    noisy = a_narrated_clip(clip, a_narrated_segment(clip, sounds=[a_sound(61_000, 62_000, f"sound {index}") for index in range(25)]))
    assert prepared("ssa", noisy) == Drop(reason="too_many_sounds", detail="25 distinct sounds")


def test_an_answer_beyond_what_a_pair_holds_makes_no_pair() -> None:
    long = {"sound": "s" * 100, "source": "o" * 100, "cause": "c" * 200, "qualities": ["low"]}
    assert drafted("ssa", KITCHEN, {"sounds": [long] * 24}) == ()


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(SOURCES)), max_size=12))
def test_whatever_is_heard_the_measured_answer_is_verified(heard: list[tuple[str, str | None]]) -> None:
    clip = a_clip()
    sounds = [a_sound(61_000, 61_400 + 700 * index, name, source) for index, (name, source) in enumerate(heard)]
    made = a_narrated_clip(clip, a_narrated_segment(clip, sounds=sounds))
    (draft,) = measured("ssa", made)
    assert broken_rules("ssa", made, draft) == []
