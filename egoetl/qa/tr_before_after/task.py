"""Multiple-choice questions on what came before an action, and what after one: actions, objects and sounds."""

from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, Field

from egoetl.algorithms.phrasing import capitalised
from egoetl.algorithms.shuffling import shuffled
from egoetl.algorithms.timecodes import seconds
from egoetl.algorithms.wording import normalised
from egoetl.core.items import DraftedPair
from egoetl.core.prompt import Prompt
from egoetl.core.records import Drop
from egoetl.qa.rules import ANSWER_IS_AN_OPTION, OPTIONS_DIFFER, STRETCH_IS_NAMED, SUBJECT_IS_ASKED_ABOUT
from egoetl.qa.scope import Scope, within
from egoetl.qa.task import MOST_PAIRS, Draft, PairsParams, QATask, Rule
from egoetl.qa.timeline import Event, Kind, Relation, sides, timeline
from egoetl.qa.tr_before_after.asking import DISTRACTORS, Asked, asked_of, holds_once, kind_of, options_of
from egoetl.qa.tr_before_after.schema import TYPES, OrderQuestion, TrBeforeAfterReply, Type

QUESTIONS: dict[Asked, tuple[str, ...]] = {
    ("Action-Action", "before"): (
        "{where}, which of these happens before {anchor}?",
        "{where}, which of these is already over when {anchor}?",
    ),
    ("Action-Action", "after"): ("{where}, which of these happens after {anchor}?", "{where}, which of these begins only after {anchor}?"),
    ("Action-Object", "before"): (
        "{where}, which of these is moved or used before {anchor}?",
        "{where}, with which of these does something happen before {anchor}?",
    ),
    ("Action-Object", "after"): (
        "{where}, which of these is moved or used after {anchor}?",
        "{where}, with which of these does something happen after {anchor}?",
    ),
    ("Action-Sound", "before"): (
        "{where}, which of these sounds can be heard before {anchor}?",
        "{where}, which of these sounds has already ended when {anchor}?",
    ),
    ("Action-Sound", "after"): (
        "{where}, which of these sounds can be heard after {anchor}?",
        "{where}, which of these sounds begins only after {anchor}?",
    ),
}
VARIANTS: dict[str | None, Asked] = {f"{kind} {relation}": (kind, relation) for kind, relation in QUESTIONS}


def _in_order(types: Any) -> Any:
    """Types as a list or as one text, `Action-Action,Action-Sound`; each once and always in the same order."""
    named = [each.strip() for each in types.split(",")] if isinstance(types, str) else list(types)
    return sorted(set(named), key=lambda each: TYPES.index(each) if each in TYPES else len(TYPES))


class TrBeforeAfterParams(PairsParams):
    """`pairs`: questions of each type about each clip, by turns on what came before an action and what after; `types`: which types."""

    pairs: Annotated[int, Field(ge=0, le=MOST_PAIRS)] = 2
    types: Annotated[tuple[Type, ...], BeforeValidator(_in_order), Field(min_length=1)] = TYPES


class TrBeforeAfterSegmentParams(TrBeforeAfterParams):
    """`pairs`: questions of each type about each segment; `types`: which types."""

    pairs: Annotated[int, Field(ge=0, le=MOST_PAIRS)] = 0


def _prepare(scope: Scope, params: TrBeforeAfterParams) -> dict[str, Any] | Drop:
    asked = asked_of(scope, params.types, params.pairs)
    if not asked:
        events = len(timeline(scope.segments))
        return Drop(reason="too_few_events", detail=f"{events} distinct actions, and never enough before and after one of them")
    kinds: dict[Kind, None] = {"Action": None, **{kind_of(kind): None for kind, _ in asked}}
    return {
        "pairs": asked.total(),
        "asked": [{"type": kind, "relation": relation, "count": count} for (kind, relation), count in asked.items()],
        "listed": {each: [_listed(event) for event in timeline(scope.segments, each)] for each in kinds},
    }


def _listed(event: Event) -> dict[str, str]:
    return {"start": seconds(event.start_ms), "end": seconds(event.end_ms), "text": event.text}


