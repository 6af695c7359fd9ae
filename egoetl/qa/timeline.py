"""The events of a clip in the order in which they happened, recomputed from its context graphs."""

from collections.abc import Iterable, Sequence
from typing import Literal

from egoetl.algorithms.wording import normalised
from egoetl.core.items import NarratedSegment
from egoetl.core.records import Window

Relation = Literal["before", "after"]


class Event(Window):
    """Something that happened, in words. The window spans every time it happened, so order holds for all of them."""

    text: str


def timeline(segments: Iterable[NarratedSegment]) -> tuple[Event, ...]:
    """The clip's distinct events, by start. An event that reaches over a segment's border is one event."""
    found: dict[str, Event] = {}
    for segment in segments:
        for each in segment.graph.interacted_objects:
            text = each.text
            known = found.get(normalised(text))
            found[normalised(text)] = Event(
                text=known.text if known else text,
                start_ms=min(each.start_ms, known.start_ms) if known else each.start_ms,
                end_ms=max(each.end_ms, known.end_ms) if known else each.end_ms,
            )
    return tuple(sorted(found.values(), key=lambda event: (event.start_ms, event.end_ms, event.text)))


def sides(events: Sequence[Event], anchor: Event, relation: Relation) -> tuple[tuple[Event, ...], tuple[Event, ...]]:
    """The events that stand in `relation` to the anchor, and those on its other side. What overlaps it is in neither."""
    earlier = tuple(event for event in events if event.end_ms <= anchor.start_ms)
    later = tuple(event for event in events if event.start_ms >= anchor.end_ms)
    return (earlier, later) if relation == "before" else (later, earlier)


def anchors(events: Sequence[Event], relation: Relation, *, wrong: int) -> tuple[Event, ...]:
    """The events that have another one in `relation` to them and at least `wrong` on their other side."""
    sided = ((event, *sides(events, event, relation)) for event in events)
    return tuple(event for event, right, others in sided if right and len(others) >= wrong)
