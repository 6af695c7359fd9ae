"""Intervals of means whose values come in clusters: against closed forms, numbers worked out by hand, and how often they hold."""

from math import atan, fsum, pi, sqrt, tan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egoetl.metrics.statistics.clustered_mean import clustered_mean, t_quantile, t_two_sided

VALUES = st.lists(st.tuples(st.floats(-100, 100, width=32), st.sampled_from("abcdefgh")), min_size=1, max_size=40)


def test_by_hand() -> None:
    # Mean 0.6; the clusters' residuals sum to 0.8, -0.6 and -0.2; 1.04 * 3/2 / 25 = 0.0624.
    found = clustered_mean([1, 1, 0, 0, 1], ["a", "a", "b", "c", "c"])
    assert found.standard_error == pytest.approx(sqrt(0.0624))
    # t with 2 degrees of freedom: 0.95 * sqrt(2 / (1 - 0.95²)) = 4.302653.
    assert found.high == pytest.approx(0.6 + 4.302652729911275 * sqrt(0.0624))
    assert (found.mean, found.items, found.clusters) == (0.6, 5, 3)


def test_with_an_item_a_cluster_it_is_the_t_interval_of_textbooks() -> None:
    found = clustered_mean([1, 2, 3, 4, 5], list("abcde"))
    assert (found.low, found.high) == (pytest.approx(3 - 2.776445105 * sqrt(2.5 / 5)), pytest.approx(3 + 2.776445105 * sqrt(2.5 / 5)))


def test_repeating_every_item_within_its_cluster_makes_nobody_surer() -> None:
    values, clusters = [0.2, 0.9, 0.4, 0.7], ["a", "b", "c", "d"]
    once, often = clustered_mean(values, clusters), clustered_mean(values * 10, clusters * 10)
    assert often.low == pytest.approx(once.low)
    assert often.high == pytest.approx(once.high)


@pytest.mark.parametrize(
    ("values", "clusters"),
    [
        ([0, 1, 1], ["a", "a", "a"]),
        ([1], ["a"]),
        ([1, 1, 1], ["a", "b", "c"]),
        ([0, 1, 1, 0], ["a", "a", "b", "b"]),
        ([0.1] * 7, list("abcdefg")),
    ],
)
def test_what_cannot_tell_how_sure_it_is_has_no_interval(values: list[float], clusters: list[str]) -> None:
    found = clustered_mean(values, clusters)
    assert found.mean == pytest.approx(sum(values) / len(values))
    assert (found.low, found.high, found.standard_error) == (None, None, None)


@pytest.mark.parametrize(("values", "clusters"), [([], []), ([1.0], []), ([1.0], ["a", "b"])])
def test_values_without_clusters_are_refused(values: list[float], clusters: list[str]) -> None:
    with pytest.raises(ValueError, match="cluster for each"):
        clustered_mean(values, clusters)


@settings(max_examples=40, deadline=None)
@given(VALUES, st.randoms(use_true_random=False))
def test_order_says_nothing_not_even_in_the_last_digit(items: list[tuple[float, str]], random: object) -> None:
    shuffled = list(items)
    random.shuffle(shuffled)
    assert clustered_mean(*zip(*items, strict=True)) == clustered_mean(*zip(*shuffled, strict=True))


@settings(max_examples=40, deadline=None)
@given(VALUES)
def test_the_mean_lies_within_its_interval_and_more_certainty_is_wider(items: list[tuple[float, str]]) -> None:
    values, clusters = zip(*items, strict=True)
    usual, surer = clustered_mean(values, clusters), clustered_mean(values, clusters, level=0.99)
    assert usual.mean == fsum(values) / len(values)
    if usual.low is not None:
        assert surer.low < usual.low < usual.mean < usual.high < surer.high


@pytest.mark.parametrize("probability", [0.8, 0.975, 0.999])
def test_students_t_has_closed_forms_for_one_and_two_degrees(probability: float) -> None:
    assert t_quantile(probability, 1) == pytest.approx(tan(pi * (probability - 0.5)))
    spread = 2 * probability - 1
    assert t_quantile(probability, 2) == pytest.approx(spread * sqrt(2 / (1 - spread**2)))


@pytest.mark.parametrize("statistic", [-3.0, 0.0, 0.7, 12.0])
def test_p_values_have_closed_forms_for_one_and_two_degrees(statistic: float) -> None:
    assert t_two_sided(statistic, 1) == pytest.approx(1 - 2 * atan(abs(statistic)) / pi)
    assert t_two_sided(statistic, 2) == pytest.approx(1 - abs(statistic) / sqrt(statistic**2 + 2))


@pytest.mark.slow
@pytest.mark.parametrize("clusters", [5, 40])
def test_it_holds_in_95_of_100_cases_where_the_interval_that_ignores_clusters_does_not(clusters: int) -> None:
    generator = np.random.default_rng(7)
    held = naive = 0
    for _ in range(2000):
        effects = np.repeat(generator.normal(0, 1, clusters), 6)
        values = (effects + generator.normal(0, 0.5, len(effects))).tolist()
        found = clustered_mean(values, [str(index // 6) for index in range(len(values))])
        held += found.low <= 0 <= found.high
        naive += abs(found.mean) <= 1.96 * np.std(values, ddof=1) / sqrt(len(values))
    assert 0.935 <= held / 2000 <= 0.965
    assert naive / 2000 < 0.70
