"""What avdn and avsn ask, and that the measured engine's answers pass verification."""

from typing import Any

import pytest

from egoetl.core.records import Drop
from egoetl.qa.avdn.schema import MOST_CHARACTERS, MOST_SPANS, AvdnReply
from egoetl.qa.avdn.told import spans_of
from egoetl.qa.index import TASKS, measured_answers
from egoetl.testing.pairs import broken_rules, drafted, measured, prepared
from egoetl.testing.samples import a_clip, a_kitchen_clip, a_narrated_clip, a_narrated_segment, a_sound, a_workshop_clip, an_event

KITCHEN, WORKSHOP = a_kitchen_clip(), a_workshop_clip()


def test_every_task_has_a_measured_answer() -> None:
    assert set(measured_answers()) == {f"qa.{name}" for name in TASKS}


def test_avsn_names_the_interval_of_each_segment_in_seconds_of_the_source() -> None:
    drafts = [draft for segment in KITCHEN.segments for draft in measured("avsn", segment)]
    assert [("60 s" in draft.question, "70 s" in draft.question, "80 s" in draft.question) for draft in drafts] == [
        (True, True, False),
        (False, True, True),
        (False, False, True),
    ]
    assert "85 s" in drafts[2].question
    assert [draft.answer for draft in drafts] == [segment.narration.av_narration for segment in KITCHEN.segments]
    assert [broken_rules("avsn", KITCHEN, draft) for draft in drafts] == [[], [], []]


def test_avsn_puts_each_question_about_a_segment_in_another_way() -> None:
    drafts = measured("avsn", KITCHEN.segments[0], pairs=4)
    assert len({draft.question for draft in drafts}) == len({draft.answer for draft in drafts}) == 4
    assert [broken_rules("avsn", KITCHEN, draft) for draft in drafts] == [[]] * 4


@pytest.mark.parametrize(
    "evidence", [{"events": [an_event(61_000, 62_000, "mug", "is lifted")]}, {"sounds": [a_sound(61_000, 62_000, "knock")]}]
)
@pytest.mark.parametrize("task", ["avdn", "avsn"])
def test_there_has_to_be_an_event_or_a_sound(task: str, evidence: dict[str, Any]) -> None:
    clip = a_clip()
    quiet = a_narrated_segment(clip)
    assert prepared(task, quiet, pairs=1) == Drop(reason="nothing_happened", detail=quiet.segment.segment_id)
    assert not isinstance(prepared(task, a_narrated_segment(clip, **evidence), pairs=1), Drop)


def test_avsn_compares_two_segments_in_time_order() -> None:
    (draft,) = measured("avsn", WORKSHOP)
    assert (draft.variant, len(draft.evidence)) == ("compare", 2)
    first, second = (next(each.segment for each in WORKSHOP.segments if each.segment.segment_id == name) for name in draft.evidence)
    assert (draft.start_ms, draft.end_ms) == (first.start_ms, second.end_ms)
    assert first.end_ms <= second.start_ms
    assert broken_rules("avsn", WORKSHOP, draft) == []


def test_avsn_compares_other_segments_each_time_as_long_as_there_are_any() -> None:
    drafts = measured("avsn", WORKSHOP, pairs=16)
    assert len({draft.evidence for draft in drafts}) == len(drafts) == 3


def test_avsn_has_nothing_to_compare_where_something_happened_in_one_segment_only() -> None:
    clip = a_clip()
    busy = a_narrated_segment(clip, 0, events=[an_event(61_000, 62_000, "mug", "is lifted")])
    quiet = a_narrated_segment(clip, 1)
    assert prepared("avsn", a_narrated_clip(clip, busy, quiet)) == Drop(reason="nothing_to_compare", detail=clip.clip_id)


