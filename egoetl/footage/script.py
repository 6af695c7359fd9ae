"""A video as data: which things move when, where the camera looks, and what is heard.

Lengths are in view widths, positions in the world that the camera pans over: x grows to the right, 0 is where
the camera starts, and the four lanes lie one below the other. Times are milliseconds of the video.
"""

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

Colour = Literal["red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink"]
Shape = Literal["ball", "box"]
Side = Literal["left", "right"]
SoundClass = Literal["impact", "tonal", "noise", "speech-like"]
Surface = Literal["wood", "tile", "carpet", "concrete"]

LANES = (-0.18, -0.06, 0.06, 0.18)
FRONT_LANE = len(LANES) - 1
NTSC = Fraction(30_000, 1001)


@dataclass(frozen=True)
class Voice:
    """What one sound is like. `level_dbfs` is the peak; `pitch_hz` the fundamental where there is one."""

    sound: SoundClass
    ms: int
    level_dbfs: float
    pitch_hz: float = 0.0


def impact(level_dbfs: float = -4.0) -> Voice:
    """A knock."""
    return Voice("impact", 260, level_dbfs)


def tone(pitch_hz: float = 880.0, ms: int = 700) -> Voice:
    """A beep."""
    return Voice("tonal", ms, -12.0, pitch_hz)


def burst(ms: int = 1000) -> Voice:
    """A rush of broadband noise: a tap, a vacuum cleaner."""
    return Voice("noise", ms, -8.0)


def speech(ms: int = 1800, pitch_hz: float = 130.0) -> Voice:
    """Syllables without words."""
    return Voice("speech-like", ms, -8.0, pitch_hz)


def hum(ms: int) -> Voice:
    """A soft hum of the mains."""
    return Voice("tonal", ms, -42.0, 100.0)


@dataclass(frozen=True)
class Stray:
    """A sound that nothing in view causes."""

    at_ms: int
    voice: Voice


@dataclass(frozen=True)
class Move:
    """A stretch of a thing's own motion. `to` is the x it ends at, the lane, or the side it enters or leaves by."""

    kind: Literal["enter", "slide", "shift", "leave"]
    at_ms: int
    ms: int
    to: float = 0.0
    side: Side = "left"
    sound: Voice | None = None
    by_hand: bool = False

    @property
    def end_ms(self) -> int:
        """When the thing rests again, or is gone."""
        return self.at_ms + self.ms


def enters(at_ms: int, side: Side, x: float, *, ms: int = 1400, sound: Voice | None = None, by_hand: bool = False) -> Move:
    """Come in from a side and stop at `x`."""
    return Move("enter", at_ms, ms, x, side, sound, by_hand)


def slides(at_ms: int, x: float, *, ms: int = 1200, sound: Voice | None = None, by_hand: bool = False) -> Move:
    """Move sideways to `x`."""
    return Move("slide", at_ms, ms, x, sound=sound, by_hand=by_hand)


def shifts(at_ms: int, lane: int, *, ms: int = 800, sound: Voice | None = None) -> Move:
    """Move up or down to another lane."""
    return Move("shift", at_ms, ms, lane, sound=sound)


def leaves(at_ms: int, side: Side, *, ms: int = 1200, sound: Voice | None = None, by_hand: bool = False) -> Move:
    """Move out of the view by a side."""
    return Move("leave", at_ms, ms, side=side, sound=sound, by_hand=by_hand)


@dataclass(frozen=True)
class Thing:
    """A coloured object with a label on it. It is there from the start if `x` is given, else it enters first."""

    colour: Colour
    shape: Shape
    label: str
    lane: int
    x: float | None = None
    size: float = 0.095
    moves: tuple[Move, ...] = ()

    def does(self, *moves: Move) -> "Thing":
        """The same thing with these moves, in time order."""
        return replace(self, moves=moves)

    @property
    def name(self) -> str:
        """What people call it: `red ball`."""
        return f"{self.colour} {self.shape}"


@dataclass(frozen=True)
class Pan:
    """The head turns: the view's centre moves by `by` view widths."""

    at_ms: int
    ms: int
    by: float


@dataclass(frozen=True)
class Script:
    """One video, whole: everything that its bytes and its truth depend on."""

    name: str
    split: Literal["train", "test"]
    length_ms: int
    """Where the manifest ends the last row; the picture goes on to the end of its last frame."""
    surface: Surface
    things: tuple[Thing, ...]
    rate: Fraction = Fraction(30)
    size: tuple[int, int] = (480, 270)
    pans: tuple[Pan, ...] = ()
    strays: tuple[Stray, ...] = ()
    sound_hz: int | None = 48_000
    walk: float = 1.0
    """How much the view bobs, 1 being a slow walk."""
    cuts_ms: tuple[int, ...] = ()
    """Where the manifest cuts the video into several rows."""

    @property
    def frames(self) -> int:
        """How many pictures there are."""
        return math.ceil(self.length_ms * self.rate / 1000)

    @property
    def duration_ms(self) -> int:
        """Length of the picture in whole milliseconds."""
        return int(self.frames * 1000 / self.rate)

    @property
    def seed(self) -> int:
        """Chooses the texture and the noise; different for every video."""
        return int.from_bytes(self.name.encode()[:6], "big")
