"""Measures of short answers that a judge says yes or no to, with 0 to 5 points: EgoTextVQA and EgoTempo."""

from collections.abc import Callable, Mapping, Sequence

from egoetl.algorithms.wording import normalised
from egoetl.benchmarks.measuring import ALL, values_of
from egoetl.core.evaluation import Answered, Grade, Measure
from egoetl.metrics.judge_scores import SCALES, YesNoScores, legacy_egotextvqa, mean_score, share_of_yes

RUBRIC = "yes_no_0_5"
Scorer = Callable[[Sequence[Answered]], Mapping[str, YesNoScores]]
"""What a reference scorer prints for the tasks of these answers, and under `all`."""
WHY_LEGACY = (
    "the reference scorer leaves out questions without a prediction, and counts a judge call that failed, or that it could not read,"
    " as no with 0 points."
)


def judge_yes(answered: Sequence[Answered], legacy: Scorer) -> Measure:
    """The share of answers that judges say yes to, 0 to 1."""
    printed = {task: scores.accuracy for task, scores in legacy(answered).items()}
    values = values_of(answered, lambda each: share_of_yes(grades_of(each)))
    return Measure(name="judge_yes", values=values, legacy=printed, scale=100.0, why_legacy=WHY_LEGACY)


def judge_points(answered: Sequence[Answered], legacy: Scorer) -> Measure:
    """The judges' mean score, 0 to 5."""
    printed = {task: scores.score for task, scores in legacy(answered).items()}
    values = values_of(answered, lambda each: mean_score(grades_of(each)))
    return Measure(name="judge_0_5", values=values, legacy=printed, why_legacy=WHY_LEGACY, ends=SCALES[RUBRIC])


def exact_match(answered: Sequence[Answered]) -> Measure:
    """Whether an answer has the words of the reference, in order and no others; case, punctuation and articles do not count."""
    return Measure(name="exact_match", values=values_of(answered, _same_words), scale=100.0)


def grades_of(answered: Answered) -> tuple[Grade, ...]:
    """The grades by the rubric of these benchmarks."""
    return tuple(grade for grade in answered.grades if grade.rubric == RUBRIC)


def printed(answered: Sequence[Answered]) -> YesNoScores | None:
    """What EgoTextVQA's `eval.py` prints for these answers; None where it has no row, as nothing was predicted."""
    judged = [_judged(each) for each in answered if each.said]
    return legacy_egotextvqa(judged) if judged else None


def printed_by_task(answered: Sequence[Answered]) -> Mapping[str, YesNoScores]:
    """The same for each task and for all."""
    tasks = {each.question.task for each in answered}
    rows = {task: printed([each for each in answered if each.question.task == task]) for task in sorted(tasks)} | {ALL: printed(answered)}
    return {task: scores for task, scores in rows.items() if scores is not None}


def _judged(answered: Answered) -> tuple[str, int] | None:
    """The one call that the reference scorer makes: that of the first judge."""
    grades = grades_of(answered)
    return (grades[0].verdict or "", grades[0].score) if grades else None


def _same_words(answered: Answered) -> float | None:
    if answered.parsed is None or answered.parsed.answer is None:
        return None
    return float(normalised(answered.parsed.answer) == normalised(answered.question.reference.answer))
