"""What avh_action, avh_object and avh_sound ask: as many questions on what is there as on what is not, all of them verified."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egoetl.core.items import DiverseClip
from egoetl.core.records import Drop
from egoetl.qa.task import Draft
from egoetl.testing.pairs import broken_rules, drafted, measured, prepared
from egoetl.testing.samples import a_clip, a_kitchen_clip, a_narrated_clip, a_narrated_segment, a_sound, an_event

KITCHEN = a_kitchen_clip()
AVH = ("avh_action", "avh_object", "avh_sound")
COLOURS, SHAPES = ("red", "blue", "green"), ("ball", "box")
ACTIONS = ("moves left", "moves up", "enters the view", "leaves the view")
CLASSES = ("impact sound", "tonal sound", "noise-like sound", "speech-like sound")
things = st.builds("{} {}".format, st.sampled_from(COLOURS), st.sampled_from(SHAPES))


@st.composite
def clips(draw: Any) -> DiverseClip:
    """Clips as the measured engine sees them."""
    clip = a_clip()
    segments = [
        a_narrated_segment(
            clip,
            index,
            events=[
                an_event(start := clip.start_ms + index * 10_000, start + 1_000, thing, action)
                for thing, action in draw(st.lists(st.tuples(things, st.sampled_from(ACTIONS)), max_size=4))
            ],
            sounds=[
                a_sound(start := clip.start_ms + index * 10_000, start + 1_000, name, source)
                for name, source in draw(st.lists(st.tuples(st.sampled_from(CLASSES), st.none() | things), max_size=4))
            ],
            objects=draw(st.lists(things, max_size=2)),
        )
        for index in range(draw(st.integers(1, 3)))
    ]
    return a_narrated_clip(clip, *segments)


def answers(drafts: tuple[Draft, ...]) -> list[str]:
    return [draft.answer for draft in drafts]


@pytest.mark.parametrize("task", AVH)
def test_half_of_the_questions_have_the_answer_yes(task: str) -> None:
    assert answers(measured(task, KITCHEN)) == ["Yes", "No"]
    drafts = measured(task, KITCHEN, pairs=4)
    assert answers(drafts) == ["Yes", "No", "Yes", "No"]
    assert len({draft.about for draft in drafts}) == 4
    assert {(draft.start_ms, draft.end_ms) for draft in drafts} == {(60_000, 85_000)}
    assert [broken_rules(task, KITCHEN, draft) for draft in drafts] == [[]] * 4


@pytest.mark.parametrize("task", AVH)
def test_questions_about_a_segment_name_its_interval(task: str) -> None:
    drafts = measured(task, KITCHEN.segments[1], pairs=2)
    assert answers(drafts) == ["Yes", "No"]
    for draft in drafts:
        assert "between 70 s and 80 s of the video" in draft.question
        assert (draft.start_ms, draft.end_ms) == (70_000, 80_000)
        assert draft.evidence == (KITCHEN.segments[1].segment.segment_id,)


def test_what_is_there_has_the_segments_with_it_as_evidence_and_what_is_not_has_all() -> None:
    factual, hallucinated = measured("avh_sound", KITCHEN)
    assert len(factual.evidence) == 1
    assert len(hallucinated.evidence) == 3


@pytest.mark.parametrize(("task", "reason"), [("avh_action", "no_action"), ("avh_object", "no_object"), ("avh_sound", "no_sound")])
def test_where_nothing_is_there_nothing_is_asked(task: str, reason: str) -> None:
    clip = a_clip()
    empty = a_narrated_clip(clip, a_narrated_segment(clip))
    assert prepared(task, empty) == Drop(reason=reason, detail=clip.clip_id)


def test_walls_and_standing_about_are_not_asked_about() -> None:
    clip = a_clip()
    events = [an_event(61_000, 62_000, "tiled wall", "stands there")]
    dull = a_narrated_clip(clip, a_narrated_segment(clip, events=events, objects=["hands"]))
    assert prepared("avh_object", dull) == Drop(reason="no_object", detail=clip.clip_id)
    assert prepared("avh_action", dull) == Drop(reason="no_action", detail=clip.clip_id)


def asked(*subjects: str) -> list[dict[str, str]]:
    return [{"about": subject, "question": f"Is there a {subject}?"} for subject in subjects]


def test_a_reply_with_more_of_one_kind_gives_as_many_of_both() -> None:
    reply = {"factual": asked("red mug", "The red mug", "spoon", "drawer"), "hallucinated": asked("whisk", "fork")}
    drafts = drafted("avh_object", KITCHEN, reply, pairs=6)
    assert [draft.about for draft in drafts] == ["red mug", "whisk", "spoon", "fork"]
    assert answers(drafts) == ["Yes", "No"] * 2


def test_a_reply_gives_no_more_than_are_wanted() -> None:
    reply = {"factual": asked("red mug", "spoon"), "hallucinated": asked("whisk", "fork")}
    assert len(drafted("avh_object", KITCHEN, reply, pairs=2)) == 2


def test_an_odd_number_of_pairs_is_refused() -> None:
    with pytest.raises(ValueError, match="multiple of 2"):
        prepared("avh_sound", KITCHEN, pairs=3)


def test_a_sound_that_could_be_anythings_is_not_denied_of_a_thing() -> None:
    """Every class is heard, each once without a source: whose it was nobody knows."""
    clip = a_clip()
    sounds = [a_sound(61_000, 62_000, name, source) for name in CLASSES for source in (None, "red ball")]
    events = [an_event(61_000, 62_000, "red ball", "moves left")]
    silent = a_narrated_clip(clip, a_narrated_segment(clip, sounds=sounds, events=events, objects=["green box"]))
    assert measured("avh_sound", silent, pairs=8) == ()


@given(clips(), st.sampled_from(AVH), st.sampled_from((2, 4, 16)))
def test_measured_questions_are_balanced_distinct_and_verified(clip: DiverseClip, task: str, pairs: int) -> None:
    if isinstance(prepared(task, clip), Drop):
        return
    drafts = measured(task, clip, pairs=pairs)
    assert answers(drafts) == ["Yes", "No"] * (len(drafts) // 2)
    assert len(drafts) <= pairs
    assert len({draft.question for draft in drafts}) == len(drafts)
    assert [broken_rules(task, clip, draft) for draft in drafts] == [[] for _ in drafts]


def test_neither_wording_nor_action_tells_the_answer() -> None:
    """What is denied of one thing is what another one did, in the same words."""
    clip = a_clip()
    events = [an_event(61_000, 62_000, "red ball", "moves up"), an_event(63_000, 64_000, "blue box", "leaves the view")]
    made = a_narrated_clip(clip, a_narrated_segment(clip, events=events, objects=["green ball"]))
    drafts = measured("avh_action", made, pairs=4)
    wordings = [draft.question.replace(str(draft.about), "") for draft in drafts]
    actions = [str(draft.about).split(maxsplit=3)[3] for draft in drafts]
    assert wordings[::2] == wordings[1::2]
    assert actions[::2] == actions[1::2]
    assert sorted(actions[::2]) == ["leaves the view", "moves up"]
