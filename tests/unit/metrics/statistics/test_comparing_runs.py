"""Paired differences, McNemar's test, Holm's adjustment and power: against numbers worked out by hand and how often they are right."""

from fractions import Fraction
from math import atan, comb, pi, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egoetl.metrics.statistics.holm import holm
from egoetl.metrics.statistics.mcnemar import exact_mcnemar
from egoetl.metrics.statistics.paired import paired_difference
from egoetl.metrics.statistics.power import clusters_needed, detectable_difference, items_needed

P_VALUES = st.dictionaries(st.text("abcdef", min_size=1), st.floats(0, 1), max_size=8)


def test_a_difference_by_hand() -> None:
    # Differences 1, 1 of one video and 0 of another: mean 2/3, residual sums 2/3 and -2/3, error² 8/9 * 2 / 9; t = 1.5, one degree.
    found = paired_difference([0, 0, 1], [1, 1, 1], ["a", "a", "b"])
    assert found.difference == pytest.approx(2 / 3)
    assert found.standard_error == pytest.approx(sqrt(16 / 81))
    assert found.p_value == pytest.approx(1 - 2 * atan(1.5) / pi)
    assert (found.items, found.clusters) == (3, 2)


def test_runs_that_agree_everywhere_do_not_differ() -> None:
    found = paired_difference([0, 1, 0.5], [0, 1, 0.5], ["a", "b", "c"])
    assert (found.difference, found.low, found.p_value) == (0, None, 1.0)


def test_a_constant_difference_is_no_proof() -> None:
    found = paired_difference([0, 0], [1, 1], ["a", "b"])
    assert (found.difference, found.low, found.p_value) == (1, None, None)


def test_one_video_is_no_proof() -> None:
    assert paired_difference([0, 0, 1], [1, 0, 1], ["a", "a", "a"]).p_value is None


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9), st.sampled_from("abcde")), min_size=1, max_size=30))
def test_exchanging_the_runs_turns_the_difference_round(items: list[tuple[int, int, str]]) -> None:
    first, second, clusters = zip(*items, strict=True)
    there, back = paired_difference(first, second, clusters), paired_difference(second, first, clusters)
    assert there.difference == -back.difference
    assert there.p_value == back.p_value
    assert there.low is None or there.low == pytest.approx(-back.high)


def test_mcnemar_by_hand() -> None:
    # One item is right in the first run only, five in the second only: 2 * (1 + 6) / 64.
    found = exact_mcnemar([1, 0, 0, 0, 0, 0, 1, 0], [0, 1, 1, 1, 1, 1, 1, 0])
    assert found == (1, 5, 0.21875)


def test_mcnemar_of_runs_that_agree() -> None:
    assert exact_mcnemar([1, 0], [1, 0]).p_value == 1.0
    assert exact_mcnemar([], []).p_value == 1.0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_is_twice_the_binomial_tail(only_first: int, only_second: int) -> None:
    found = exact_mcnemar([1] * only_first + [0] * only_second, [0] * only_first + [1] * only_second)
    differing = only_first + only_second
    tail = sum(Fraction(comb(differing, k), 2**differing) for k in range(min(only_first, only_second) + 1))
    assert found.p_value == float(min(Fraction(1), 2 * tail))


def test_mcnemar_of_a_whole_benchmark() -> None:
    assert exact_mcnemar([1] * 2600 + [0] * 2400, [0] * 2600 + [1] * 2400).p_value == pytest.approx(0.00489, abs=0.0001)


@pytest.mark.parametrize("value", [0.5, 2, float("nan")])
def test_mcnemar_is_for_right_and_wrong(value: float) -> None:
    with pytest.raises(ValueError, match="0 or 1"):
        exact_mcnemar([value], [1])


def test_holm_by_hand() -> None:
    adjusted = holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005})
    assert adjusted == {"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02}
    assert list(adjusted) == ["a", "b", "c", "d"]


@settings(max_examples=40, deadline=None)
@given(P_VALUES)
def test_holm_never_makes_a_test_stronger_and_keeps_their_order(p_values: dict[str, float]) -> None:
    adjusted = holm(p_values)
    assert all(p_values[name] <= adjusted[name] <= 1 for name in p_values)
    assert all(adjusted[name] <= min(1.0, len(p_values) * p_values[name]) for name in p_values)
    ordered = sorted(p_values, key=lambda name: p_values[name])
    assert [adjusted[name] for name in ordered] == sorted(adjusted.values())


@pytest.mark.slow
def test_holm_errs_in_any_test_in_at_most_5_of_100_cases() -> None:
    draws = np.random.default_rng(11).uniform(size=(4000, 6))
    errs = sum(min(holm({str(index): value for index, value in enumerate(row)}).values()) <= 0.05 for row in draws.tolist())
    assert errs / 4000 <= 0.06


def test_the_detectable_difference_of_many_videos_is_2_8_standard_errors() -> None:
    # The normal quantiles 1.959964 and 0.841621.
    assert detectable_difference(1.0, 1_000_000) == pytest.approx(2.801585, rel=1e-4)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.01, 5), st.integers(2, 500), st.floats(0.01, 5))
def test_the_videos_needed_are_the_least_that_see_the_difference(error: float, clusters: int, difference: float) -> None:
    needed = clusters_needed(error, clusters, difference)
    if needed is None:
        return
    spread = error * sqrt(clusters)
    assert detectable_difference(spread / sqrt(needed), needed) <= difference
    assert needed == 2 or detectable_difference(spread / sqrt(needed - 1), needed - 1) > difference


def test_no_number_of_videos_sees_no_difference() -> None:
    assert clusters_needed(1.0, 10, 0.0) is None
    assert items_needed(7, 2.5) == 18


@pytest.mark.slow
def test_with_the_videos_needed_80_of_100_runs_see_the_difference() -> None:
    generator = np.random.default_rng(13)
    needed = clusters_needed(1 / sqrt(30), 30, 0.5)
    seen = 0
    for _ in range(2000):
        found = paired_difference([0.0] * needed, generator.normal(0.5, 1, needed).tolist(), [str(index) for index in range(needed)])
        seen += found.p_value < 0.05
    assert 0.77 <= seen / 2000 <= 0.83