def _drafts(scope: Scope, params: TrBeforeAfterParams, reply: TrBeforeAfterReply) -> tuple[Draft, ...]:
    """Of each type and relation as many as were asked for; a second question on the same action is none of them."""
    drafts: list[Draft] = []
    for asked, count in asked_of(scope, params.types, params.pairs).items():
        given: dict[str, OrderQuestion] = {}
        for each in reply.pairs:
            if (each.type, each.relation) == asked:
                given.setdefault(normalised(each.anchor), each)
        drafts += [_draft(scope, each) for each in tuple(given.values())[:count]]
    return tuple(drafts)


def _draft(scope: Scope, asked: OrderQuestion) -> Draft:
    seed = f"{scope.scope_id}:{asked.type}:{asked.relation}:{asked.anchor}"
    template = shuffled(QUESTIONS[asked.type, asked.relation], seed)[0]
    return Draft(
        start_ms=scope.start_ms,
        end_ms=scope.end_ms,
        question=capitalised(template.format(where=scope.where, anchor=asked.anchor)),
        answer=asked.answer,
        variant=f"{asked.type} {asked.relation}",
        about=asked.anchor,
        options=shuffled((asked.answer, *asked.distractors), seed),
        evidence=_evidence(scope, asked),
    )


def _evidence(scope: Scope, asked: OrderQuestion) -> tuple[str, ...]:
    """The segments that anything touches which the question names."""
    named = {normalised(text) for text in (asked.anchor, asked.answer, *asked.distractors)}
    events = (*timeline(scope.segments), *timeline(scope.segments, kind_of(asked.type)))
    return scope.touched_by(event for event in events if normalised(event.text) in named)


class _Known(NamedTuple):
    """What a pair of that type and relation may name, by its words."""

    type: Type
    relation: Relation
    actions: dict[str, Event]
    options: dict[str, Event]


def _known(item: DraftedPair) -> _Known | None:
    """None for a pair of no type."""
    asked = VARIANTS.get(item.pair.variant)
    if asked is None:
        return None
    segments = within(item)
    actions = timeline(segments)
    options = options_of(asked[0], actions, segments)
    return _Known(*asked, {normalised(event.text): event for event in actions}, {normalised(event.text): event for event in options})


def _type_is_known(item: DraftedPair) -> bool:
    return item.pair.variant in VARIANTS


def _four_options(item: DraftedPair) -> bool:
    return len(item.pair.options) == DISTRACTORS + 1


def _events_are_known(item: DraftedPair) -> bool:
    known = _known(item)
    if known is None:
        return True
    return normalised(item.pair.about or "") in known.actions and all(normalised(each) in known.options for each in item.pair.options)


def _order_is_true(item: DraftedPair) -> bool:
    """The answer lies on the asked side of the anchor each time (an object once), and every other option on the other one."""
    pair, known = item.pair, _known(item)
    anchor = known and known.actions.get(normalised(pair.about or ""))
    if known is None or anchor is None:
        return True
    right, wrong = sides(tuple(known.options.values()), anchor, known.relation, once=holds_once(known.type))
    answer = known.options.get(normalised(pair.answer))
    others = [known.options.get(normalised(option)) for option in pair.options if option != pair.answer]
    return (answer is None or answer in right) and all(each is None or each in wrong for each in others)


TR_BEFORE_AFTER = QATask(
    name="tr_before_after",
    version=2,
    asked={"clip": TrBeforeAfterParams, "segment": TrBeforeAfterSegmentParams},
    prompt=Prompt.load(Path(__file__).with_name("prompt.md"), "qa_tr_before_after"),
    schema=TrBeforeAfterReply,
    prepare=_prepare,
    drafts=_drafts,
    rules=(
        Rule("type_unknown", _type_is_known),
        SUBJECT_IS_ASKED_ABOUT,
        STRETCH_IS_NAMED,
        Rule("options_not_four", _four_options),
        OPTIONS_DIFFER,
        ANSWER_IS_AN_OPTION,
        Rule("event_unknown", _events_are_known),
        Rule("order_untrue", _order_is_true),
    ),
)
