"""The metrics of EgoTextVQA, over both subsets; a report has their scores over each subset too."""

from collections.abc import Mapping, Sequence

from egoetl.benchmarks.benchmark import Scoring
from egoetl.benchmarks.egotextvqa.loading import SUBSETS
from egoetl.benchmarks.egotextvqa.parsing import is_unanswerable
from egoetl.benchmarks.judged import exact_match, judge_points, judge_yes, printed
from egoetl.benchmarks.measuring import ALL, values_of
from egoetl.core.evaluation import Answered, Measure
from egoetl.metrics.judge_scores import YesNoScores

_POOLED = " Its table of a subset takes every row of a type that the subset has, so that `others` of both is one."


def measures(answered: Sequence[Answered], _scoring: Scoring) -> tuple[Measure, ...]:
    """Judges' yes and points, equal words without a judge, and how often a model says Unanswerable."""
    judged = (made(answered, _printed) for made in (judge_yes, judge_points))
    pooled = tuple(measure.model_copy(update={"why_legacy": measure.why_legacy + _POOLED}) for measure in judged)
    return (*pooled, exact_match(answered), _unanswerable(answered))


def _unanswerable(answered: Sequence[Answered]) -> Measure:
    def value(each: Answered) -> float | None:
        answer = each.parsed.answer if each.parsed else None
        return None if answer is None else float(is_unanswerable(answer))

    return Measure(name="says_unanswerable", values=values_of(answered, value), scale=100.0)


def _printed(answered: Sequence[Answered]) -> Mapping[str, YesNoScores]:
    """What petkokp/EgoTextVQA's `eval.py` prints, which knows rows by their type alone: for each task, each subset, and all rows."""
    tasks = {each.question.task: {type_of(each)} for each in answered}
    subsets = {subset: set(types) for subset, types in SUBSETS.items() if any(task.startswith(f"{subset}/") for task in tasks)}
    rows = {name: printed([each for each in answered if type_of(each) in types]) for name, types in {**tasks, **subsets}.items()} | {
        ALL: printed(answered)
    }
    return {name: scores for name, scores in rows.items() if scores is not None}


def type_of(answered: Answered) -> str:
    """The question's type, whatever its subset."""
    return answered.question.task.rpartition("/")[2]