def test_the_measured_comparison_says_what_is_in_one_and_what_in_both() -> None:
    clip = a_clip()
    roll, push = an_event(61_000, 62_000, "red ball", "moves left"), an_event(63_000, 64_000, "blue box", "moves up")
    again = an_event(71_000, 72_000, "red ball", "moves left")
    first = a_narrated_segment(clip, 0, events=[roll, push], sounds=[a_sound(61_100, 61_300, "impact sound", "red ball")])
    second = a_narrated_segment(clip, 1, events=[again], sounds=[a_sound(75_000, 76_000, "tonal sound")], objects=["green ball"])
    (draft,) = measured("avsn", a_narrated_clip(clip, first, second))
    assert draft.answer == (
        "In the first interval, from 60 s to 70 s, the red ball moves left with an impact sound; the blue box moves up. "
        "In the second interval, from 70 s to 80 s, the red ball moves left; a tonal sound is heard without a visible cause. "
        "In both intervals the red ball moves left. "
        "An impact sound can be heard only in the first; a tonal sound only in the second. "
        "The red ball can be seen in both; the blue box only in the first; the green ball only in the second."
    )


def test_avdn_groups_what_is_close_and_tells_resting_stretches() -> None:
    clip = a_clip()
    events = [
        an_event(61_125, 61_500, "red ball", "enters the view"),
        an_event(61_125, 62_500, "red ball", "moves left"),
        an_event(63_000, 64_000, "blue box", "moves up"),
        an_event(68_000, 69_020, "blue box", "moves down"),
    ]
    first = a_narrated_segment(clip, 0, events=events, sounds=[a_sound(61_050, 61_300, "impact sound", "red ball")])
    second = a_narrated_segment(clip, 1, objects=["red ball", "blue box"])
    (draft,) = measured("avdn", a_narrated_clip(clip, first, second))
    assert draft.answer == (
        "From 61 s to 64 s: The red ball enters the view and moves left with an impact sound. The blue box moves up. "
        "From 68 s to 69.1 s: The blue box moves down. "
        "From 70 s to 80 s: The red ball and the blue box stay in place and nothing is heard."
    )
    assert (draft.start_ms, draft.end_ms, draft.evidence) == (
        clip.start_ms,
        clip.end_ms,
        (first.segment.segment_id, second.segment.segment_id),
    )


def test_avdn_tells_what_goes_on_over_a_border_once() -> None:
    clip = a_clip()
    first = a_narrated_segment(clip, 0, events=[an_event(69_000, 69_750, "red ball", "moves left")])
    second = a_narrated_segment(clip, 1, events=[an_event(70_000, 71_000, "red ball", "moves left")])
    (draft,) = measured("avdn", a_narrated_clip(clip, first, second))
    assert draft.answer == "From 69 s to 71 s: The red ball moves left."


@pytest.mark.parametrize("item", [KITCHEN, WORKSHOP, *KITCHEN.segments], ids=lambda each: str(getattr(each, "segment", each.clip)))
def test_avdn_narrates_anew_for_each_question(item: Any) -> None:
    drafts = measured("avdn", item, pairs=4)
    assert len({draft.question for draft in drafts}) == 4
    clip = KITCHEN if item in (KITCHEN, *KITCHEN.segments) else WORKSHOP
    assert [broken_rules("avdn", clip, draft) for draft in drafts] == [[]] * 4


def test_avdn_fits_a_busy_hour_into_an_answer() -> None:
    clip = a_clip(0, 3_600_000)
    segments = [
        a_narrated_segment(
            clip,
            index,
            events=[
                an_event(index * 10_000 + k * 1_000, index * 10_000 + k * 1_000 + 400, f"red ball {k}", "moves left") for k in range(10)
            ],
        )
        for index in range(360)
    ]
    whole = a_narrated_clip(clip, *segments)
    (draft,) = measured("avdn", whole)
    assert len(spans_of(draft.answer)) <= MOST_SPANS
    assert len(draft.answer) <= MOST_CHARACTERS
    assert broken_rules("avdn", whole, draft) == []


def test_avdn_refuses_a_narration_that_fits_no_answer() -> None:
    spans = [{"start_s": index, "end_s": index + 1, "text": "x" * 200} for index in range(MOST_SPANS)]
    with pytest.raises(ValueError, match="longer than"):
        AvdnReply.model_validate({"narrations": [{"spans": spans}]})


def test_avdn_takes_the_seconds_of_a_reply_as_those_of_the_source() -> None:
    reply = {"narrations": [{"spans": [{"start_s": 61.25, "end_s": 64, "text": "the mug is lifted"}]}]}
    assert drafted("avdn", KITCHEN, reply)[0].answer == "From 61.25 s to 64 s: The mug is lifted."
