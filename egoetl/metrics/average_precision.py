"""Average precision of a ranking, and its mean over classes, as for multi-label classification on Charades and Charades-Ego.

AP = Σ over thresholds of (R_n - R_{n-1}) P_n, where P_n and R_n are precision and recall of everything that scores at least the n-th
highest score: scikit-learn's definition, which is Σ precision@rank over the positives / number of positives where no two scores are equal.
**Equal scores are one step**: their order in the file changes nothing, and a constant score earns the share of positives.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from egoetl.core.errors import DataError

Scores = NDArray[np.floating]
Positives = NDArray[np.bool_]


def average_precision(scores: Scores, positives: Positives) -> float | None:
    """AP of one class, 0 to 1; None where it has no positive, and so nothing to find.

    Args:
        scores: (items,), higher for what is more likely of the class.
        positives: (items,), whether it is.

    Raises:
        DataError: `scores_malformed` for a score that is not a number, or arrays that do not belong together.
    """
    _check(scores, positives, dimensions=1)
    found = int(np.count_nonzero(positives))
    if not found:
        return None
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    last_of_ties = np.append(ranked[1:] != ranked[:-1], True)
    true = np.cumsum(positives[order])[last_of_ties]
    precision = true / (np.flatnonzero(last_of_ties) + 1)
    return float(np.sum(np.diff(true, prepend=0) * precision) / found)


def class_average_precisions(scores: Scores, positives: Positives) -> list[float | None]:
    """AP of each class, from arrays of (items, classes); None for a class without a positive. Raises as `average_precision` does."""
    _check(scores, positives, dimensions=2)
    return [average_precision(scores[:, each], positives[:, each]) for each in range(scores.shape[1])]


def mean_average_precision(scores: Scores, positives: Positives) -> float | None:
    """mAP: the mean of AP over the classes that have a positive; None where none has. Raises as `average_precision` does."""
    return _mean([each for each in class_average_precisions(scores, positives) if each is not None])


def charades_map(scores: Scores, positives: Positives) -> float | None:
    """mAP as Charades evaluates it: items that are of no class at all are ranked behind all others, so that they cost nothing.

    Source: Sigurdsson et al., Hollywood in Homes, ECCV 2016, with the published evaluation code's treatment of unlabelled items.
    """
    return mean_average_precision(_unlabelled_last(scores, positives), positives)


def legacy_charades_map(scores: Scores, positives: Positives) -> float:
    """mAP as EgoVLP's helper computes it: NaN as soon as one class has no positive, and equal scores in whatever order NumPy sorts them."""
    ranked = _unlabelled_last(scores, positives)
    each_class = [_legacy_average_precision(ranked[:, each], positives[:, each]) for each in range(ranked.shape[1])]
    return float(np.mean(np.array(each_class)))


def _legacy_average_precision(scores: Scores, positives: Positives) -> float:
    hit = positives[np.argsort(-scores)]
    if not hit.any():
        return float("nan")
    precision = np.cumsum(hit) / np.arange(1, len(hit) + 1)
    return sum(precision[hit].tolist()) / int(hit.sum())  # one after another, as the helper adds


def _unlabelled_last(scores: Scores, positives: Positives) -> Scores:
    _check(scores, positives, dimensions=2)
    ranked = scores.astype(np.float64)
    ranked[~positives.any(axis=1)] = -np.inf
    return ranked


def _check(scores: Scores, positives: Positives, *, dimensions: int) -> None:
    if scores.ndim != dimensions or scores.shape != positives.shape or np.isnan(scores).any():
        shapes = f"{scores.shape} and {positives.shape}"
        raise DataError(
            f"Scores and positives have the shapes {shapes}, {int(np.isnan(scores).sum())} scores being no number; "
            "give one number for each item and class.",
            reason="scores_malformed",
        )


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None
