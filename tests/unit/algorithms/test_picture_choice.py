"""Which pictures a model is shown: equally far apart, never more than allowed, each the one on screen."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egoetl.algorithms.picture_choice import chosen_pictures
from egoetl.algorithms.sampling import sampling_grid
from egoetl.core.errors import ConfigError
from egoetl.core.models import FramePolicy

START_MS = 70_000


def choose(fps: float, *, sampled: float = 4.0, most: int = 1024, length_ms: int = 10_000) -> tuple[list[int], float]:
    end_ms = START_MS + length_ms
    choice = chosen_pictures(FramePolicy(fps=fps, max_frames=most), sampling_grid(START_MS, end_ms, sampled), sampled, end_ms)
    return [time - START_MS for time in choice.times_ms], choice.per_second


def test_every_second_picture():
    assert choose(2.0, length_ms=2100) == ([0, 500, 1000, 1500, 2000], 2.0)


def test_the_picture_on_screen_where_the_rates_do_not_divide():
    assert choose(3.0, length_ms=2000) == ([0, 250, 500, 1000, 1250, 1500], 3.0)


@pytest.mark.parametrize(("most", "count", "rate"), [(40, 40, 4.0), (39, 20, 2.0), (20, 20, 2.0), (19, 14, 4 / 3), (1, 1, 0.1)])
def test_too_many_are_thinned_evenly(most: int, count: int, rate: float):
    times, per_second = choose(4.0, most=most)
    assert len(times) == count
    assert per_second == pytest.approx(rate)
    assert {later - earlier for earlier, later in pairwise(times)} <= {round(1000 / rate)}


def test_one_picture():
    assert choose(2.0, length_ms=1) == ([0], 2.0)


def test_more_than_was_sampled_is_refused():
    with pytest.raises(ConfigError, match=r"8 pictures a second, and the stage frames samples 4; lower `look.fps`") as raised:
        choose(8.0)
    assert raised.value.reason == "look_outruns_frames"


@given(
    sampled=st.floats(0.2, 30),
    share=st.floats(0.05, 1),
    most=st.integers(1, 60),
    length_ms=st.integers(1, 15_000),
)
def test_what_holds_for_every_segment(sampled: float, share: float, most: int, length_ms: int):
    grid = sampling_grid(0, length_ms, sampled)
    choice = chosen_pictures(FramePolicy(fps=sampled * share, max_frames=most), grid, sampled, length_ms)
    assert 1 <= len(choice.times_ms) <= most
    assert choice.times_ms[0] == 0
    assert set(choice.times_ms) <= set(grid)
    assert list(choice.times_ms) == sorted(set(choice.times_ms))
    assert choice.per_second <= sampled * share
    for index, time in enumerate(choice.times_ms):
        assert -1 <= index * 1000 / choice.per_second - time < 1000 / sampled + 2
