"""What the page's figures show: bars with intervals, and the radar over tasks. Numbers only; the templates draw them."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from egoetl.core.evaluation import Report, Score
from egoetl.runner.report_page.axes import ALL, Axis, axis_of, measures, of_measure, shown, tasks

RADIUS = 100.0
_FEWEST = 3
"""Fewer axes span no area."""


class Bar(NamedTuple):
    """A score on an axis of 100 units."""

    score: Score
    value: str
    interval: str
    width: float
    low: float | None
    high: float | None
    legacy: float | None
    legacy_value: str
    sentence: str
    """The same for who cannot see it."""


class Bars(NamedTuple):
    """One metric's bars, a task each, that of all tasks last."""

    measure: str
    bars: tuple[Bar, ...]
    low: str
    high: str
    has_legacy: bool


class Spoke(NamedTuple):
    """An axis of the radar: a task and its first metric. Points count from the centre, y downwards."""

    number: int
    task: str
    measure: str
    value: str
    interval: str
    x: float
    y: float
    label_x: float
    label_y: float


class Radar(NamedTuple):
    """The radar: outlines as SVG points. `band` goes round the upper ends of the intervals and back round the lower ones."""

    spokes: tuple[Spoke, ...]
    rings: tuple[str, ...]
    value: str
    band: str


def bars_of(report: Report) -> tuple[Bars, ...]:
    """The bars of every metric, in the report's order."""
    return tuple(_bars(measure, of_measure(report, measure)) for measure in measures(report))


def radar_of(report: Report) -> Radar | None:
    """The radar over the tasks that have a score, each by the first metric that has one; None where there are fewer than three."""
    first = {each.task: each for each in reversed(report.scores) if each.task != ALL and each.value is not None}
    scores = [first[task] for task in tasks(report) if task in first]
    if len(scores) < _FEWEST:
        return None
    axes = {each.measure: axis_of(of_measure(report, each.measure)) for each in scores}
    shares = [_shares(each, axes[each.measure]) for each in scores]
    spokes = tuple(_spoke(number, len(scores), each) for number, each in enumerate(scores))
    upper, lower = [each[2] for each in shares], [each[0] for each in shares]
    return Radar(
        spokes=spokes,
        rings=tuple(_outline([ring / 4] * len(scores)) for ring in range(1, 5)),
        value=_outline([each[1] for each in shares]),
        band=f"M{_closed(upper)}Z M{_closed(lower)}Z",
    )


def _bars(measure: str, scores: Sequence[Score]) -> Bars:
    axis = axis_of(scores)
    bars = tuple(_bar(each, axis) for each in scores)
    scale = scores[0].scale
    return Bars(measure, bars, shown(axis.low, scale), shown(axis.high, scale), any(each.legacy is not None for each in bars))


def _bar(score: Score, axis: Axis) -> Bar:
    low, high, legacy = (None if each is None else 100 * axis.share(each) for each in (score.low, score.high, score.legacy))
    value, interval = shown(score.value, score.scale), interval_of(score)
    legacy_value = shown(score.legacy, score.scale)
    sentence = f"{score.task}: {value if score.value is not None else 'no score'}"
    sentence += (f", 95 % interval {interval}" if interval else "") + f", {score.scored} of {score.total} questions"
    sentence += f", the reference scorer {legacy_value}" if legacy is not None else ""
    width = 0.0 if score.value is None else 100 * axis.share(score.value)
    return Bar(score, value, interval, width, low, high, legacy, legacy_value, sentence)


def interval_of(score: Score) -> str:
    """The 95 % interval as text, empty where there is none."""
    return "" if score.low is None or score.high is None else f"{shown(score.low, score.scale)} to {shown(score.high, score.scale)}"


def _shares(score: Score, axis: Axis) -> tuple[float, float, float]:
    assert score.value is not None
    low = score.value if score.low is None else score.low
    high = score.value if score.high is None else score.high
    return axis.share(low), axis.share(score.value), axis.share(high)


def _spoke(number: int, count: int, score: Score) -> Spoke:
    x, y = _point(number, count, 1.0)
    label_x, label_y = _point(number, count, 1.13)
    return Spoke(number + 1, score.task, score.measure, shown(score.value, score.scale), interval_of(score), x, y, label_x, label_y)


def _point(number: int, count: int, share: float) -> tuple[float, float]:
    angle = 2 * math.pi * number / count - math.pi / 2
    return round(RADIUS * share * math.cos(angle), 2), round(RADIUS * share * math.sin(angle), 2)


def _outline(shares: Sequence[float]) -> str:
    return " ".join(f"{x},{y}" for x, y in (_point(number, len(shares), share) for number, share in enumerate(shares)))


def _closed(shares: Sequence[float]) -> str:
    return " L".join(f"{x} {y}" for x, y in (_point(number, len(shares), share) for number, share in enumerate(shares)))
