"""How small a difference can be seen, and how many videos it takes to see one."""

from math import ceil, sqrt

from egoetl.metrics.statistics.clustered_mean import t_quantile

POWER = 0.8
LEVEL = 0.05
_MOST_CLUSTERS = 10_000_000


def detectable_difference(standard_error: float, clusters: int, *, power: float = POWER, level: float = LEVEL) -> float:
    """The least true difference that a two-sided test finds with this power: `(t[1 - level/2] + t[power]) * standard error`.

    Bloom, Evaluation Review 19, 1995 (minimum detectable effect), with clusters - 1 degrees of freedom.

    Args:
        standard_error: of the paired difference, clustered.
        clusters: how many clusters it comes from, at least 2.
        power: how probable it is that such a difference is found.
        level: of the test.
    """
    return (t_quantile(1 - level / 2, clusters - 1) + t_quantile(power, clusters - 1)) * standard_error


def clusters_needed(standard_error: float, clusters: int, difference: float, *, power: float = POWER, level: float = LEVEL) -> int | None:
    """How many clusters like these it takes to find a difference with this power; the standard error shrinks with their square root.

    Args:
        standard_error: of the paired difference, as it is with `clusters` clusters.
        clusters: at least 2.
        difference: that is to be found, of either sign.
        power: how probable it is to be found.
        level: of the test.

    Returns:
        At least 2. None where it would take more than ten million, as for a difference of 0.
    """
    spread = standard_error * sqrt(clusters)

    def found(count: int) -> bool:
        return detectable_difference(spread / sqrt(count), count, power=power, level=level) <= abs(difference)

    if not found(_MOST_CLUSTERS):
        return None
    too_few, enough = 1, _MOST_CLUSTERS
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        too_few, enough = (too_few, middle) if found(middle) else (middle, enough)
    return enough


def items_needed(clusters: int, items_per_cluster: float) -> int:
    """How many items so many clusters are, at as many items a cluster as before."""
    return ceil(clusters * items_per_cluster)
