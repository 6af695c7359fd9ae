"""Answers that literally hold the reference answer and were graded lowest all the same: what a failed judge call looks like."""

from collections.abc import Sequence

from egoetl.core.evaluation import Answered, Grade


def suspicious(answered: Sequence[Answered]) -> tuple[str, ...]:
    """The ids of such questions, in the order of the answers."""
    return tuple(each.question.question_id for each in answered if _is_suspicious(each))


def _is_suspicious(answered: Answered) -> bool:
    from egoetl.metrics.literal_gold import holds_gold

    gold = answered.question.reference.answer
    return bool(gold) and any(map(graded_lowest, answered.grades)) and holds_gold("\n".join(answered.said), gold)


def graded_lowest(grade: Grade) -> bool:
    """Whether a grade is the least that its rubric has, and no `yes` goes with it."""
    from egoetl.benchmarks.rubrics.index import RUBRICS

    low = next((rubric.low for name, rubric in RUBRICS.items() if name == grade.rubric), None)
    return grade.score == low and grade.verdict != "yes"
