"""The metrics of EgoAVU-Bench: options and verdicts by accuracy, narrations by their words, all that is told by judges."""

from collections.abc import Sequence

from egoetl.algorithms.wording import normalised
from egoetl.benchmarks.benchmark import RubricName, Scoring
from egoetl.benchmarks.egoavu_bench.loading import NARRATED
from egoetl.benchmarks.egoavu_bench.narrations import narration_measures
from egoetl.benchmarks.egoavu_bench.parsing import offered_by
from egoetl.benchmarks.measuring import ALL, group_of, those, values_of
from egoetl.core.evaluation import Answered, Measure, Question
from egoetl.metrics.accuracy import accuracy
from egoetl.metrics.judge_scores import SCALES, legacy_egoavu_mean, mean_score
from egoetl.metrics.yes_no import yes_or_no

RUBRIC: RubricName = "graded_1_5"
CHOSEN = ("tr", "avh")
TOLD = ("ssa", *NARRATED)


def measures(answered: Sequence[Answered], _scoring: Scoring) -> tuple[Measure, ...]:
    """Accuracy of TR and AVH; METEOR 1.5, ROUGE-L and CIDEr of AVDN and AVSN; judges' grades from 1 to 5 of those and SSA."""
    chosen = those(answered, lambda question: group_of(question) in CHOSEN)
    narrated = those(answered, lambda question: group_of(question) in NARRATED)
    told = those(answered, lambda question: rubric(question) is not None)
    made = (_accuracy(chosen), *narration_measures(narrated), _judged(told))
    return tuple(each for each in made if each.values)


def rubric(question: Question) -> RubricName | None:
    """What is told is graded; options and verdicts are right or wrong."""
    return RUBRIC if group_of(question) in TOLD else None


def _accuracy(answered: Sequence[Answered]) -> Measure:
    return Measure(name="accuracy", values=values_of(answered, _is_right), scale=100.0)


def _is_right(answered: Answered) -> float | None:
    question, parsed = answered.question, answered.parsed
    if parsed is None:
        return None
    if group_of(question) == "avh":
        verdict = yes_or_no(question.reference.answer).answer
        return None if verdict is None else accuracy(parsed.answer, verdict)
    if (offered := offered_by(question)) is not None:
        return accuracy(parsed.choice, offered.right)
    return None if parsed.answer is None else float(normalised(parsed.answer) == normalised(question.reference.answer))


def _judged(answered: Sequence[Answered]) -> Measure:
    tasks = {each.question.task for each in answered}
    rows = {task: [each for each in answered if each.question.task == task] for task in sorted(tasks)} | {ALL: list(answered)}
    printed = {task: legacy_egoavu_mean([_rating(each) for each in some]) for task, some in rows.items()}
    return Measure(
        name="judge_1_5",
        values=values_of(answered, lambda each: mean_score(each.grades)),
        ends=SCALES["graded_1_5"],
        legacy={task: mean for task, mean in printed.items() if mean is not None},
        why_legacy="the reference scorer leaves out replies of the judge that it cannot read and does not say so; it prints three places.",
    )


def _rating(answered: Answered) -> int | None:
    """The one rating that the reference scorer asks for: the first judge's."""
    return answered.grades[0].score if answered.grades else None
