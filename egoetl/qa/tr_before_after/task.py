"""Two multiple-choice questions per clip: what happened before an event, and what after another one."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from egoetl.algorithms.shuffling import shuffled
from egoetl.algorithms.timecodes import seconds
from egoetl.algorithms.wording import normalised
from egoetl.core.items import DraftedPair
from egoetl.core.prompt import Prompt
from egoetl.core.records import Drop
from egoetl.qa.rules import ANSWER_IS_AN_OPTION, OPTIONS_DIFFER, SUBJECT_IS_ASKED_ABOUT
from egoetl.qa.scope import Scope
from egoetl.qa.task import MOST_PAIRS, Draft, PairsParams, QATask, Rule
from egoetl.qa.timeline import Event, Relation, anchors, sides, timeline
from egoetl.qa.tr_before_after.schema import OrderQuestion, TrBeforeAfterReply

DISTRACTORS = 3
# An anchor, the event in question and three on the anchor's other side.
FEWEST_EVENTS = DISTRACTORS + 2
QUESTIONS: dict[Relation, tuple[str, ...]] = {
    "before": ("Which of these is already over when {anchor}?", "What happens earlier in the clip than this: {anchor}?"),
    "after": ("Which of these follows only once this is over: {anchor}?", "What happens later in the clip than this: {anchor}?"),
}


class TrBeforeAfterParams(PairsParams):
    """`pairs`: questions about each clip, by turns on what came before an event and what after."""

    pairs: Annotated[int, Field(ge=0, le=MOST_PAIRS)] = 2


def _prepare(scope: Scope, _params: TrBeforeAfterParams) -> dict[str, Any] | Drop:
    events = timeline(scope.segments)
    if len(events) < FEWEST_EVENTS:
        return Drop(reason="too_few_events", detail=f"{len(events)} distinct events")
    if not all(anchors(events, relation, wrong=DISTRACTORS) for relation in QUESTIONS):
        return Drop(reason="too_few_events", detail=f"too many of the {len(events)} distinct events overlap")
    return {"events": [{"start": seconds(each.start_ms), "end": seconds(each.end_ms), "text": each.text} for each in events]}


def _drafts(scope: Scope, _params: TrBeforeAfterParams, reply: TrBeforeAfterReply) -> tuple[Draft, ...]:
    return tuple(_draft(scope, asked) for asked in reply.pairs)


def _draft(scope: Scope, asked: OrderQuestion) -> Draft:
    seed = f"{scope.scope_id}:{asked.type}:{asked.anchor}"
    named = {normalised(text) for text in (asked.anchor, asked.answer, *asked.distractors)}
    shown = [each for each in scope.segments if named & {normalised(event.text) for event in timeline([each])}]
    return Draft(
        start_ms=scope.start_ms,
        end_ms=scope.end_ms,
        question=shuffled(QUESTIONS[asked.type], seed)[0].format(anchor=asked.anchor),
        answer=asked.answer,
        variant=asked.type,
        about=asked.anchor,
        options=shuffled((asked.answer, *asked.distractors), seed),
        evidence=tuple(each.segment.segment_id for each in shown),
    )


def _known(item: DraftedPair) -> dict[str, Event]:
    return {normalised(event.text): event for event in timeline(item.segments)}


def _four_options(item: DraftedPair) -> bool:
    return len(item.pair.options) == DISTRACTORS + 1


def _events_are_known(item: DraftedPair) -> bool:
    return {normalised(text) for text in (item.pair.about or "", *item.pair.options)} <= _known(item).keys()


def _order_is_true(item: DraftedPair) -> bool:
    """The answer lies on the asked side of the anchor, and every other option on the other one, by the evidence."""
    pair, known = item.pair, _known(item)
    anchor = known.get(normalised(pair.about or ""))
    if anchor is None:
        return True
    right, wrong = sides(tuple(known.values()), anchor, "before" if pair.variant == "before" else "after")
    answer = known.get(normalised(pair.answer))
    others = [known[normalised(option)] for option in pair.options if option != pair.answer and normalised(option) in known]
    return (answer is None or answer in right) and all(each in wrong for each in others)


TR_BEFORE_AFTER = QATask(
    name="tr_before_after",
    version=1,
    asked={"clip": TrBeforeAfterParams},
    prompt=Prompt.load(Path(__file__).with_name("prompt.md"), "qa_tr_before_after"),
    schema=TrBeforeAfterReply,
    prepare=_prepare,
    drafts=_drafts,
    rules=(
        SUBJECT_IS_ASKED_ABOUT,
        Rule("options_not_four", _four_options),
        OPTIONS_DIFFER,
        ANSWER_IS_AN_OPTION,
        Rule("event_unknown", _events_are_known),
        Rule("order_untrue", _order_is_true),
    ),
)
