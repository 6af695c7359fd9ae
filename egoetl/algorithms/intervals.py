"""Arithmetic of stretches of time, as (start, end) in one unit, half-open.

A stretch that is empty, inverted (its end before its start) or not of finite numbers covers nothing.
"""

from collections.abc import Iterable
from math import fsum, isfinite

Interval = tuple[float, float]


def merged(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """What the intervals cover together: in order, disjoint, those that touch joined into one."""
    joined: list[Interval] = []
    for start, end in sorted(each for each in intervals if isfinite(each[0]) and isfinite(each[1]) and each[0] < each[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def duration(disjoint: Iterable[Interval]) -> float:
    """How much disjoint intervals cover."""
    return fsum(end - start for start, end in disjoint)


def common(one: tuple[Interval, ...], other: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """What both of two `merged` sets of intervals cover."""
    shared: list[Interval] = []
    left, right = 0, 0
    while left < len(one) and right < len(other):
        start, end = max(one[left][0], other[right][0]), min(one[left][1], other[right][1])
        if start < end:
            shared.append((start, end))
        if one[left][1] <= other[right][1]:
            left += 1
        else:
            right += 1
    return tuple(shared)
