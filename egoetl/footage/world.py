"""Where things and the camera are at any moment of a script."""

import math
from dataclasses import dataclass

from egoetl.footage.script import LANES, Move, Pan, Script, Side, Thing

HALF_VIEW = 0.5
CLEARANCE = 0.02


@dataclass(frozen=True)
class Leg:
    """One move in world coordinates."""

    move: Move
    start: tuple[float, float]
    end: tuple[float, float]

    def at(self, ms: float) -> tuple[float, float]:
        """The position at a time, resting at either end outside the move."""
        share = min(1.0, max(0.0, (ms - self.move.at_ms) / self.move.ms))
        # Pushed at once, slowed by friction: the speed falls from 1.4 to 0.6 of its mean.
        travelled = share * (1.4 - 0.4 * share)
        return (
            self.start[0] + (self.end[0] - self.start[0]) * travelled,
            self.start[1] + (self.end[1] - self.start[1]) * travelled,
        )


def camera_x(pans: tuple[Pan, ...], ms: float) -> float:
    """Where the middle of the view is, without the bobbing of the head."""
    return sum(pan.by * _smooth((ms - pan.at_ms) / pan.ms) for pan in pans)


def _smooth(share: float) -> float:
    share = min(1.0, max(0.0, share))
    return share * share * (3.0 - 2.0 * share)


@dataclass(frozen=True)
class Pose:
    """The camera at one moment: view centre, magnification and roll in radians."""

    x: float
    y: float
    zoom: float
    roll: float


def pose(script: Script, ms: float) -> Pose:
    """The camera with the bobbing of a walking head: two steps a sway, a breath of zoom, a slow drift."""
    step = 2 * math.pi * 1.7 * ms / 1000
    phase = script.seed % 7
    return Pose(
        x=camera_x(script.pans, ms) + script.walk * (0.006 * math.sin(step / 2 + phase) + 0.008 * math.sin(ms / 1900)),
        y=script.walk * (0.008 * math.sin(step) + 0.006 * math.sin(ms / 2700 + phase)),
        zoom=1.0 + script.walk * (0.006 * math.sin(step + 1.0) + 0.012 * math.sin(ms / 4100)),
        roll=script.walk * (0.007 * math.sin(step / 2) + 0.01 * math.sin(ms / 3300 + phase)),
    )


def legs(script: Script, thing: Thing) -> tuple[Leg, ...]:
    """A thing's moves with their positions. A thing enters from, and leaves to, just outside the view of that moment."""
    made: list[Leg] = []
    here = (thing.x or 0.0, LANES[thing.lane])
    for move in thing.moves:
        start = (beside_view(script, move.at_ms, move.side, thing.size), here[1]) if move.kind == "enter" else here
        here = _destination(script, thing, move, start)
        made.append(Leg(move, start, here))
    return tuple(made)


def _destination(script: Script, thing: Thing, move: Move, start: tuple[float, float]) -> tuple[float, float]:
    if move.kind == "shift":
        return start[0], LANES[int(move.to)]
    if move.kind == "leave":
        return beside_view(script, move.end_ms, move.side, thing.size + 2 * CLEARANCE), start[1]
    return move.to, start[1]


def beside_view(script: Script, ms: float, side: Side, size: float) -> float:
    """The x at which a thing of that size touches the view from outside."""
    reach = HALF_VIEW + size / 2
    return camera_x(script.pans, ms) + (reach if side == "right" else -reach)


@dataclass(frozen=True)
class Course:
    """A thing and its legs."""

    thing: Thing
    legs: tuple[Leg, ...]

    def at(self, ms: float) -> tuple[float, float] | None:
        """Where the thing is; None while it is not in the world."""
        leg = self.last_leg(ms)
        if leg is None:
            return None if self.thing.x is None else (self.thing.x, LANES[self.thing.lane])
        gone = leg.move.kind == "leave" and ms >= leg.move.end_ms
        return None if gone else leg.at(ms)

    def last_leg(self, ms: float) -> Leg | None:
        """The move that is under way, or else the one before; None before the first."""
        return next((leg for leg in reversed(self.legs) if leg.move.at_ms <= ms), None)


def courses(script: Script) -> tuple[Course, ...]:
    """All things' courses, in the script's order."""
    return tuple(Course(thing, legs(script, thing)) for thing in script.things)
