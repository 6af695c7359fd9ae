"""Grades that files of predictions carry: `acc` yes or no, and `score` from 0 to 5."""

from math import isfinite
from typing import Any

from egoetl.benchmarks.predictions.prediction import RATING, UNKNOWN_JUDGE, Trouble
from egoetl.benchmarks.rows import Row
from egoetl.core.evaluation import Grade

_BEST = 5
_VERDICTS = {"yes": "yes", "no": "no", "1": "yes", "0": "no", "1.0": "yes", "0.0": "no"}


def grade_of(row: Row, verdict_name: str, score_name: str) -> tuple[Grade | None, tuple[Trouble, ...]]:
    """The grade of a row, if it has one, and what is wrong with it. A grade that is half there or no number is none."""
    verdict, score = row.fields.get(verdict_name), row.fields.get(score_name)
    if verdict is None and score is None:
        return None, ()
    said = _VERDICTS.get(str(verdict).strip().casefold()) if not isinstance(verdict, bool) else None
    trouble = _trouble(row, verdict_name, said) or _trouble_of_score(row, score_name, score)
    if trouble:
        return None, (trouble,)
    assert said in ("yes", "no")
    assert score is not None
    return Grade(rubric=RATING, judge=UNKNOWN_JUDGE, score=int(score), verdict=said), ()


def _trouble(row: Row, name: str, said: str | None) -> Trouble | None:
    if said is not None:
        return None
    return Trouble("grade_verdict_unknown", f"{row.where}: {name} is neither yes nor no; mend it or leave the grade out.")


def _trouble_of_score(row: Row, name: str, score: Any) -> Trouble | None:
    if isinstance(score, bool) or not isinstance(score, int | float) or not isfinite(score):
        return Trouble("grade_not_a_number", f"{row.where}: {name} is no number; mend it or leave the grade out.")
    if score != int(score) or not 0 <= score <= _BEST:
        return Trouble("grade_out_of_range", f"{row.where}: {name} {score:g} is no whole number from 0 to {_BEST}; mend it.")
    return None
