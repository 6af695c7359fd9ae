"""What tr_before_after and tr_event_ordering ask, and that the measured engine's answers pass verification."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egoetl.core.errors import CallerError
from egoetl.core.items import DiverseClip
from egoetl.core.records import Drop
from egoetl.qa.timeline import timeline
from egoetl.qa.tr_event_ordering.moments import moments
from egoetl.recipes.index import load
from egoetl.testing.pairs import broken_rules, drafted, measured, prepared
from egoetl.testing.samples import a_clip, a_kitchen_clip, a_narrated_clip, a_narrated_segment, a_sound, a_workshop_clip, an_event

KITCHEN, WORKSHOP = a_kitchen_clip(), a_workshop_clip()
TYPES = ("Action-Action", "Action-Object", "Action-Sound")
things = st.sampled_from(["red ball", "blue box", "green ball", "ball", "pink box", "cyan box"])
actions = st.sampled_from(["moves left", "moves up", "enters the view", "moves"])
names = st.sampled_from(["impact sound", "tonal sound", "speech-like sound", "loud impact sound"])


@st.composite
def clips(draw: Any) -> DiverseClip:
    """Clips with things and sounds that recur, overlap, and are named by parts of each other's names."""
    clip = a_clip()
    segments: list[Any] = []
    for index in range(3):
        starts = st.integers(clip.start_ms + index * 10_000, clip.start_ms + index * 10_000 + 4_000)
        lengths = st.integers(100, 900)
        happened = draw(st.lists(st.tuples(starts, lengths, things, actions), max_size=6))
        heard = draw(st.lists(st.tuples(starts, lengths, names, st.none() | things), max_size=4))
        segments.append(
            a_narrated_segment(
                clip,
                index,
                events=[an_event(start, start + length, thing, action) for start, length, thing, action in happened],
                sounds=[a_sound(start, start + length, name, source) for start, length, name, source in heard],
                objects=draw(st.lists(things, max_size=2, unique=True)),
            )
        )
    return a_narrated_clip(clip, *segments)


@pytest.mark.parametrize("task", ["avdn", "avsn", "tr_before_after", "tr_event_ordering"])
@given(clip=clips(), pairs=st.integers(1, 4))
def test_whatever_was_measured_no_answer_breaks_a_rule(task: str, clip: DiverseClip, pairs: int) -> None:
    if isinstance(prepared(task, clip, pairs=pairs), Drop):
        return
    drafts = measured(task, clip, pairs=pairs)
    assert 1 <= len(drafts) <= pairs * (3 if task == "tr_before_after" else 1)
    assert [broken_rules(task, clip, draft) for draft in drafts] == [[]] * len(drafts)


def test_each_type_is_asked_once_before_and_once_after() -> None:
    drafts = measured("tr_before_after", WORKSHOP)
    assert [draft.variant for draft in drafts] == [f"{kind} {relation}" for kind in TYPES for relation in ("before", "after")]
    for draft in drafts:
        assert len(draft.options) == 4
        assert draft.about is not None
        assert draft.about in draft.question
        assert (draft.start_ms, draft.end_ms) == (60_000, 85_000)
        assert draft.evidence
        assert broken_rules("tr_before_after", WORKSHOP, draft) == []


def test_options_are_actions_objects_or_sounds() -> None:
    known = {kind: {each.text for each in timeline(WORKSHOP.segments, kind)} for kind in ("Action", "Object", "Sound")}
    for draft in measured("tr_before_after", WORKSHOP, pairs=16):
        assert draft.variant is not None
        assert set(draft.options) <= known[draft.variant.split()[0].removeprefix("Action-")]


@pytest.mark.parametrize("pairs", [1, 3, 16])
def test_no_action_is_the_anchor_of_two_questions_of_a_type_and_relation(pairs: int) -> None:
    drafts = measured("tr_before_after", WORKSHOP, pairs=pairs)
    asked = [(draft.variant, draft.about) for draft in drafts]
    assert len(set(asked)) == len(asked)
    assert max(Counter(str(draft.variant).split()[0] for draft in drafts).values()) <= pairs


