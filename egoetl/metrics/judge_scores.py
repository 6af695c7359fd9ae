"""From grades of judges to values: the mean on the rubric's scale, and the share of yes.

An answer without a grade has no value: it lowers the coverage of a score, never the score. The two `legacy_` functions are what
the source systems' scorers make of the same calls: EgoAVU leaves out what it cannot read and says nothing of it, EgoTextVQA
counts a failed call as no, with 0 points.
"""

import json
from collections.abc import Sequence
from typing import NamedTuple

from egoetl.core.errors import InternalError
from egoetl.core.evaluation import Grade

SCALES = {"graded_1_5": (1, 5), "yes_no_0_5": (0, 5), "graded_1_10": (1, 10)}
"""The least and the greatest score of each rubric."""


class YesNoScores(NamedTuple):
    """The share of yes, 0 to 1, and the mean score, 0 to 5."""

    accuracy: float
    score: float


def mean_score(grades: Sequence[Grade]) -> float | None:
    """The mean of the judges' scores for one answer, on the rubric's scale.

    None where there is no grade, or one lies beside its scale, for then nobody knows what was meant. Raises InternalError
    `rubric_unknown`.
    """
    if not grades or not all(_on_scale(grade.score, grade.rubric) for grade in grades):
        return None
    return sum(grade.score for grade in grades) / len(grades)


def share_of_yes(grades: Sequence[Grade]) -> float | None:
    """The share of judges who said yes to one answer, 0 to 1; None where there is no grade, or one says neither yes nor no."""
    if not grades or any(grade.verdict is None for grade in grades):
        return None
    return sum(grade.verdict == "yes" for grade in grades) / len(grades)


def read_score(written: object, rubric: str) -> int | None:
    """A score as somebody wrote it down, a number or its digits; None where it is no whole number on the rubric's scale.

    Raises InternalError `rubric_unknown`.
    """
    if isinstance(written, bool) or not isinstance(written, int | float | str):
        return None
    try:
        number = float(written)
    except ValueError:
        return None
    return int(number) if number.is_integer() and _on_scale(int(number), rubric) else None


def _on_scale(score: int, rubric: str) -> bool:
    if rubric not in SCALES:
        raise InternalError(f"No scale is known of the rubric {rubric!r}; there are: {', '.join(SCALES)}.", reason="rubric_unknown")
    least, greatest = SCALES[rubric]
    return least <= score <= greatest


def legacy_egoavu_rating(reply: str) -> int | None:
    """The rating that EgoAVU's llm_as_judge.py reads in a judge's reply; None where it reads none.

    The whole reply must be JSON, so one in a fence has no rating; 4.8 is 4; a number beside the scale counts as it is.
    """
    try:
        return int(json.loads(reply)["rating"])
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError):
        return None


def legacy_egoavu_mean(ratings: Sequence[int | None]) -> float | None:
    """The mean that EgoAVU prints for a category: of those ratings that could be read, to three places; None, no line, for none."""
    read = [rating for rating in ratings if rating is not None]
    return round(sum(read) / len(read), 3) if read else None


def legacy_egotextvqa(judged: Sequence[tuple[str, int] | None]) -> YesNoScores:
    """Accuracy and mean score as EgoTextVQA's eval.py prints them, from each call's verdict and score, None for a failed call.

    A failed call is no with 0 points; a verdict that holds `yes` anywhere is a yes; a verdict with neither word leaves the
    accuracy's denominator and stays in the mean score. Both are 0 where nothing is left to divide by.
    """
    said = [each or ("no", 0) for each in judged]
    yes = sum("yes" in verdict.lower() for verdict, _ in said)
    no = sum("no" in verdict.lower() and "yes" not in verdict.lower() for verdict, _ in said)
    accuracy = yes / (yes + no) if yes + no else 0.0
    return YesNoScores(accuracy, sum(score for _, score in said) / len(said) if said else 0.0)
