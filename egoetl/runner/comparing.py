"""Two runs over one benchmark: by measure and task, how much they differ on the questions that both have a value for, and how surely."""

from collections.abc import Iterator, Sequence
from math import fsum
from typing import NamedTuple

from egoetl.core.errors import CallerError
from egoetl.core.evaluation import Report, ScoredItem
from egoetl.core.records import Record
from egoetl.metrics.statistics.holm import holm
from egoetl.metrics.statistics.mcnemar import exact_mcnemar
from egoetl.metrics.statistics.paired import paired_difference
from egoetl.metrics.statistics.power import clusters_needed, detectable_difference, items_needed
from egoetl.runner.scoring import ALL


class Difference(Record):
    """A measure over the common questions of one task, or of all: `difference` is the second run's value less the first's."""

    measure: str
    task: str
    scale: float
    common: int
    """Questions that both runs have a value for."""
    not_common: int
    """Questions that the measure applies to in either run, and that not both have a value for."""
    videos: int
    first: float | None = None
    second: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    """Of the clustered paired t test."""
    adjusted: float | None = None
    """The p-value adjusted by Holm over the measure's tasks, or over its groups of tasks; under `all`, the p-value itself."""
    mcnemar: float | None = None
    """The p-value of McNemar's exact test, for values that are all 0 or 1: a second opinion that ignores clusters."""
    detectable: float | None = None
    """The least difference that so many videos show in 80 of 100 cases."""
    videos_needed: int | None = None
    """How many videos it takes to show a difference as large as this one in 80 of 100 cases."""
    items_needed: int | None = None
    """How many questions those are, at as many a video as here."""


class Comparison(Record):
    """Two runs compared."""

    benchmark: str
    first: str
    second: str
    differences: tuple[Difference, ...]


class _Pair(NamedTuple):
    """A question's values in both runs, None where there is none, and its video."""

    task: str
    video: str
    first: float | None
    second: float | None


def compare_reports(first: Report, second: Report) -> Comparison:
    """Compare two runs on what they have in common.

    Raises CallerError `benchmarks_differ` for runs over different benchmarks or versions of one, and `nothing_in_common` where no
    question has a value in both.
    """
    _check(first, second)
    scales = {each.measure: each.scale for report in (second, first) for each in report.scores}
    differences = [row for measure in dict.fromkeys((*_measures(first), *_measures(second))) for row in _of(measure, first, second, scales)]
    if not any(each.common for each in differences):
        raise CallerError(
            f"{first.run} and {second.run} have no question in common that both have a score for; compare runs over the same questions.",
            reason="nothing_in_common",
        )
    return Comparison(benchmark=first.benchmark, first=first.run, second=second.run, differences=tuple(differences))


def _check(first: Report, second: Report) -> None:
    ran = [f"{each.run} is over {each.benchmark}, version {each.benchmark_version}" for each in (first, second)]
    if first.benchmark != second.benchmark:
        raise CallerError(f"{ran[0]}, {ran[1]}; compare runs over one benchmark.", reason="benchmarks_differ")
    if first.benchmark_version != second.benchmark_version:
        raise CallerError(f"{ran[0]}, {ran[1]}; score both with the same release.", reason="benchmarks_differ")


def _measures(report: Report) -> Iterator[str]:
    return (each.measure for each in report.scores)


def _of(measure: str, first: Report, second: Report, scales: dict[str, float]) -> Iterator[Difference]:
    """The measure over all questions, then by task and group of tasks in the order of their names; p-values are adjusted."""
    pairs = _pairs(measure, first.items, second.items)
    if not pairs:
        # Such as a mean of tasks' means, which no question has a value of.
        return
    tasks = {each.task for each in pairs} - {ALL}
    groups = {task.partition("/")[0] for task in tasks} - tasks - {ALL}
    rows = [
        _difference(measure, task, [each for each in pairs if task in (ALL, each.task, each.task.partition("/")[0])], scales[measure])
        for task in (ALL, *sorted(tasks | groups))
    ]
    adjusted: dict[str, float] = {}
    for family in ({ALL}, groups, tasks):
        adjusted |= holm({each.task: each.p_value for each in rows if each.task in family and each.p_value is not None})
    for each in rows:
        yield each.model_copy(update={"adjusted": adjusted.get(each.task)})


def _pairs(measure: str, first: Sequence[ScoredItem], second: Sequence[ScoredItem]) -> list[_Pair]:
    """Both values of every question that the measure applies to in either run. Task and video are those of the first that has it."""
    values = [{each.question.question_id: each for each in items if measure in each.values} for items in (first, second)]
    questions = {name: each.question for found in reversed(values) for name, each in found.items()}
    return [
        _Pair(
            questions[name].task,
            questions[name].video_id,
            *(found[name].values[measure] if name in found else None for found in values),
        )
        for name in sorted(questions)
    ]


def _difference(measure: str, task: str, pairs: Sequence[_Pair], scale: float) -> Difference:
    common = [(each.first, each.second, each.video) for each in pairs if each.first is not None and each.second is not None]
    found = Difference(
        measure=measure,
        task=task,
        scale=scale,
        common=len(common),
        not_common=len(pairs) - len(common),
        videos=len({video for _, _, video in common}),
    )
    if not common:
        return found
    return found.model_copy(update=_tested([each[0] for each in common], [each[1] for each in common], [each[2] for each in common]))


def _tested(left: Sequence[float], right: Sequence[float], videos: Sequence[str]) -> dict[str, float | None]:
    """What is known of the difference, by the names of `Difference`."""
    found = paired_difference(left, right, videos)
    error, count = found.standard_error, found.clusters
    needed = None if error is None else clusters_needed(error, count, found.difference)
    return {
        "first": fsum(left) / len(left),
        "second": fsum(right) / len(right),
        "difference": found.difference,
        "low": found.low,
        "high": found.high,
        "p_value": found.p_value,
        "mcnemar": exact_mcnemar(left, right).p_value if {*left, *right} <= {0.0, 1.0} else None,
        "detectable": None if error is None else detectable_difference(error, count),
        "videos_needed": needed,
        "items_needed": None if needed is None else items_needed(needed, found.items / count),
    }
