"""The ends of an axis that a metric's scores are drawn on, and scores as people read them."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from egoetl.core.evaluation import Report, Score

ALL = "all"
_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)


class Axis(NamedTuple):
    """From `low` to `high`, in the metric's own units, before it is scaled."""

    low: float
    high: float

    def share(self, value: float) -> float:
        """Where a value lies, from 0 to 1; what is beyond an end lies on it."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


def axis_of(scores: Iterable[Score]) -> Axis:
    """From 0, or below it where a score is, to 1 for shares, else to the next round number."""
    values = [each for score in scores for each in (score.value, score.low, score.high, score.legacy) if each is not None]
    most, least = max(values, default=1.0), min(values, default=0.0)
    return Axis(min(0.0, -_rounded(-least) if least < 0 else 0.0), 1.0 if most <= 1 else _rounded(most))


def measures(report: Report) -> tuple[str, ...]:
    """The metrics of a report, in its order."""
    return tuple(dict.fromkeys(each.measure for each in report.scores))


def tasks(report: Report) -> tuple[str, ...]:
    """The tasks of a report, in its order; `all` is none."""
    return tuple(dict.fromkeys(each.task for each in report.scores if each.task != ALL))


def of_measure(report: Report, measure: str) -> Sequence[Score]:
    """A metric's scores; that of all tasks comes last."""
    scores = [each for each in report.scores if each.measure == measure]
    return sorted(scores, key=lambda each: each.task == ALL)


def shown(value: float | None, scale: float) -> str:
    """A number for a person: one decimal of a percentage, else three significant places; a dash for none."""
    if not value:
        return "–" if value is None else "0"
    scaled = value * scale
    return f"{scaled:.1f}" if scale >= 10 else f"{scaled:.2f}" if abs(scaled) >= 1 else f"{scaled:.3f}"


def _rounded(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in _ROUND if value <= step * power * (1 + 1e-9))
