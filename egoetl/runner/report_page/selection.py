"""Which questions the page shows: the worst of each task, and the suspicious ones."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain, zip_longest
from typing import NamedTuple

from egoetl.core.evaluation import Report, ScoredItem
from egoetl.runner.report_page.axes import ALL, axis_of, measures, of_measure

WORST = 12


class Worst(NamedTuple):
    """A question with the metric by which it is among the worst, and its value."""

    item: ScoredItem
    measure: str
    value: float
    scale: float


def worst(report: Report, count: int = WORST) -> tuple[Worst, ...]:
    """The worst answers: of each task in turn by its first metric, none that has the most there is. Equal ones in order of their ids."""
    scales = {each.measure: each.scale for each in report.scores}
    best = {measure: axis_of(of_measure(report, measure)).high for measure in measures(report)}
    first = {each.task: each.measure for each in reversed(report.scores) if each.task != ALL}
    by_task: dict[str, list[Worst]] = defaultdict(list)
    for item in report.items:
        measure = first.get(item.question.task)
        if measure and (value := item.values.get(measure)) is not None and value < best[measure]:
            by_task[item.question.task].append(Worst(item, measure, value, scales[measure]))
    ranked = [sorted(by_task[task], key=lambda each: (each.value, each.item.question.question_id)) for task in sorted(by_task)]
    in_turn = (each for each in chain.from_iterable(zip_longest(*ranked)) if each is not None)
    return tuple(in_turn)[:count]


def suspicious(report: Report) -> Sequence[ScoredItem]:
    """The questions that the report lists as suspicious, in its order."""
    items = {each.question.question_id: each for each in report.items}
    return [items[key] for key in report.suspicious if key in items]
