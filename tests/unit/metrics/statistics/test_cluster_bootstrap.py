"""Intervals of what is no mean."""

from math import nan, sqrt

import numpy as np
import pytest

from egoetl.metrics.statistics.cluster_bootstrap import cluster_bootstrap
from egoetl.metrics.statistics.clustered_mean import clustered_mean

VALUES = np.linspace(0, 1, 60) ** 2
CLUSTERS = [f"v{index // 3}" for index in range(60)]


def mean(indices: np.ndarray) -> float:
    return float(VALUES[indices].mean())


def test_of_a_mean_it_comes_to_about_what_the_formula_says() -> None:
    low, high = cluster_bootstrap(CLUSTERS, mean, draws=2000)
    formula = clustered_mean(VALUES.tolist(), CLUSTERS)
    # The percentile interval lacks the small-sample factors: of 20 clusters, t is 2.093 rather than 1.96, and 20/19 is missing.
    width = (formula.high - formula.low) * 1.96 / 2.093 / sqrt(20 / 19)
    assert high - low == pytest.approx(width, rel=0.08)


def test_whole_clusters_are_drawn() -> None:
    seen: set[tuple[int, ...]] = set()

    def statistic(indices: np.ndarray) -> float:
        seen.add(tuple(np.bincount(indices, minlength=60).reshape(20, 3).std(axis=1)))
        return mean(indices)

    cluster_bootstrap(CLUSTERS, statistic, draws=50)
    assert seen == {(0.0,) * 20}


def test_equal_seeds_give_equal_intervals_whatever_the_order() -> None:
    order = np.random.default_rng(3).permutation(60)
    shuffled = cluster_bootstrap([CLUSTERS[index] for index in order], lambda drawn: mean(order[drawn]), draws=200)
    assert shuffled == pytest.approx(cluster_bootstrap(CLUSTERS, mean, draws=200), abs=1e-12)
    assert shuffled != cluster_bootstrap(CLUSTERS, mean, draws=200, seed=1)


def test_one_cluster_has_no_interval() -> None:
    assert cluster_bootstrap(["a"] * 60, mean) is None
    assert cluster_bootstrap([], mean) is None


def test_a_statistic_that_some_draw_cannot_give_has_no_interval() -> None:
    # Such as the mean average precision of a draw that holds no relevant item.
    assert cluster_bootstrap(CLUSTERS, lambda indices: nan if 0 not in indices else 1.0, draws=200) is None


@pytest.mark.slow
def test_it_holds_of_a_median_in_about_95_of_100_cases() -> None:
    generator = np.random.default_rng(5)
    clusters = [str(index // 3) for index in range(180)]
    held = 0
    for _ in range(200):
        values = np.repeat(generator.normal(0, 1, 60), 3) + generator.normal(0, 1, 180)
        low, high = cluster_bootstrap(clusters, lambda drawn, values=values: float(np.median(values[drawn])), draws=200)
        held += low <= 0 <= high
    assert 0.90 <= held / 200 <= 0.99