def test_a_clip_gets_the_types_that_its_evidence_bears() -> None:
    assert {str(draft.variant).split()[0] for draft in measured("tr_before_after", KITCHEN)} == {"Action-Action"}


def test_types_are_chosen_by_name() -> None:
    drafts = measured("tr_before_after", WORKSHOP, types="Action-Sound, Action-Object", pairs=1)
    assert [str(draft.variant).split()[0] for draft in drafts] == ["Action-Object", "Action-Sound"]


def test_types_can_be_set_for_a_build() -> None:
    recipe = load("egoavu").with_settings({"qa_tr_before_after.types": "Action-Sound,Action-Action", "qa_tr_before_after.pairs": "4"})
    params = recipe.params_of(recipe.stage("qa_tr_before_after"))
    assert params.model_dump() == {"pairs": 4, "types": ("Action-Action", "Action-Sound")}
    for text in ("Action-Smell", ""):
        with pytest.raises(CallerError, match=r"qa_tr_before_after\.types"):
            recipe.with_settings({"qa_tr_before_after.types": text})


def test_a_question_about_a_segment_names_its_interval() -> None:
    clip = a_clip()
    events = [an_event(61_000 + 1_000 * index, 61_900 + 1_000 * index, f"thing {index}", "moves") for index in range(6)]
    segment = a_narrated_segment(clip, 0, events=events)
    drafts = [*measured("tr_before_after", segment, pairs=2), *measured("tr_event_ordering", segment, pairs=1)]
    assert len(drafts) >= 3
    assert all("between 60 s and 70 s of the video" in draft.question.lower() for draft in drafts)
    assert all((draft.start_ms, draft.end_ms) == (60_000, 70_000) for draft in drafts)


def test_options_are_the_same_whatever_order_the_reply_has_them_in() -> None:
    wrong = ["the tea is stirred by the camera wearer", "the spoon is laid down by the camera wearer", "the red mug is lifted"]
    asked = {
        "type": "Action-Action",
        "relation": "before",
        "anchor": "the drawer is opened by the camera wearer",
        "answer": "the red mug is put on the table by the camera wearer",
    }
    replies = [{"pairs": [{**asked, "distractors": order}] * 2} for order in (wrong, wrong[::-1])]
    drafts = [drafted("tr_before_after", KITCHEN, reply) for reply in replies]
    assert drafts[0] == drafts[1]
    assert len(drafts[0]) == 1


def clip_of_events(*windows: tuple[int, int]) -> DiverseClip:
    clip = a_clip()
    events = [an_event(start, end, f"thing {index}", "moves") for index, (start, end) in enumerate(windows)]
    return a_narrated_clip(clip, a_narrated_segment(clip, 0, events=events))


def test_order_needs_enough_events() -> None:
    five = [(61_000 + 1_000 * index, 61_900 + 1_000 * index) for index in range(5)]
    assert not isinstance(prepared("tr_before_after", clip_of_events(*five)), Drop)
    assert prepared("tr_before_after", clip_of_events(*five[:4])).reason == "too_few_events"
    assert not isinstance(prepared("tr_event_ordering", clip_of_events(*five[:4])), Drop)
    assert prepared("tr_event_ordering", clip_of_events(*five[:3])).reason == "too_few_events"


@pytest.mark.parametrize("task", ["tr_before_after", "tr_event_ordering"])
def test_events_that_overlap_have_no_order(task: str) -> None:
    dropped = prepared(task, clip_of_events(*[(61_000, 65_000 + index) for index in range(6)]))
    assert isinstance(dropped, Drop)
    assert dropped.reason == "too_few_events"


