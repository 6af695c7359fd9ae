"""What every QA prompt begins with: all that is known of a scope, each fact once, in the order of time.

All tasks of a clip are told the same in the same words, so that a server which keeps the beginning of a prompt computes it once.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from egoetl.algorithms.timecodes import seconds
from egoetl.algorithms.wording import content_stems, normalised
from egoetl.core.items import NarratedSegment
from egoetl.core.records import GroundedSound, Window
from egoetl.qa.scope import Scope


class Timed(NamedTuple):
    """Something that happened, in seconds of the source video."""

    start: str
    end: str
    text: str


class Part(NamedTuple):
    """A segment: its narration, its three captions, its context graph, and what the captions list besides. Every text is one line."""

    start: str
    end: str
    narration: str
    pictures: str
    sound: str
    view: str
    actions: tuple[Timed, ...]
    sounds: tuple[Timed, ...]
    touched: tuple[str, ...]
    untouched: tuple[str, ...]
    besides: tuple[str, ...]


class Known(NamedTuple):
    """All that is known of a scope."""

    start: str
    end: str
    parts: tuple[Part, ...]


def known_of(scope: Scope) -> Known:
    """The facts of a scope's segments."""
    return Known(seconds(scope.start_ms), seconds(scope.end_ms), tuple(map(_part, scope.segments)))


def _part(segment: NarratedSegment) -> Part:
    graph, captions = segment.graph, segment.captions
    return Part(
        start=seconds(segment.segment.start_ms),
        end=seconds(segment.segment.end_ms),
        narration=_line(segment.narration.av_narration),
        pictures=_line(captions.video_description),
        sound=_line(captions.sound_description),
        view=_line(captions.object_description),
        actions=tuple(_timed(each, each.text) for each in graph.interacted_objects),
        sounds=tuple(_timed(each, _told(each)) for each in graph.sounds),
        touched=_distinct(each.object for each in graph.interacted_objects),
        untouched=_distinct(graph.non_interacted_objects),
        besides=_distinct(_besides(segment)),
    )


def _besides(segment: NarratedSegment) -> Iterator[str]:
    """What the captions list and the context graph does not."""
    graph, captions = segment.graph, segment.captions
    done = [content_stems(f"{each.object} {each.text}") for each in graph.interacted_objects]
    things = {normalised(each) for each in (*(event.object for event in graph.interacted_objects), *graph.non_interacted_objects)}
    heard = {normalised(each.sound) for each in graph.sounds}
    yield from (each for each in captions.objects if normalised(each) not in things)
    seen = (f"{each.object} {each.action}" for each in captions.events)
    yield from (each for each in seen if not any(content_stems(each) <= said for said in done))
    yield from (each.sound for each in captions.sounds if normalised(each.sound) not in heard)


def _told(sound: GroundedSound) -> str:
    """`dull knock; source: red mug; cause: the red mug meets the table`."""
    parts = [sound.sound]
    parts += [f"source: {sound.source}"] if sound.source else []
    parts += [f"cause: {sound.grounding}"] if sound.grounding else []
    return "; ".join(parts)


def _timed(window: Window, text: str) -> Timed:
    return Timed(seconds(window.start_ms), seconds(window.end_ms), _line(text))


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(_line, names)))


def _line(text: str) -> str:
    """A model's text may hold line breaks, which would look like the next fact."""
    return " ".join(text.split())
