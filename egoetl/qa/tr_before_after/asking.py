"""Which questions a stretch's evidence bears: of each type so many on what came before an action, and so many on what came after."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import cast

from egoetl.algorithms.shuffling import shuffled
from egoetl.core.items import NarratedSegment
from egoetl.qa.scope import Scope
from egoetl.qa.timeline import RELATIONS, Event, Kind, Relation, anchors, timeline
from egoetl.qa.tr_before_after.schema import Type

DISTRACTORS = 3
Asked = tuple[Type, Relation]


def kind_of(kind: Type) -> Kind:
    """What the options of a question of that type are."""
    return cast("Kind", kind.removeprefix("Action-"))


def options_of(kind: Type, actions: Sequence[Event], segments: Sequence[NarratedSegment]) -> tuple[Event, ...]:
    """What may be an option of a question of that type."""
    return tuple(actions) if kind == "Action-Action" else timeline(segments, kind_of(kind))


def holds_once(kind: Type) -> bool:
    """Whether a right answer need not lie on the asked side each time.

    Actions and sounds do; an object that was moved before and after an event was moved before it all the same.
    """
    return kind == "Action-Object"


def asked_of(scope: Scope, types: Sequence[Type], pairs: int) -> Counter[Asked]:
    """How many questions to ask: of each type `pairs`, by turns before and after, as long as another action can be named."""
    events = timeline(scope.segments)
    asked = Counter[Asked]()
    for kind in types:
        options = options_of(kind, events, scope.segments)
        left: dict[Relation, int] = {
            each: len(anchors(events, options, each, wrong=DISTRACTORS, once=holds_once(kind))) for each in RELATIONS
        }
        turns = _turns(left, pairs, f"{scope.scope_id}:{kind}")
        asked.update({(kind, relation): turns[relation] for relation in RELATIONS if turns[relation]})
    return asked


def _turns(left: Mapping[Relation, int], pairs: int, seed: str) -> Counter[Relation]:
    order: tuple[Relation, ...] = shuffled(RELATIONS, seed)
    turns = Counter[Relation]()
    # Twice as many turns as pairs: where one relation runs out, the other goes on.
    for turn in range(2 * pairs):
        relation = order[turn % len(order)]
        turns[relation] += turns[relation] < left[relation] and turns.total() < pairs
    return turns
