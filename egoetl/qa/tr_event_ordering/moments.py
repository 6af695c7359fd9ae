"""Events as options name them: what happened, and in brackets what was heard with it and what else was in view."""

from collections.abc import Iterable, Sequence

from egoetl.algorithms.wording import normalised
from egoetl.core.items import NarratedSegment
from egoetl.core.records import GroundedSound, Interaction
from egoetl.qa.timeline import Event, timeline
from egoetl.qa.tr_event_ordering.schema import Place

OTHERS = 3
MOST_HEARD, MOST_IN_VIEW = 2, 3


def moments(segments: Iterable[NarratedSegment]) -> tuple[Event, ...]:
    """The distinct actions by start, each with its sounds and surroundings where it happened only once."""
    segments = tuple(segments)
    return tuple(event.model_copy(update={"text": event.text + _with_it(event, segments)}) for event in timeline(segments))


def placed(events: Sequence[Event], place: Place) -> tuple[tuple[Event, tuple[Event, ...]], ...]:
    """The events that end before at least three others begin (or begin after they have ended), each with those others."""
    beyond = ((event, tuple(each for each in events if _comes(event, each, place))) for event in events)
    return tuple((event, others) for event, others in beyond if len(others) >= OTHERS)


def _comes(event: Event, other: Event, place: Place) -> bool:
    return event.end_ms <= other.start_ms if place == "first" else event.start_ms >= other.end_ms


def _with_it(event: Event, segments: Sequence[NarratedSegment]) -> str:
    for segment in segments:
        for each in segment.graph.interacted_objects:
            # The window of an event that happened again, or over a border, is none of its own.
            if normalised(each.text) == normalised(event.text) and (each.start_ms, each.end_ms) == (event.start_ms, event.end_ms):
                heard = dict.fromkeys(sound.sound for sound in segment.graph.sounds if _belongs(sound, each))
                said = [f"heard: {', '.join(list(heard)[:MOST_HEARD])}"] if heard else []
                in_view = segment.graph.non_interacted_objects[:MOST_IN_VIEW]
                said += [f"in view: {', '.join(in_view)}"] if in_view else []
                return f" ({'; '.join(said)})" if said else ""
    return ""


def _belongs(sound: GroundedSound, event: Interaction) -> bool:
    """Whether the sound comes from who or what acts, while it acts."""
    sources = (normalised(event.object), normalised(event.actor or event.object))
    together = sound.start_ms < event.end_ms and event.start_ms < sound.end_ms
    return sound.source is not None and normalised(sound.source) in sources and together
