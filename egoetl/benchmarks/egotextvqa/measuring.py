"""The metrics of EgoTextVQA, over both subsets and over each."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import chain

from egoetl.benchmarks.benchmark import Scoring
from egoetl.benchmarks.egotextvqa.loading import SUBSETS
from egoetl.benchmarks.egotextvqa.parsing import is_unanswerable
from egoetl.benchmarks.judged import exact_match, judge_points, judge_yes, printed
from egoetl.benchmarks.measuring import ALL, for_each_group, group_of, values_of
from egoetl.core.evaluation import Answered, Measure
from egoetl.metrics.judge_scores import YesNoScores

_POOLED = " Its tables of either subset take every row of a type that the subset has, so that `others` of both is one."


def measures(answered: Sequence[Answered], _scoring: Scoring) -> tuple[Measure, ...]:
    """Judges' yes and points, and equal words without a judge, each also for each subset; and how often a model says Unanswerable."""
    scorer = partial(_printed, answered)
    judged = (
        measure.model_copy(update={"why_legacy": measure.why_legacy + _POOLED})
        for made in (judge_yes, judge_points)
        for measure in for_each_group(answered, partial(made, legacy=scorer))
    )
    return (*judged, *for_each_group(answered, exact_match), _unanswerable(answered))


def _unanswerable(answered: Sequence[Answered]) -> Measure:
    def value(each: Answered) -> float | None:
        answer = each.parsed.answer if each.parsed else None
        return None if answer is None else float(is_unanswerable(answer))

    return Measure(name="says_unanswerable", values=values_of(answered, value), scale=100.0)


def _printed(everything: Sequence[Answered], some: Sequence[Answered]) -> Mapping[str, YesNoScores]:
    """What petkokp/EgoTextVQA's `eval.py` prints, its rows known by type alone, in the tables of the subsets among `some`."""
    subsets = set(chain.from_iterable(map(_subsets_of, some)))
    rows = [each for each in everything if any(type_of(each) in SUBSETS[subset] for subset in subsets)]
    tasks = {each.question.task: type_of(each) for each in some}
    made = {task: printed([each for each in rows if type_of(each) == kind]) for task, kind in tasks.items()} | {ALL: printed(rows)}
    return {task: scores for task, scores in made.items() if scores is not None}


def _subsets_of(answered: Answered) -> Iterable[str]:
    """The subset of a question; all that have its type, where a file of predictions does not say which."""
    subset = group_of(answered.question)
    return (subset,) if subset in SUBSETS else (each for each, types in SUBSETS.items() if type_of(answered) in types)


def type_of(answered: Answered) -> str:
    """The question's type, whatever its subset."""
    return answered.question.task.rpartition("/")[2]
