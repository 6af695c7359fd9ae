"""Multi-instance retrieval on EPIC-Kitchens-100: mAP and nDCG, video to text, text to video, and their mean.

The relevance of an item to a query is (IoU of their verb classes + IoU of their noun classes) / 2. mAP knows only what is wholly relevant:
AP = Σ over items of relevance 1 of (their number up to and with this one / its rank) / their number. nDCG looks at the first k ranks,
k being the number of items of any relevance: DCG = Σ relevance / log2(rank + 1), divided by the DCG of the best order. Source: Damen et
al., Rescaling Egocentric Vision, IJCV 2022, with the evaluation published with Wray et al., Fine-Grained Action Retrieval, ICCV 2019.

**Of items with equal similarity the less relevant ranks first**: their order in the file changes nothing, and a constant similarity
earns the least that any order of it could. A query without an item of relevance 1 has no AP, one without any relevant item no nDCG; the
means are over the queries that have one.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from egoetl.core.errors import DataError

Matrix = NDArray[np.floating]
"""(videos, texts), of 32 or 64 bit."""
PerQuery = NDArray[np.float64]
"""(queries,), NaN for a query that has no value."""
Classes = tuple[frozenset[int], frozenset[int]]
"""The verb classes and the noun classes of a video or a text."""


class Direction(NamedTuple):
    """AP and nDCG of each query of one direction."""

    average_precision: PerQuery
    ndcg: PerQuery

    @property
    def mean_average_precision(self) -> float | None:
        """The mean over the queries with a value, None where none has one."""
        return _mean(self.average_precision)

    @property
    def mean_ndcg(self) -> float | None:
        """The mean over the queries with a value, None where none has one."""
        return _mean(self.ndcg)


class Retrieval(NamedTuple):
    """Both directions: videos as queries for texts, and texts as queries for videos."""

    video_to_text: Direction
    text_to_video: Direction

    @property
    def mean_average_precision(self) -> float | None:
        """The mean of both directions' mAP: what a leaderboard calls average mAP."""
        return _mean_of(self.video_to_text.mean_average_precision, self.text_to_video.mean_average_precision)

    @property
    def mean_ndcg(self) -> float | None:
        """The mean of both directions' nDCG."""
        return _mean_of(self.video_to_text.mean_ndcg, self.text_to_video.mean_ndcg)


def relevance(video: Classes, text: Classes) -> float:
    """How relevant a text is to a video, 0 to 1. Two that name no verb, or no noun, agree in that."""
    return sum(_iou(one, other) for one, other in zip(video, text, strict=True)) / 2


def relevance_matrix(videos: Sequence[Classes], texts: Sequence[Classes]) -> NDArray[np.float64]:
    """The relevance of each text to each video, (videos, texts). Videos or texts of the same classes are worked out once."""
    rows, columns = {each: number for number, each in enumerate(dict.fromkeys(videos))}, dict.fromkeys(texts)
    places = {each: number for number, each in enumerate(columns)}
    small = np.array([[relevance(video, text) for text in columns] for video in rows], dtype=np.float64).reshape(len(rows), len(columns))
    return small[np.ix_([rows[each] for each in videos], [places[each] for each in texts])]


def retrieval(similarity: Matrix, relevances: Matrix) -> Retrieval:
    """AP and nDCG of every query in both directions.

    Args:
        similarity: (videos, texts), higher for what belongs together more.
        relevances: (videos, texts), 0 to 1.

    Raises:
        DataError: `similarity_malformed` for matrices of two shapes, numbers that are not finite, or a relevance outside 0 to 1.
    """
    from egoetl.metrics.retrieval_kernels import ranked_by_columns, ranked_by_rows

    _check(similarity, relevances)
    discounts = 1 / np.log2(np.arange(max(*similarity.shape, 1), dtype=np.float64) + 2)
    similarity, relevances = np.ascontiguousarray(similarity), np.ascontiguousarray(relevances)
    by_video, by_text = (np.full((queries, 2), np.nan) for queries in similarity.shape)
    ranked_by_rows(similarity, relevances, discounts, by_video)
    ranked_by_columns(similarity, relevances, discounts, by_text)
    return Retrieval(Direction(by_video[:, 0], by_video[:, 1]), Direction(by_text[:, 0], by_text[:, 1]))


def legacy_mean_average_precision(similarity: Matrix, relevances: Matrix) -> float:
    """mAP of one direction, rows being queries, as the published evaluation computes it.

    What precedes a wholly relevant item counts by its relevance, so that half relevant items raise the precision. Equal similarities rank
    in whatever order NumPy sorts them. A query without an item of relevance 1 makes the mean NaN.
    """
    total = 0.0
    ranks = np.arange(1, similarity.shape[1] + 1)
    for likeness, worth in zip(similarity, relevances, strict=True):
        ranked = worth[(-likeness).argsort()]
        whole = ranked == 1
        count = int(whole.sum())
        total += float(np.sum(np.where(whole, np.cumsum(ranked), 0) / ranks) / count) if count else float("nan")
    return total / len(similarity)


def _check(similarity: Matrix, relevances: Matrix) -> None:
    if similarity.shape != relevances.shape or similarity.ndim != 2:
        raise DataError(
            f"The similarity has the shape {similarity.shape} and the relevance {relevances.shape}; give two matrices of (videos, texts).",
            reason="similarity_malformed",
        )
    if similarity.size and not (_finite(similarity) and _finite(relevances) and 0 <= relevances.min() and relevances.max() <= 1):
        raise DataError(
            "A similarity or relevance is not finite, or a relevance lies outside 0 to 1; give finite numbers.",
            reason="similarity_malformed",
        )


def _finite(matrix: Matrix) -> bool:
    """Whether all numbers are; makes no array of the matrix's size."""
    return bool(np.isfinite(matrix.min()) and np.isfinite(matrix.max()))


def _iou(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / len(one | other) if one or other else 1.0


def _mean(values: PerQuery) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None


def _mean_of(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else (one + other) / 2
