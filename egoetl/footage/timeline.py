"""What happens in a script, worked out from its geometry: events, visible intervals, sounds, camera stretches."""

from collections.abc import Callable
from dataclasses import dataclass

from egoetl.core.records import Window
from egoetl.footage.script import Script, Thing, Voice
from egoetl.footage.truth import Action, CameraStretch, TrueEvent, TrueSound
from egoetl.footage.world import HALF_VIEW, Course, Leg, camera_x, courses

CAUSE_DELAY_MS = 20
"""How long after its event begins a caused sound begins."""


@dataclass(frozen=True)
class Placed:
    """A sound at its time."""

    at_ms: int
    voice: Voice
    caused_by: int | None

    @property
    def truth(self) -> TrueSound:
        """The sound as truth tells it."""
        return TrueSound(sound=self.voice.sound, start_ms=self.at_ms, end_ms=self.at_ms + self.voice.ms, caused_by=self.caused_by)


def events(script: Script) -> tuple[TrueEvent, ...]:
    """All events in time order. Crossing the view's border is an event of its own beside the motion that does it."""
    return tuple(event for event, _ in _events_and_voices(script))


def _events_and_voices(script: Script) -> list[tuple[TrueEvent, Voice | None]]:
    """Events with the sounds that they cause: that of a move belongs to the first event that it makes."""
    found = [
        (event, leg.move.sound if first else None)
        for course in courses(script)
        for leg in course.legs
        for first, event in zip((True, False), _events_of(script, course.thing, leg), strict=False)
    ]
    return sorted(found, key=lambda each: (each[0].start_ms, each[0].object, each[0].action))


def _events_of(script: Script, thing: Thing, leg: Leg) -> list[TrueEvent]:
    move = leg.move

    def event(action: Action, start_ms: int, end_ms: int) -> TrueEvent:
        return TrueEvent(object=thing.name, action=action, start_ms=start_ms, end_ms=end_ms, by="hand" if move.by_hand else None)

    moves = event(_direction(leg), move.at_ms, _last_seen(script, thing, leg))
    if move.kind == "enter":
        return [event("enters the view", move.at_ms, _first(leg, lambda ms: _edge(script, thing, leg, ms) <= HALF_VIEW)), moves]
    if move.kind == "leave":
        return [moves, event("leaves the view", _first(leg, lambda ms: _edge(script, thing, leg, ms) > HALF_VIEW), moves.end_ms)]
    return [moves]


def _direction(leg: Leg) -> Action:
    right, down = leg.end[0] - leg.start[0], leg.end[1] - leg.start[1]
    if abs(right) >= abs(down):
        return "moves right" if right > 0 else "moves left"
    return "moves down" if down > 0 else "moves up"


def _edge(script: Script, thing: Thing, leg: Leg, ms: int) -> float:
    """How far the thing's outer edge is from the middle of the view."""
    return abs(leg.at(ms)[0] - camera_x(script.pans, ms)) + thing.size / 2


def _last_seen(script: Script, thing: Thing, leg: Leg) -> int:
    if leg.move.kind != "leave":
        return leg.move.end_ms
    return _first(leg, lambda ms: _edge(script, thing, leg, ms) - thing.size > HALF_VIEW)


def _first(leg: Leg, holds: Callable[[int], bool]) -> int:
    return next((ms for ms in range(leg.move.at_ms + 1, leg.move.end_ms) if holds(ms)), leg.move.end_ms)


def visible(script: Script, course: Course) -> tuple[Window, ...]:
    """When any part of a thing is in view."""
    found: list[Window] = []
    since = None if course.thing.x is None else 0
    for leg in course.legs:
        if leg.move.kind == "enter":
            since = leg.move.at_ms
        elif leg.move.kind == "leave" and since is not None:
            found.append(Window(start_ms=since, end_ms=_last_seen(script, course.thing, leg)))
            since = None
    if since is not None:
        found.append(Window(start_ms=since, end_ms=script.duration_ms))
    return tuple(found)


def sounds(script: Script) -> tuple[Placed, ...]:
    """All sounds in time order, each with its cause; none for a script without sound."""
    if script.sound_hz is None:
        return ()
    caused = [
        Placed(event.start_ms + CAUSE_DELAY_MS, voice, index) for index, (event, voice) in enumerate(_events_and_voices(script)) if voice
    ]
    strays = [Placed(stray.at_ms, stray.voice, None) for stray in script.strays]
    return tuple(sorted(caused + strays, key=lambda each: each.at_ms))


def camera(script: Script) -> tuple[CameraStretch, ...]:
    """The whole video as stretches of one camera motion each."""
    found: list[CameraStretch] = []
    now = 0
    for pan in script.pans:
        if pan.at_ms > now:
            found.append(CameraStretch(motion="still", start_ms=now, end_ms=pan.at_ms))
        now = pan.at_ms + pan.ms
        found.append(CameraStretch(motion="pans right" if pan.by > 0 else "pans left", start_ms=pan.at_ms, end_ms=now))
    if now < script.duration_ms:
        found.append(CameraStretch(motion="still", start_ms=now, end_ms=script.duration_ms))
    return tuple(found)
