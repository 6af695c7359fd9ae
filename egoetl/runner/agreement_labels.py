"""A file of people's grades: CSV with `question_id` and `score`, `verdict` or both."""

import csv
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from egoetl.core.errors import DataError


class Graded(NamedTuple):
    """What somebody graded an answer with; None: not given."""

    score: int | None
    verdict: str | None


class Labels(NamedTuple):
    """People's grades by question id, and how many lines were refused, by reason."""

    grades: dict[str, Graded]
    refused: dict[str, int]


def read_labels(file: Path) -> Labels:
    """Read the file; a line that is wrong is refused and counted, and of two about one question both are.

    Raises DataError `labels_unreadable` where it is no such file.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            rows = csv.DictReader(text, strict=True)
            columns = set(rows.fieldnames or ())
            if "question_id" not in columns or not columns & {"score", "verdict"}:
                raise DataError(
                    f"{file} is no file of labels: its first line must name question_id and score, verdict or both.",
                    reason="labels_unreadable",
                )
            return _sorted_out([_label(row) for row in rows])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{file} cannot be read as CSV: {error}.", reason="labels_unreadable") from error


def _sorted_out(rows: list[tuple[str, Graded | str]]) -> Labels:
    times = Counter(question_id for question_id, _ in rows)
    refused, grades = Counter[str](), dict[str, Graded]()
    for question_id, found in rows:
        if isinstance(found, str):
            refused[found] += 1
        elif times[question_id] > 1:
            refused["question_repeated"] += 1
        else:
            grades[question_id] = found
    return Labels(grades, dict(sorted(refused.items())))


def _label(row: Mapping[str | None, Any]) -> tuple[str, Graded | str]:
    """The question and its grade, or the reason why the line is refused."""
    # A short line has None in place of what is missing, a long one a list under None.
    if None in row or None in row.values():
        return str(row.get("question_id") or ""), "columns_differ"
    question_id, score, verdict = (str(row.get(name, "")).strip() for name in ("question_id", "score", "verdict"))
    verdict = verdict.lower()
    if not question_id:
        return "", "question_id_missing"
    if not score and not verdict:
        return question_id, "grade_missing"
    if score and not (score.isascii() and score.isdigit()):
        return question_id, "score_not_whole"
    if verdict not in ("", "yes", "no"):
        return question_id, "verdict_unknown"
    return question_id, Graded(int(score) if score else None, verdict or None)
