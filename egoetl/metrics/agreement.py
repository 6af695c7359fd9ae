"""How far two judges, or a judge and people, agree: exact share, quadratically weighted kappa, Spearman's rank correlation.

Grades are whole numbers on one scale, so each of the three follows from the table that counts how often the first gave a and the
second b. Intervals are percentiles of a bootstrap that draws videos, not answers: answers about one video are no independent evidence.
Sources: Cohen, "Weighted kappa" (Psychological Bulletin 70, 1968); Spearman (American Journal of Psychology 15, 1904), with mid-ranks
for ties; Field and Welsh, "Bootstrapping clustered data" (JRSS B 69, 2007).
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from egoetl.core.records import Record

ALL = "all"
RESAMPLES = 2000
_LEVELS = (2.5, 97.5)
_ENOUGH = 0.9
"""The share of resamples in which a statistic must be defined for an interval to be given."""
Table = NDArray[np.float64]


class Pair(NamedTuple):
    """What two graded one answer with."""

    task: str
    video: str
    first: int
    second: int


class Statistic(Record):
    """A value with its 95 % interval. None: not defined (nobody's grades vary), or no interval (one video alone)."""

    value: float | None
    low: float | None
    high: float | None


class Agreement(Record):
    """How far two agree on the answers of one task, or of all."""

    task: str
    answers: int
    videos: int
    exact: Statistic
    kappa: Statistic
    spearman: Statistic


def agreement(pairs: Sequence[Pair], low: int, high: int, *, seed: int = 42) -> tuple[Agreement, ...]:
    """The agreement for each task, in order, and for all where there are several; nothing for no pairs.

    Args:
        pairs: the answers that both have graded.
        low: least grade of the scale.
        high: greatest grade of the scale.
        seed: of the bootstrap.

    Raises ValueError for a grade off the scale.
    """
    if not all(low <= each <= high for pair in pairs for each in (pair.first, pair.second)):
        raise ValueError(f"a grade is off the scale {low} to {high}")
    tasks = sorted({each.task for each in pairs})
    groups = [(task, [each for each in pairs if each.task == task]) for task in tasks]
    if len(groups) > 1:
        groups.append((ALL, list(pairs)))
    return tuple(_agreement(task, group, low, high, seed) for task, group in groups)


def spearman(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Spearman's rank correlation with mid-ranks; None where one side does not vary. Raises ValueError for unequal lengths."""
    if len(first) != len(second):
        raise ValueError(f"{len(first)} values cannot be paired with {len(second)}")
    if len(set(first)) < 2 or len(set(second)) < 2:
        return None
    return float(np.corrcoef(_mid_ranks(first), _mid_ranks(second))[0, 1])


def _agreement(task: str, pairs: Sequence[Pair], low: int, high: int, seed: int) -> Agreement:
    tables = _tables(pairs, low, high)
    drawn = _resampled(tables, seed) if len(tables) > 1 else None
    whole = tables.sum(axis=0, keepdims=True)

    def statistic(of: Callable[[Table], NDArray[np.float64]]) -> Statistic:
        (value,) = of(whole)
        if np.isnan(value):
            return Statistic(value=None, low=None, high=None)
        least, most = _interval(of(drawn)) if drawn is not None else (None, None)
        return Statistic(value=float(value), low=least, high=most)

    return Agreement(
        task=task, answers=len(pairs), videos=len(tables), exact=statistic(_exact), kappa=statistic(_kappa), spearman=statistic(_spearman)
    )


def _tables(pairs: Iterable[Pair], low: int, high: int) -> Table:
    """How often a was met with b, for each video: (videos, grades, grades)."""
    videos: dict[str, int] = {}
    cells = [(videos.setdefault(each.video, len(videos)), each.first - low, each.second - low) for each in pairs]
    tables = np.zeros((len(videos), high - low + 1, high - low + 1))
    np.add.at(tables, tuple(np.array(cells).T), 1.0)
    return tables


def _resampled(tables: Table, seed: int) -> Table:
    """The tables of as many videos as there are, drawn with replacement: (resamples, grades, grades)."""
    videos = len(tables)
    draws = np.random.default_rng(seed).multinomial(videos, np.full(videos, 1 / videos), size=RESAMPLES)
    return (draws @ tables.reshape(videos, -1)).reshape(RESAMPLES, *tables.shape[1:])


def _interval(values: NDArray[np.float64]) -> tuple[float | None, float | None]:
    defined = values[~np.isnan(values)]
    if len(defined) < _ENOUGH * len(values):
        return None, None
    least, most = np.percentile(defined, _LEVELS)
    return float(least), float(most)


def _exact(tables: Table) -> NDArray[np.float64]:
    return np.trace(tables, axis1=1, axis2=2) / tables.sum(axis=(1, 2))


def _kappa(tables: Table) -> NDArray[np.float64]:
    """One less the disagreement that there is over that of two who grade independently; NaN where there can be none."""
    grades = np.arange(tables.shape[1], dtype=np.float64)
    weights = (grades[:, None] - grades[None, :]) ** 2
    rows, columns = tables.sum(axis=2), tables.sum(axis=1)
    by_chance = np.einsum("bi,ij,bj->b", rows, weights, columns) / tables.sum(axis=(1, 2))
    return 1.0 - _share((weights * tables).sum(axis=(1, 2)), by_chance)


def _spearman(tables: Table) -> NDArray[np.float64]:
    rows, columns = tables.sum(axis=2), tables.sum(axis=1)
    first, second = _centred_ranks(rows), _centred_ranks(columns)
    together = np.einsum("bij,bi,bj->b", tables, first, second)
    return _share(together, np.sqrt((rows * first**2).sum(axis=1) * (columns * second**2).sum(axis=1)))


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """NaN where the whole is 0."""
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)


def _centred_ranks(counts: Table) -> NDArray[np.float64]:
    """The mid-rank of each grade, less the mean rank."""
    return counts.cumsum(axis=1) - counts / 2 - counts.sum(axis=1, keepdims=True) / 2


def _mid_ranks(values: Sequence[float]) -> NDArray[np.float64]:
    _, places, counts = np.unique(np.asarray(values, dtype=np.float64), return_inverse=True, return_counts=True)
    return (counts.cumsum() - (counts - 1) / 2)[places]
