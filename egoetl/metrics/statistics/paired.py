"""Two runs over the same items: how much they differ, and how surely."""

from collections.abc import Sequence
from typing import NamedTuple

from egoetl.metrics.statistics.clustered_mean import clustered_mean, t_two_sided


class PairedDifference(NamedTuple):
    """The mean of `second - first`. `low`, `high` and `standard_error` are None as for a clustered mean; so is `p_value` then, except
    that runs which agree in every item have a p-value of 1."""

    difference: float
    low: float | None
    high: float | None
    standard_error: float | None
    p_value: float | None
    items: int
    clusters: int


def paired_difference(first: Sequence[float], second: Sequence[float], clusters: Sequence[str]) -> PairedDifference:
    """The clustered mean of the items' differences, and the t test that it is 0, two-sided with clusters - 1 degrees of freedom.

    Pairing takes out how hard the items are (Miller, arXiv 2411.00640, 4.2; the clustering as in `clustered_mean`).

    Args:
        first: the first run's value of each item.
        second: the second run's value of the same items, in the same order.
        clusters: the cluster of each item.

    Raises:
        ValueError: the three differ in length or are empty.
    """
    differences = [right - left for left, right in zip(first, second, strict=True)]
    mean = clustered_mean(differences, clusters)
    if mean.standard_error is None:
        p_value = None if any(differences) else 1.0
    else:
        p_value = t_two_sided(mean.mean / mean.standard_error, mean.clusters - 1)
    return PairedDifference(mean.mean, mean.low, mean.high, mean.standard_error, p_value, mean.items, mean.clusters)
