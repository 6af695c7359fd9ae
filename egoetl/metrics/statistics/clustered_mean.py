"""The mean of values that come in clusters, such as the questions about one video, with its 95 % interval."""

from collections.abc import Sequence
from math import fsum, sqrt
from typing import NamedTuple

_ROUNDING = 1e-12
"""A standard error below this share of the values' size is what floating point leaves of 0."""


class ClusteredMean(NamedTuple):
    """A mean and its interval. `low`, `high` and `standard_error` are None where the values cannot tell how sure the mean is."""

    mean: float
    low: float | None
    high: float | None
    standard_error: float | None
    items: int
    clusters: int


def clustered_mean(values: Sequence[float], clusters: Sequence[str], *, level: float = 0.95) -> ClusteredMean:
    """The mean of values and its cluster-robust interval.

    With G clusters and residuals r = x - mean, the squared standard error is `G / (G - 1) * sum over clusters of (sum of r)² / n²`
    (Liang and Zeger, Biometrika 73, 1986; for scores of models: Miller, arXiv 2411.00640, 2.2). The factor G / (G - 1) and the t
    distribution with G - 1 degrees of freedom are the small-sample rule of Cameron and Miller (Journal of Human Resources 50, 2015, VI);
    where every cluster has one item, both together are the textbook's t interval of a mean.

    One cluster says nothing of how clusters differ, and clusters that agree exactly would give an interval of no width: neither has an
    interval. The interval is not cut to the range of the values, so near its ends it may go beyond them.

    Args:
        values: the values, finite.
        clusters: the cluster of each value.
        level: how sure the interval is.

    Raises:
        ValueError: there is no value, or not a cluster for each.
    """
    if not values or len(values) != len(clusters):
        raise ValueError(f"a mean needs values and a cluster for each, not {len(values)} and {len(clusters)}")
    mean = fsum(values) / len(values)
    residuals: dict[str, list[float]] = {}
    for value, cluster in zip(values, clusters, strict=True):
        residuals.setdefault(cluster, []).append(value - mean)
    count = len(residuals)
    squares = fsum(fsum(each) ** 2 for each in residuals.values())
    error = sqrt(squares * count / (count - 1)) / len(values) if count > 1 else 0.0
    if error <= _ROUNDING * max(abs(value) for value in values):
        return ClusteredMean(mean, None, None, None, len(values), count)
    reach = t_quantile((1 + level) / 2, count - 1) * error
    return ClusteredMean(mean, mean - reach, mean + reach, error, len(values), count)


def t_quantile(probability: float, degrees: int) -> float:
    """The value that Student's t with these degrees of freedom stays below with a probability."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, probability))


def t_two_sided(statistic: float, degrees: int) -> float:
    """How probable a value of Student's t that is at least as far from 0 is."""
    from scipy.special import stdtr

    return 2.0 * float(stdtr(degrees, -abs(statistic)))
