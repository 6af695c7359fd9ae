from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egoetl.algorithms.intervals import common, duration, merged

WHOLE = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8)
"""Whole seconds, so that a set of seconds is an independent account of what intervals cover."""


def seconds(intervals: list[tuple[int, int]]) -> set[int]:
    return {second for start, end in intervals for second in range(start, end)}


@pytest.mark.parametrize(
    ("intervals", "covered"),
    [
        ([], ()),
        ([(3, 1)], ()),
        ([(2, 2)], ()),
        ([(0, 1), (1, 2)], ((0, 2),)),
        ([(5, 9), (0, 6), (20, 21)], ((0, 9), (20, 21))),
        ([(0, 10), (2, 3)], ((0, 10),)),
        ([(nan, 1), (0, nan), (0, inf), (-inf, inf), (1, 2)], ((1, 2),)),
    ],
)
def test_intervals_are_merged(intervals: list[tuple[float, float]], covered: tuple[tuple[float, float], ...]) -> None:
    assert merged(intervals) == covered


@given(WHOLE, WHOLE)
@settings(max_examples=60, deadline=None)
def test_what_is_covered_and_common_is_what_counting_seconds_gives(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    assert duration(merged(one)) == len(seconds(one))
    assert duration(common(merged(one), merged(other))) == len(seconds(one) & seconds(other))
