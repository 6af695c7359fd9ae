"""Which pictures of a segment a model is shown."""

from bisect import bisect_right
from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

from egoetl.algorithms.sampling import sampling_grid
from egoetl.core.errors import ConfigError
from egoetl.core.models import FramePolicy

ROUNDING = 1e-6
"""Rates are equal within this share of them."""


class Choice(NamedTuple):
    """Source times of pictures, and how many of them there are a second."""

    times_ms: tuple[int, ...]
    per_second: float


def chosen_pictures(look: FramePolicy, frame_ms: Sequence[int], frames_per_second: float, end_ms: int) -> Choice:
    """The pictures that `look` shows of a segment.

    The instants are the segment's start, start + 1/fps, ...; each takes the picture that is on screen then. If they are more
    than `max_frames`, every second of them is shown, or every third, and so on: they stay equally far apart, so that the rate
    that a model is told is true.

    Args:
        look: the model's policy.
        frame_ms: rising source times of the segment's pictures, the first at its start.
        frames_per_second: how many of them there are a second.
        end_ms: the segment's end in the source, exclusive.

    Raises:
        ConfigError: `look_outruns_frames` if `look` asks for more pictures than were sampled.
    """
    check_rate(look, frames_per_second)
    instants = sampling_grid(frame_ms[0], end_ms, look.fps)
    stride = ceil(len(instants) / look.max_frames)
    times = (frame_ms[bisect_right(frame_ms, instant) - 1] for instant in instants[::stride])
    return Choice(tuple(times), look.fps / stride)


def check_rate(look: FramePolicy, frames_per_second: float) -> None:
    """Raises ConfigError `look_outruns_frames` if `look` asks for more pictures a second than the stage `frames` samples."""
    if look.fps > frames_per_second * (1 + ROUNDING):
        raise ConfigError(
            f"The model is to be shown {look.fps:g} pictures a second, and the stage frames samples {frames_per_second:g};"
            f" lower `look.fps` in the file of models, or set frames.frames_per_second={look.fps:g}.",
            reason="look_outruns_frames",
        )
