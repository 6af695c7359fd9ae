"""Plain facts: what a build said of a video and what is true of it, in one shape."""

from collections.abc import Iterator
from typing import Literal, get_args

from egoetl.core.records import Window
from egoetl.footage.script import Colour, SoundClass
from egoetl.footage.truth import VideoTruth

WINDOW_MS = 10_000
"""Builds look at windows of this length, one at a time."""
LEAST_MS = 500
"""A shorter rest of something that goes on over a window's edge is nothing that anybody must notice."""

FactKind = Literal["object", "event", "sound", "link"]


class Fact(Window):
    """One fact of a video.

    `object`: `name` is in view in this window. `event`: `name` does `action`. `sound`: `sound` is heard.
    `link`: `sound` is heard, and `name` makes it by what it does. `sound` is a class or any words that tell it.
    """

    kind: FactKind
    name: str = ""
    action: str = ""
    sound: str = ""

    @property
    def colour(self) -> Colour | None:
        """The colour that the name tells."""
        return next((colour for colour in get_args(Colour) if colour in self.name.split()), None)

    @property
    def sound_class(self) -> SoundClass | None:
        """The class that the sound's words tell: that of the first telling word."""
        found: list[tuple[int, SoundClass]] = [(self.sound.find(word), each) for each, word in _WORDS.items() if word in self.sound]
        return min(found)[1] if found else None


_WORDS: dict[SoundClass, str] = {"impact": "impact", "tonal": "tonal", "noise": "noise", "speech-like": "speech"}


def facts_of(video: VideoTruth) -> list[Fact]:
    """Everything that is true of a video and that a build could say, window by window."""
    objects = [
        Fact(kind="object", name=each.name, start_ms=part.start_ms, end_ms=part.end_ms)
        for each in video.objects
        for stretch in each.visible
        for part in _parts(stretch)
    ]
    events = [
        Fact(kind="event", name=each.object, action=each.action, start_ms=part.start_ms, end_ms=part.end_ms)
        for each in video.events
        for part in _parts(each)
    ]
    sounds = [
        Fact(kind="sound", sound=each.sound, start_ms=part.start_ms, end_ms=part.end_ms) for each in video.sounds for part in _parts(each)
    ]
    links = [
        Fact(kind="link", sound=each.sound, name=video.events[each.caused_by].object, start_ms=each.start_ms, end_ms=each.end_ms)
        for each in video.sounds
        if each.caused_by is not None
    ]
    return objects + events + sounds + links


def _parts(whole: Window) -> Iterator[Window]:
    """What goes on over the edge of a window, as seen from each window: long enough parts, or else the first one."""
    first = whole.start_ms // WINDOW_MS
    edges = range(first * WINDOW_MS, whole.end_ms, WINDOW_MS)
    parts = [Window(start_ms=max(whole.start_ms, edge), end_ms=min(whole.end_ms, edge + WINDOW_MS)) for edge in edges]
    long_enough = [part for part in parts if part.duration_ms >= LEAST_MS]
    yield from long_enough or parts[:1]
