"""The interval of a statistic that is no mean, by drawing clusters again."""

from collections.abc import Callable, Sequence
from math import isfinite

import numpy as np
from numpy.typing import NDArray

Statistic = Callable[[NDArray[np.intp]], float]
"""A statistic of the items with these indices; an index that is drawn twice counts twice."""


def cluster_bootstrap(
    clusters: Sequence[str], statistic: Statistic, *, draws: int = 2000, seed: int = 0, level: float = 0.95
) -> tuple[float, float] | None:
    """The percentile interval of a statistic: whole clusters are drawn with replacement, as many as there are.

    Efron and Tibshirani, An Introduction to the Bootstrap, 1993, 13.3; the drawing of clusters: Cameron, Gelbach and Miller, Review of
    Economics and Statistics 90, 2008 (pairs cluster bootstrap). Equal seeds give equal intervals, whatever order the items come in
    within their clusters and whatever the clusters are called, as long as their names sort alike.

    Args:
        clusters: the cluster of each item, item by item.
        statistic: what is to be known of a set of items.
        draws: how often clusters are drawn.
        seed: of the drawing.
        level: how sure the interval is.

    Returns:
        The two ends. None for fewer than two clusters, and where the statistic is not finite in some draw: leaving such draws out
        would give the interval of other data.
    """
    members: dict[str, list[int]] = {}
    for index, cluster in enumerate(clusters):
        members.setdefault(cluster, []).append(index)
    if len(members) < 2:
        return None
    indices: list[NDArray[np.intp]] = [np.asarray(members[name], dtype=np.intp) for name in sorted(members)]
    generator = np.random.default_rng(seed)
    values: list[float] = []
    for _ in range(draws):
        drawn: list[int] = generator.integers(0, len(indices), size=len(indices)).tolist()
        values.append(statistic(np.concatenate([indices[each] for each in drawn])))
        if not isfinite(values[-1]):
            return None
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
