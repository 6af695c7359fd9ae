"""What happened in a clip, in order, recomputed from its context graphs: actions, objects that they concern, sounds."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from egoetl.algorithms.wording import content_stems, mentions, normalised
from egoetl.core.items import NarratedSegment
from egoetl.core.records import GroundedSound, Window
from egoetl.qa.soundscape import of_source

Kind = Literal["Action", "Object", "Sound"]
Relation = Literal["before", "after"]
RELATIONS: tuple[Relation, ...] = ("before", "after")
Said = tuple[frozenset[str], "Event"]
"""What a text is about, and when that happened."""


class Event(Window):
    """Something that happened, in words. The window spans every time it happened, so order holds for all of them.

    `times` are those times one by one.
    """

    text: str
    times: tuple[Window, ...] = ()


def happened(segment: NarratedSegment) -> bool:
    """Whether anything was done or heard in a segment."""
    return bool(segment.graph.interacted_objects or segment.graph.sounds)


def timeline(segments: Iterable[NarratedSegment], kind: Kind = "Action") -> tuple[Event, ...]:
    """The distinct events of a kind, by start. What reaches over a segment's border is one event.

    An event has happened whenever something did that says all that it says: `the ball moves` also with `the red ball
    moves left`.
    """
    segments = tuple(segments)
    done = [(content_stems(each.text), each) for each in _OCCURRENCES[kind](segments)]
    # An object is busy too while it sounds, but what only sounds is no object of an action.
    besides = [(content_stems(each.text), each) for each in _sounding(segments)] if kind == "Object" else []
    texts = {normalised(each.text): each.text for _, each in reversed(done)}
    return tuple(
        sorted((_event(text, done, besides) for text in texts.values()), key=lambda event: (event.start_ms, event.end_ms, event.text))
    )


def sides(events: Sequence[Event], anchor: Event, relation: Relation, *, once: bool = False) -> tuple[tuple[Event, ...], tuple[Event, ...]]:
    """The events that stand in `relation` to the anchor, and those on its other side. What overlaps it is in neither.

    Each does so every time that it happened; with `once` it is enough for those of the asked side that they do so once.
    """
    before, after = ([event for event in events if _stands(event, anchor, each)] for each in RELATIONS)
    right, wrong = (before, after) if relation == "before" else (after, before)
    if once:
        right = [event for event in events if _stands_once(event, anchor, relation)]
    return tuple(right), tuple(wrong)


def anchors(events: Sequence[Event], options: Sequence[Event], relation: Relation, *, wrong: int, once: bool = False) -> tuple[Event, ...]:
    """The events to which an option stands in `relation` and at least `wrong` others on the other side."""
    sided = ((event, *sides(options, event, relation, once=once)) for event in events)
    return tuple(event for event, right, others in sided if right and len(others) >= wrong)


def apart(one: Window, other: Window) -> int:
    """Milliseconds between two windows; 0 where they meet or overlap."""
    return max(one.start_ms - other.end_ms, other.start_ms - one.end_ms, 0)


def _stands(one: Window, other: Window, relation: Relation) -> bool:
    return one.end_ms <= other.start_ms if relation == "before" else one.start_ms >= other.end_ms


def _stands_once(event: Event, anchor: Event, relation: Relation) -> bool:
    """Never at the same time, and on the asked side at least once."""
    clear = all(any(_stands(time, anchor, each) for each in RELATIONS) for time in event.times)
    return clear and any(_stands(time, anchor, relation) for time in event.times)


def _event(text: str, done: Iterable[Said], besides: Iterable[Said]) -> Event:
    wanted = content_stems(text)
    times = [each for stems, each in done if wanted <= stems]
    busy = [*times, *(each for stems, each in besides if wanted <= stems)]
    return Event(text=text, times=tuple(times), start_ms=min(each.start_ms for each in busy), end_ms=max(each.end_ms for each in busy))


def _actions(segments: Sequence[NarratedSegment]) -> Iterator[Event]:
    for segment in segments:
        for each in segment.graph.interacted_objects:
            yield Event(text=each.text, start_ms=each.start_ms, end_ms=each.end_ms)


def _objects(segments: Sequence[NarratedSegment]) -> Iterator[Event]:
    for segment in segments:
        for each in segment.graph.interacted_objects:
            yield Event(text=_the(each.object), start_ms=each.start_ms, end_ms=each.end_ms)


def _sounding(segments: Sequence[NarratedSegment]) -> Iterator[Event]:
    for segment in segments:
        for each in segment.graph.sounds:
            if each.source:
                yield Event(text=_the(each.source), start_ms=each.start_ms, end_ms=each.end_ms)


def _sounds(segments: Sequence[NarratedSegment]) -> Iterator[Event]:
    """Sounds by their sources. Where the same sound has none, and elsewhere one, its name says so."""
    sourced = {normalised(each.sound) for segment in segments for each in segment.graph.sounds if each.source}
    for segment in segments:
        for each in segment.graph.sounds:
            yield Event(text=_heard(each, sourced), start_ms=each.start_ms, end_ms=each.end_ms)


def _heard(sound: GroundedSound, sourced: set[str]) -> str:
    if sound.source is None:
        return f"{sound.sound} from an unseen source" if normalised(sound.sound) in sourced else sound.sound
    return sound.sound if mentions(sound.sound, sound.source) else of_source(sound.sound, sound.source)


def _the(name: str) -> str:
    first, _, rest = name.partition(" ")
    return f"the {rest if first.casefold() in ('a', 'an', 'the') and rest else name}"


_OCCURRENCES = {"Action": _actions, "Object": _objects, "Sound": _sounds}
