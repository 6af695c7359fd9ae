"""Temporal evidence: how well predicted stretches of a video match the true ones.

IoU = |P ∩ G| / |P ∪ G| and IoP = |P ∩ G| / |P|, where P and G are what the predicted and the true spans cover together, in
seconds: a stretch that is named twice, or in two parts, counts once. t-mean is the mean over entries of (IoU + IoP) / 2, and
TIoU@x, TIoP@x are the shares of entries with at least x. Definitions: ST-Evidence (EVQA), arXiv 2607.11862.
"""

from typing import NamedTuple

from egoetl.algorithms.intervals import common, duration, merged
from egoetl.core.evaluation import Spans

THRESHOLDS = (0.3, 0.5)
"""Of TIoU@x and TIoP@x."""


class TemporalScores(NamedTuple):
    """IoU and IoP of one entry, each 0 to 1."""

    iou: float
    iop: float

    @property
    def mean(self) -> float:
        """What t-mean is the mean of."""
        return (self.iou + self.iop) / 2


def temporal_scores(predicted: Spans, reference: Spans) -> TemporalScores:
    """IoU and IoP of one entry, from spans in seconds, in any order.

    A span that is empty, inverted or not finite covers nothing. Where neither side covers anything both scores are 1, as for two
    empty masks; where one does, 0.
    """
    said, true = merged(predicted), merged(reference)
    if not said and not true:
        return TemporalScores(1.0, 1.0)
    shared = duration(common(said, true))
    return TemporalScores(_share(shared, duration(merged((*said, *true)))), _share(shared, duration(said)))


def temporal_iou(predicted: Spans, reference: Spans) -> float:
    """Temporal intersection over union, 0 to 1."""
    return temporal_scores(predicted, reference).iou


def temporal_iop(predicted: Spans, reference: Spans) -> float:
    """Temporal intersection over prediction, 0 to 1."""
    return temporal_scores(predicted, reference).iop


def reaches(score: float, threshold: float) -> float:
    """1 where a score is at least the threshold, else 0: the value of TIoU@x or TIoP@x for one entry."""
    return float(score >= threshold)


def legacy_temporal_scores(predicted: Spans, reference: Spans) -> TemporalScores:
    """What EVQA's `eval_st_evidence.py` prints: overlaps of all pairs are added up, so that IoU and IoP can exceed 1.

    0 where a list is empty, and where a denominator is not positive.
    """
    if not predicted or not reference:
        return TemporalScores(0.0, 0.0)
    # The order of the sums is the reference's: its floats are ours.
    shared = 0.0
    for true_start, true_end in reference:
        for start, end in predicted:
            shared += max(0.0, min(true_end, end) - max(true_start, start))
    true = sum(max(0.0, end - start) for start, end in reference)
    said = sum(max(0.0, end - start) for start, end in predicted)
    either = true + said - shared
    return TemporalScores(shared / either if either > 0 else 0.0, shared / said if said > 0 else 0.0)


def _share(part: float, whole: float) -> float:
    """A share that rounding must not lift above 1; of nothing, 0."""
    return min(1.0, part / whole) if whole > 0 else 0.0