def test_an_event_that_recurs_is_asked_about_only_where_order_holds_for_every_time() -> None:
    clip = a_clip()
    ball = [an_event(61_000, 62_000, "ball", "rolls"), an_event(68_000, 69_000, "ball", "rolls")]
    others = [an_event(63_000 + 1_000 * index, 63_900 + 1_000 * index, f"thing {index}", "moves") for index in range(4)]
    dropped = prepared(
        "tr_before_after", a_narrated_clip(clip, a_narrated_segment(clip, 0, events=[*ball, *others])), types="Action-Action"
    )
    assert isinstance(dropped, Drop)


def test_an_event_has_happened_whenever_something_says_all_that_it_says() -> None:
    clip = a_clip()
    events = [an_event(61_000, 62_000, "ball", "rolls"), an_event(68_000, 69_000, "red ball", "rolls away")]
    found = timeline([a_narrated_segment(clip, 0, events=events)])
    assert [(each.text, each.start_ms, each.end_ms) for each in found] == [
        ("the ball rolls", 61_000, 69_000),
        ("the red ball rolls away", 68_000, 69_000),
    ]


def test_a_sound_is_named_by_its_source_and_without_one_where_only_that_tells_it_apart() -> None:
    clip = a_clip()
    sounds = [
        a_sound(61_000, 61_500, "impact sound", "red ball"),
        a_sound(63_000, 63_500, "impact sound"),
        a_sound(65_000, 65_500, "speech-like sound"),
        a_sound(67_000, 67_500, "dog barking", "dog"),
    ]
    heard = timeline([a_narrated_segment(clip, 0, sounds=sounds)], "Sound")
    assert [each.text for each in heard] == [
        "impact sound of the red ball",
        "impact sound from an unseen source",
        "speech-like sound",
        "dog barking",
    ]


def test_an_object_is_busy_while_it_sounds_but_only_what_is_acted_on_is_an_object() -> None:
    clip = a_clip()
    segment = a_narrated_segment(
        clip,
        0,
        events=[an_event(61_000, 62_000, "phone", "is laid down")],
        sounds=[a_sound(65_000, 66_000, "ringing", "phone"), a_sound(67_000, 68_000, "barking", "dog")],
    )
    (phone,) = timeline([segment], "Object")
    assert (phone.text, phone.start_ms, phone.end_ms, len(phone.times)) == ("the phone", 61_000, 66_000, 1)


def test_an_event_of_four_brings_what_was_heard_and_seen_with_it_unless_it_recurs() -> None:
    clip = a_clip()
    events = [an_event(61_000, 62_000, "red ball", "rolls"), an_event(63_000, 64_000, "blue box", "falls")]
    sounds = [a_sound(63_900, 64_200, "thud", "blue box"), a_sound(61_100, 61_500, "rumble", "red ball")]
    first = a_narrated_segment(clip, 0, events=events, sounds=sounds, objects=["lamp"])
    again = a_narrated_segment(clip, 1, events=[an_event(71_000, 72_000, "red ball", "rolls")])
    assert [each.text for each in moments([first, again])] == ["the red ball rolls", "the blue box falls (heard: thud; in view: lamp)"]


def test_orderings_ask_for_first_and_last_by_turns_about_other_events() -> None:
    drafts = measured("tr_event_ordering", WORKSHOP, pairs=4)
    assert Counter(draft.variant for draft in drafts) == {"first": 2, "last": 2}
    assert len({frozenset(draft.options) for draft in drafts}) == len({draft.answer for draft in drafts}) == 4
    assert [broken_rules("tr_event_ordering", WORKSHOP, draft) for draft in drafts] == [[]] * 4


def test_an_ordering_that_repeats_the_same_four_events_is_left_out() -> None:
    four = [each.text for each in moments(WORKSHOP.segments)][:4]
    asked = [{"place": "first", "events": four, "answer": four[0]}, {"place": "last", "events": four[::-1], "answer": four[3]}]
    assert [draft.variant for draft in drafted("tr_event_ordering", WORKSHOP, {"pairs": asked}, pairs=2)] == ["first"]
