"""From answers to a report: every measure by task and over all, with its interval, its coverage and what the reference scorer prints."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import fsum, inf, isfinite
from typing import NamedTuple, get_args

from egoetl.benchmarks.benchmark import Benchmark, Scoring
from egoetl.core.errors import InternalError
from egoetl.core.evaluation import Answered, AnswerStatus, Measure, Report, Score, ScoredItem
from egoetl.metrics.statistics.clustered_mean import clustered_mean
from egoetl.runner.suspicion import suspicious

ALL = "all"
"""The task under which a measure over the questions of all tasks stands."""


PERCENT = 100.0
"""The scale of measures whose values lie between 0 and 1."""


class About(NamedTuple):
    """What a report says of a run beside its answers. `refused` counts rows by reason; `uris` are videos' addresses by question id."""

    run: str
    model: str
    judges: tuple[str, ...] = ()
    refused: Mapping[str, int] = {}
    notes: tuple[str, ...] = ()
    uris: Mapping[str, str] = {}


def report_on(benchmark: Benchmark, answered: Sequence[Answered], scoring: Scoring, about: About) -> Report:
    """What answers to a benchmark's questions come to; the order of the answers says nothing.

    Raises:
        DataError: a mask cannot be read.
        InternalError: a question is there twice, or a measure has a value that is no number or is of no such question.
    """
    ordered = sorted(answered, key=lambda each: each.question.question_id)
    tasks = {each.question.question_id: each.question.task for each in ordered}
    if len(tasks) != len(ordered):
        raise InternalError("A question was to be scored twice; please report this.", reason="question_scored_twice")
    measures = benchmark.measures(ordered, scoring)
    for measure in measures:
        _check(measure, tasks)
    videos = {each.question.question_id: each.question.video_id for each in ordered}
    counted = Counter(each.status for each in ordered)
    return Report(
        run=about.run,
        benchmark=benchmark.name,
        benchmark_version=benchmark.version,
        model=about.model,
        judges=about.judges,
        scores=tuple(score for measure in measures for score in _scores(measure, tasks, videos)),
        counts={status: counted[status] for status in get_args(AnswerStatus)},
        refused=dict(sorted(about.refused.items())),
        suspicious=suspicious(ordered),
        notes=(*about.notes, *_notes(measures)),
        items=tuple(_item(each, measures, about.uris.get(each.question.question_id)) for each in ordered),
    )


def _check(measure: Measure, tasks: Mapping[str, str]) -> None:
    strange = [name for name, value in measure.values.items() if name not in tasks or (value is not None and not isfinite(value))]
    if strange:
        raise InternalError(
            f"Measure {measure.name} has a value that cannot be, for question {strange[0]}; please report this.",
            reason="measure_not_a_number",
        )


def _scores(measure: Measure, tasks: Mapping[str, str], videos: Mapping[str, str]) -> Iterator[Score]:
    """The measure over all questions, then by task in the order of their names; over all tasks `indoor/...` as `indoor` too."""
    by_task: dict[str, list[str]] = {}
    for name in () if measure.only_over_all else sorted(measure.values):
        for task in sorted({tasks[name], tasks[name].partition("/")[0]}):
            by_task.setdefault(task, []).append(name)
    # A task of this very name would be told apart by nobody.
    for task, names in ((ALL, sorted(measure.values)), *sorted(each for each in by_task.items() if each[0] != ALL)):
        if names:
            yield _score(measure, task, names, videos)


def _score(measure: Measure, task: str, names: Sequence[str], videos: Mapping[str, str]) -> Score:
    taken = [(value, videos[name]) for name in names if (value := measure.values[name]) is not None]
    values, clusters = [value for value, _ in taken], [video for _, video in taken]
    mean = clustered_mean(values, clusters) if taken else None
    return Score(
        measure=measure.name,
        task=task,
        value=mean.mean if mean else None,
        low=mean and _within(mean.low, measure),
        high=mean and _within(mean.high, measure),
        scored=len(values),
        total=len(names),
        videos=len(set(clusters)),
        missing_as_zero=None if measure.only_over_all and len(values) < len(names) else fsum(values) / len(names),
        legacy=measure.legacy.get(task),
        scale=measure.scale,
    )


def _within(end: float | None, measure: Measure) -> float | None:
    """The end of an interval, cut to the values that the measure can have, where they have ends."""
    least, greatest = measure.ends or ((0.0, 1.0) if measure.scale == PERCENT else (-inf, inf))
    return None if end is None else min(greatest, max(least, end))


def _notes(measures: Sequence[Measure]) -> Iterator[str]:
    """What a reader must know of a measure, and why the reference scorer prints something else; equal sentences once."""
    said: dict[str, list[str]] = {}
    for measure in measures:
        for why in (measure.note, measure.why_legacy if measure.legacy else ""):
            if why:
                said.setdefault(why, []).append(measure.name)
    for why, names in said.items():
        yield f"{', '.join(names)}: {why}"


def _item(each: Answered, measures: Sequence[Measure], uri: str | None) -> ScoredItem:
    name = each.question.question_id
    return ScoredItem(
        question=each.question,
        status=each.status,
        said=each.said,
        parsed=each.parsed,
        grades=each.grades,
        reason=each.reason or each.ungraded,
        values={measure.name: measure.values[name] for measure in measures if name in measure.values and not measure.only_over_all},
        uri=uri,
    )
