"""Multiple-choice questions on which of four events happened first, or last."""

from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import Field

from egoetl.algorithms.shuffling import shuffled
from egoetl.algorithms.timecodes import seconds
from egoetl.algorithms.wording import normalised, words
from egoetl.core.items import DraftedPair
from egoetl.core.prompt import Prompt
from egoetl.core.records import Drop
from egoetl.qa.rules import ANSWER_IS_AN_OPTION, OPTIONS_DIFFER, STRETCH_IS_NAMED
from egoetl.qa.scope import Scope, within
from egoetl.qa.task import MOST_PAIRS, Draft, PairsParams, QATask, Rule
from egoetl.qa.timeline import Event
from egoetl.qa.tr_event_ordering.moments import OTHERS, moments, placed
from egoetl.qa.tr_event_ordering.schema import OrderingQuestion, Place, TrEventOrderingReply

PLACES: tuple[Place, ...] = get_args(Place)
QUESTIONS = (
    "Which of these events happens {place} {where}?",
    "Of these four events {where}, which one comes {place}?",
    "Four things happen {where}. Which one is {place}?",
)


class TrEventOrderingSegmentParams(PairsParams):
    """`pairs`: questions about each segment."""

    pairs: Annotated[int, Field(ge=0, le=MOST_PAIRS)] = 0


def _prepare(scope: Scope, params: PairsParams) -> dict[str, Any] | Drop:
    events = moments(scope.segments)
    answers: dict[Place, int] = {place: len(placed(events, place)) for place in PLACES}
    if not any(answers.values()):
        return Drop(reason="too_few_events", detail=f"{len(events)} distinct events, and never three that all come before or after another")
    places = _turns(scope, answers, params.pairs)
    listed = [{"start": seconds(each.start_ms), "end": seconds(each.end_ms), "text": each.text} for each in events]
    return {"pairs": len(places), "places": places, "events": listed}


def _turns(scope: Scope, answers: dict[Place, int], pairs: int) -> tuple[Place, ...]:
    """First and last by turns, as often as there is another answer."""
    left, turns = dict(answers), list[Place]()
    order: tuple[Place, ...] = shuffled(PLACES, scope.scope_id)
    # Twice as many turns as pairs: where one has no more, the other goes on.
    for turn in range(2 * pairs):
        place = order[turn % len(order)]
        if left[place] and len(turns) < pairs:
            left[place] -= 1
            turns.append(place)
    return tuple(turns)


def _drafts(scope: Scope, params: PairsParams, reply: TrEventOrderingReply) -> tuple[Draft, ...]:
    """The questions on different events."""
    given: dict[frozenset[str], OrderingQuestion] = {}
    for each in reply.pairs:
        given.setdefault(frozenset(map(normalised, each.events)), each)
    return tuple(_draft(scope, each) for each in tuple(given.values())[: params.pairs])


def _draft(scope: Scope, asked: OrderingQuestion) -> Draft:
    seed = f"{scope.scope_id}:{asked.place}:{asked.answer}"
    named = {normalised(each) for each in asked.events}
    return Draft(
        start_ms=scope.start_ms,
        end_ms=scope.end_ms,
        question=shuffled(QUESTIONS, seed)[0].format(place=asked.place, where=scope.where),
        answer=asked.answer,
        variant=asked.place,
        options=shuffled(asked.events, seed),
        evidence=scope.touched_by(each for each in moments(scope.segments) if normalised(each.text) in named),
    )


def _known(item: DraftedPair) -> dict[str, Event]:
    return {normalised(event.text): event for event in moments(within(item))}


def _place_is_asked_for(item: DraftedPair) -> bool:
    return [word for word in words(item.pair.question) if word in PLACES] == [item.pair.variant]


def _four_options(item: DraftedPair) -> bool:
    return len(item.pair.options) == OTHERS + 1


def _events_are_known(item: DraftedPair) -> bool:
    return {normalised(option) for option in item.pair.options} <= _known(item).keys()


def _order_is_true(item: DraftedPair) -> bool:
    """The answer is over before every other option begins, or begins after every other one is over, each time that it happened."""
    pair, known = item.pair, _known(item)
    answer = known.get(normalised(pair.answer))
    if answer is None or pair.variant not in PLACES:
        return True
    others = [known.get(normalised(option)) for option in pair.options if option != pair.answer]
    if pair.variant == "first":
        return all(each is None or answer.end_ms <= each.start_ms for each in others)
    return all(each is None or answer.start_ms >= each.end_ms for each in others)


TR_EVENT_ORDERING = QATask(
    name="tr_event_ordering",
    version=1,
    asked={"clip": PairsParams, "segment": TrEventOrderingSegmentParams},
    prompt=Prompt.load(Path(__file__).with_name("prompt.md"), "qa_tr_event_ordering"),
    schema=TrEventOrderingReply,
    prepare=_prepare,
    drafts=_drafts,
    rules=(
        Rule("place_not_asked", _place_is_asked_for),
        STRETCH_IS_NAMED,
        Rule("options_not_four", _four_options),
        OPTIONS_DIFFER,
        ANSWER_IS_AN_OPTION,
        Rule("event_unknown", _events_are_known),
        Rule("order_untrue", _order_is_true),
    ),
)
