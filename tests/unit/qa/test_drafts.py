"""What each task needs, asks and makes of a reply; and that the measured engine's answers pass verification."""

from typing import Any

import pytest

from egoetl.core.items import DiverseClip, DiverseSegment, DraftedPair, Item
from egoetl.core.ports import Request, Sampling
from egoetl.core.records import Drop, QAPair
from egoetl.qa.index import TASKS, measured_answers
from egoetl.qa.scope import scope_of
from egoetl.qa.task import Draft, QATask
from egoetl.qa.tr_before_after.task import TrBeforeAfterParams
from egoetl.testing.samples import a_clip, a_kitchen_clip, a_narrated_clip, a_narrated_segment, a_sound, an_event

KITCHEN = a_kitchen_clip()


def measured(name: str, item: Item, **settings: Any) -> tuple[Draft, ...]:
    task: QATask[Any, Any] = TASKS[name]
    scope = scope_of(item)
    params = task.asked[scope.kind](**settings)
    values = task.prepare(scope, params)
    assert not isinstance(values, Drop)
    request = Request(f"qa.{name}", item, (), None, task.schema, Sampling(), {"scope": scope, **values})
    return task.drafts(scope, params, task.schema.model_validate(measured_answers()[f"qa.{name}"](request)))


def prepared(name: str, item: Item, **settings: Any) -> Any:
    task: QATask[Any, Any] = TASKS[name]
    scope = scope_of(item)
    return task.prepare(scope, task.asked[scope.kind](**settings))


def broken_rules(name: str, draft: Draft, evidence: DiverseClip) -> list[str]:
    pair = QAPair(qa_id="qa_x", task=name, **draft.model_dump())
    item = DraftedPair(clip=evidence.clip, pair=pair, segments=evidence.segments)
    return [rule.name for rule in TASKS[name].rules if not rule.holds(item)]


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
    assert [broken_rules("avsn", draft, KITCHEN) for draft in drafts] == [[], [], []]


@pytest.mark.parametrize(
    "evidence", [{"events": [an_event(61_000, 62_000, "mug", "is lifted")]}, {"sounds": [a_sound(61_000, 62_000, "knock")]}]
)
def test_avsn_needs_an_event_or_a_sound(evidence: dict[str, Any]) -> None:
    clip = a_clip()
    quiet = a_narrated_segment(clip)
    assert prepared("avsn", quiet) == Drop(reason="nothing_happened", detail=quiet.segment.segment_id)
    assert not isinstance(prepared("avsn", a_narrated_segment(clip, **evidence)), Drop)


def test_tr_asks_once_before_and_once_after() -> None:
    drafts = measured("tr_before_after", KITCHEN)
    assert [draft.variant for draft in drafts] == ["before", "after"]
    for draft in drafts:
        assert len(draft.options) == 4
        assert draft.answer in draft.options
        assert draft.about is not None
        assert draft.about in draft.question
        assert (draft.start_ms, draft.end_ms) == (60_000, 85_000)
        assert broken_rules("tr_before_after", draft, KITCHEN) == []


def test_tr_options_are_the_same_whatever_order_the_reply_has_them_in() -> None:
    asked = {
        "type": "before",
        "anchor": "the drawer is opened by the camera wearer",
        "answer": "the red mug is put on the table by the camera wearer",
    }
    wrong = ["the tea is stirred by the camera wearer", "the spoon is laid down by the camera wearer", "the red mug is lifted"]
    task = TASKS["tr_before_after"]
    replies = [task.schema.model_validate({"pairs": [{**asked, "distractors": order}] * 2}) for order in (wrong, wrong[::-1])]
    drafts = [task.drafts(scope_of(KITCHEN), TrBeforeAfterParams(), reply)[0] for reply in replies]
    assert drafts[0].options == drafts[1].options


def clip_of_events(*windows: tuple[int, int]) -> DiverseClip:
    clip = a_clip()
    events = [an_event(start, end, f"thing {index}", "moves") for index, (start, end) in enumerate(windows)]
    return a_narrated_clip(clip, a_narrated_segment(clip, 0, events=events))


def test_tr_needs_five_events_in_order() -> None:
    five = [(61_000 + 1_000 * index, 61_900 + 1_000 * index) for index in range(5)]
    assert not isinstance(prepared("tr_before_after", clip_of_events(*five)), Drop)
    assert prepared("tr_before_after", clip_of_events(*five[:4])) == Drop(reason="too_few_events", detail="4 distinct events")


def test_tr_cannot_order_events_that_overlap() -> None:
    dropped = prepared("tr_before_after", clip_of_events(*[(61_000, 65_000 + index) for index in range(6)]))
    assert isinstance(dropped, Drop)
    assert dropped.reason == "too_few_events"


def test_an_event_that_recurs_is_asked_about_only_where_order_holds_for_every_time() -> None:
    clip = a_clip()
    ball = [an_event(61_000, 62_000, "ball", "rolls"), an_event(68_000, 69_000, "ball", "rolls")]
    others = [an_event(63_000 + 1_000 * index, 63_900 + 1_000 * index, f"thing {index}", "moves") for index in range(4)]
    segment: DiverseSegment = a_narrated_segment(clip, 0, events=[*ball, *others])
    dropped = prepared("tr_before_after", a_narrated_clip(clip, segment))
    assert isinstance(dropped, Drop)
