"""A report as the page gets it: flat items under short names, and how each metric is to be read."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, Literal

from egoetl.benchmarks.rubrics.index import RUBRICS
from egoetl.core.evaluation import Report, ScoredItem

AskedAt = Literal["end", "window"]


def payload(report: Report, video_key: Callable[[ScoredItem], int]) -> dict[str, Any]:
    """Everything of a report that the page shows. `video_key` numbers videos: the page asks for them by nothing else."""
    return {
        "run": report.run,
        "benchmark": report.benchmark,
        "model": report.model,
        "judges": report.judges,
        "counts": report.counts,
        "notes": report.notes,
        "asked_at": asked_at(report.items),
        "measures": _measures(report),
        "suspicious": report.suspicious,
        "items": [_item(each, video_key(each)) for each in report.items],
    }


def asked_at(items: Iterable[ScoredItem]) -> AskedAt:
    """When a question is asked: at the `end` of its window, where a video's windows begin together and end at different times.

    So it is where a question is answered from what came before it. Else a question is about its `window`.
    """
    starts: dict[str, set[int]] = defaultdict(set)
    ends: dict[str, set[int]] = defaultdict(set)
    for item in items:
        starts[item.question.video_id].add(item.question.start_ms)
        ends[item.question.video_id].add(item.question.end_ms)
    together = all(len(each) == 1 for each in starts.values())
    return "end" if together and any(len(each) > 1 for each in ends.values()) else "window"


def _measures(report: Report) -> list[dict[str, Any]]:
    """The metrics in the report's order, with the ends of their scale: what a right and a wrong answer have."""
    scales = {each.measure: each.scale for each in report.scores}
    named = dict.fromkeys([*scales, *(name for each in report.items for name in each.values)])
    ends = {name: _ends(report, name) for name in named}
    return [{"name": name, "scale": scales.get(name, 1.0), "low": ends[name][0], "high": ends[name][1]} for name in named]


def _ends(report: Report, measure: str) -> tuple[float, float]:
    """0 and 1 for shares; a rubric's ends where every value is a grade on it; else 0 and the most there is."""
    valued = [(value, each) for each in report.items if (value := each.values.get(measure)) is not None]
    graded = {name for value, each in valued if (name := _graded_as(value, each)) is not None}
    if valued and len(graded) == 1 and all(_graded_as(*each) for each in valued):
        rubric = next(each for name, each in RUBRICS.items() if name in graded)
        return float(rubric.low), float(rubric.high)
    return 0.0, max([1.0, *(value for value, _ in valued)])


def _graded_as(value: float, item: ScoredItem) -> str | None:
    """The rubric on which the value is a grade of the item, if it is one."""
    return next((each.rubric for each in item.grades if each.rubric in RUBRICS and each.score == value), None)


def _item(item: ScoredItem, video: int) -> dict[str, Any]:
    question = item.question
    return {
        "id": question.question_id,
        "task": question.task,
        "video": question.video_id,
        "file": video,
        "question": question.question,
        "options": question.options,
        "choice": question.reference.choice,
        "gold": question.reference.answer,
        "gold_spans": question.reference.spans,
        "start": question.start_ms / 1000,
        "end": question.end_ms / 1000,
        "status": item.status,
        "reason": item.reason,
        "said": item.said,
        "spans": item.parsed.spans if item.parsed else None,
        "faults": item.parsed.faults if item.parsed else (),
        "grades": [each.model_dump(mode="json") for each in item.grades],
        "values": item.values,
    }
