"""Scores as files: the CSV tables that the source systems write, and one with everything that a report holds of them."""

import csv
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any

from egoetl.core.errors import CallerError
from egoetl.core.evaluation import Report, Score
from egoetl.runner.scoring import ALL

_CAPTIONING = {"Meteor": ("meteor_1_5", 100, 2), "Rouge": ("rouge_l", 100, 2), "Cider": ("cider", 1, 4)}
"""EgoAVU's columns, the measure of each, what it is multiplied by, and its decimals."""
_JUDGED = "judge_1_5"
"""The measure whose mean EgoAVU's `llm_as_judge.py` writes by category."""
_ALL_COLUMNS = ("measure", "task", "value", "low", "high", "scored", "total", "videos", "missing_as_zero", "legacy", "scale")

Value = Callable[[Score], float | None]


def write_report(report: Report, file: Path) -> None:
    """Write a report as JSON; equal reports give equal bytes. Raises CallerError `output_not_written`."""
    _write(file, report.model_dump_json(indent=1) + "\n")


def write_tables(report: Report, folder: Path) -> tuple[Path, ...]:
    """Write `scores.csv`, and of what the report has EgoAVU's `captioning.csv` and `judge.csv`.

    Where the reference scorer prints other numbers, they stand in files beside these that end with `_legacy.csv`. Raises CallerError
    `output_not_written`.
    """
    tables = {"scores.csv": [_ALL_COLUMNS, *([getattr(each, name) for name in _ALL_COLUMNS] for each in report.scores)]}
    for suffix, value in (("", attrgetter("value")), ("_legacy", attrgetter("legacy"))):
        tables |= _as_egoavu(report, suffix, value)
    written: list[Path] = []
    for name, rows in tables.items():
        _write(folder / name, _csv(rows))
        written.append(folder / name)
    return tuple(written)


def _as_egoavu(report: Report, suffix: str, value: Value) -> dict[str, list[Sequence[Any]]]:
    """EgoAVU's two tables, each if the report has a number for it."""
    pooled = {each.measure: value(each) for each in report.scores if each.task == ALL}
    captioning = [_decimals(pooled.get(name), scale, digits) for name, scale, digits in _CAPTIONING.values()]
    judged = [
        (report.run, each.task, _decimals(value(each), 1, 3)) for each in report.scores if each.measure == _JUDGED and each.task != ALL
    ]
    tables: dict[str, list[Sequence[Any]]] = {}
    if any(captioning):
        tables[f"captioning{suffix}.csv"] = [("file_name", *_CAPTIONING), (report.run, *captioning)]
    if any(text for _, _, text in judged):
        tables[f"judge{suffix}.csv"] = [("file_name", "category", "score"), *judged]
    return tables


def _decimals(value: float | None, scale: float, digits: int) -> str:
    return "" if value is None else f"{value * scale:.{digits}f}"


def _csv(rows: Iterable[Iterable[Any]]) -> str:
    from io import StringIO

    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(["" if each is None else each for each in row] for row in rows)
    return text.getvalue()


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CallerError(f"{file} cannot be written: {error.strerror}; name another place.", reason="output_not_written") from error
