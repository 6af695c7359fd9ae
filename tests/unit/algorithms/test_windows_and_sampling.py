from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from egoetl.algorithms.sampling import sampling_grid
from egoetl.algorithms.windows import consecutive_windows


@given(start=st.integers(0, 10**7), length=st.integers(1, 400_000), step=st.integers(1000, 20_000))
def test_windows_cover_the_interval_without_gap_or_overlap(start: int, length: int, step: int) -> None:
    windows = consecutive_windows(start, start + length, step)
    assert windows[0][0] == start
    assert windows[-1][1] == start + length
    assert all(one[1] == other[0] for one, other in pairwise(windows))
    assert all(end - begin == step for begin, end in windows[:-1])
    assert 0 < windows[-1][1] - windows[-1][0] <= step


def test_a_short_remainder_is_kept() -> None:
    assert consecutive_windows(5_000, 28_700, 10_000) == ((5_000, 15_000), (15_000, 25_000), (25_000, 28_700))


@given(start=st.integers(0, 10**7), length=st.integers(1, 60_000), rate=st.floats(0.1, 60))
def test_a_grid_starts_at_the_window_and_stays_inside_it(start: int, length: int, rate: float) -> None:
    grid = sampling_grid(start, start + length, rate)
    assert grid[0] == start
    assert grid[-1] < start + length
    assert all(one < other for one, other in pairwise(grid))


def test_a_grid_of_four_pictures_a_second() -> None:
    assert sampling_grid(1_000, 2_000, 4.0) == (1_000, 1_250, 1_500, 1_750)


def test_a_grid_of_an_odd_rate_does_not_drift() -> None:
    grid = sampling_grid(0, 3_600_000, 29.97)
    assert abs(grid[29_970] - 1_000_000) <= 1
