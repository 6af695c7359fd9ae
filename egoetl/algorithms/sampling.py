"""The instants at which a window is looked at."""

from itertools import count, takewhile


def sampling_grid(start_ms: int, end_ms: int, frames_per_second: float) -> tuple[int, ...]:
    """The instants start, start + 1/rate, ... below `end_ms`, each rounded to a millisecond.

    Each is computed from its own index, so a rate such as 29.97 does not drift over a long window.
    """
    instants = (start_ms + round(index * 1000 / frames_per_second) for index in count())
    return tuple(takewhile(lambda instant: instant < end_ms, instants))
