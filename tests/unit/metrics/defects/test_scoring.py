"""What EgoTextVQA's programs make of a file of predictions, and what a report does: rows that collide, are left out, or were not judged."""

import json
from pathlib import Path
from typing import Any

import pytest

from egoetl.benchmarks.benchmark import Loaded, Placed, Scoring
from egoetl.benchmarks.egotextvqa.benchmark import EGOTEXTVQA
from egoetl.benchmarks.predictions.reading import read_predictions
from egoetl.core.evaluation import Question, Reference, Report, Score
from egoetl.runner.scoring import About, report_on

SIGN = "the red sign by the door"


def asked(number: float) -> Question:
    return Question(
        question_id=f"outdoor/v1/{number}", benchmark="egotextvqa", video_id="v1", task="outdoor/location", start_ms=0,
        end_ms=int(number * 1000), question="Where is it?", reference=Reference(answer=SIGN),
    )  # fmt: skip


def row(number: float, **graded: Any) -> dict[str, Any]:
    """A result row; the question is asked anew at every instant, as in Outdoor's real-time part."""
    return {
        "question_id": number, "video_id": "v1", "question": "Where is it?", "question_type": "location", "dataset": "EgoTextVQA",
        "subset": "Outdoor", "model": SIGN, "correct_answer": SIGN, **graded,
    }  # fmt: skip


def report(tmp_path: Path, rows: list[dict[str, Any]]) -> Report:
    file = tmp_path / "results.json"
    file.write_text(json.dumps(rows), encoding="utf-8")
    loaded = Loaded(questions=tuple(Placed(asked(number), "v1.mp4") for number in (8.1, 8.2, 8.3, 8.4)), refused=())
    return report_on(EGOTEXTVQA, read_predictions(file, EGOTEXTVQA, loaded).answered, Scoring(), About("run", "model"))


def yes(found: Report) -> Score:
    return next(each for each in found.scores if (each.measure, each.task) == ("judge_yes", "all"))


RIGHT = {"acc": "yes", "score": 5}
FAILED = {"acc": "no", "score": 0}
"""What `eval.py` saves for a judge call that failed."""


def test_one_question_at_two_times_is_two_where_a_join_by_its_words_has_one(tmp_path: Path) -> None:
    rows = [row(8.1, **RIGHT), row(8.2, **RIGHT)]
    assert len({(each["video_id"], each["question"]): each for each in rows}) == 1
    assert report(tmp_path, rows).counts["answered"] == 2


def test_a_prediction_that_failed_is_missing_where_the_reference_leaves_it_out(tmp_path: Path) -> None:
    found = yes(report(tmp_path, [row(8.1, **RIGHT)]))
    assert found.legacy == 1.0
    assert (found.value, found.scored, found.total, found.missing_as_zero) == (1.0, 1, 4, 0.25)


def test_an_answer_that_was_not_judged_has_no_value_where_the_reference_says_no(tmp_path: Path) -> None:
    found = yes(report(tmp_path, [row(8.1, **RIGHT), row(8.2)]))
    assert found.legacy == 0.5
    assert (found.value, found.scored) == (1.0, 1)


def test_a_failed_call_that_was_saved_as_no_is_listed_as_suspicious(tmp_path: Path) -> None:
    found = report(tmp_path, [row(8.1, **RIGHT), row(8.2, **FAILED)])
    assert (yes(found).value, yes(found).legacy) == (0.5, pytest.approx(0.5))
    assert found.suspicious == ("outdoor/v1/8.2",)
