"""`egoetl eval score` and `egoetl eval compare` on files: tables in 80 columns, reports, CSVs, exit codes."""

import csv
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from egoetl.benchmarks import index
from egoetl.core.evaluation import Report

ROWS = [
    {"category": "pick", "video_id": f"v{number // 2}", "question": f"What is {number}?", "options": ["a clap", "a bell"],
     "answer": "a bell", "output": "B" if number % 3 else "A"}
    for number in range(8)
] + [
    {"category": "tell", "video_id": f"v{number}", "question": f"What does {number} say?", "answer": "the red bell on the door",
     "output": "the bell"}
    for number in range(3)
]  # fmt: skip
BROKEN = [
    "text", {"category": "tell", "answer": "a"}, {**ROWS[0]}, {**ROWS[-1], "question": "?", "output": ""},
    {**ROWS[-1], "category": "dance"}, {**ROWS[-1], "answer": ["a"]},
]  # fmt: skip


@pytest.fixture(autouse=True)
def tiny_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line finds the tiny benchmark by name, and prints 80 columns."""
    monkeypatch.setitem(index._BENCHMARKS, "tiny", ("egoetl.testing.tiny_benchmark", "TINY"))
    monkeypatch.setenv("COLUMNS", "80")


def predictions(tmp_path: Path, rows: Any, name: str = "predictions.json") -> str:
    file = tmp_path / name
    file.write_text(json.dumps(rows), encoding="utf-8")
    return str(file)


def table(file: Path) -> list[list[str]]:
    return list(csv.reader(file.read_text(encoding="utf-8").splitlines()))


def test_a_file_is_scored_by_task_in_80_columns(egoetl: Any, tmp_path: Path) -> None:
    ended = egoetl("eval", "score", predictions(tmp_path, [*ROWS, *BROKEN]), "--bench", "tiny")
    assert ended.code == 0, ended.err
    lines = [line.rstrip() for line in ended.out.splitlines()]
    assert [line for line in lines if len(line) > 80 and not line.startswith("- ")] == []
    heading, whole = lines[lines.index("accuracy") + 1 :][:2]
    assert heading.split() == ["task", "value", "95", "%", "interval", "scored", "reference"]
    # Residuals by video -0.25, -0.25, 0.75, -0.25: error² = 0.75 * 4/3 / 64, times 3.182446; cut where percentages end.
    assert whole.split() == ["all", "62.50", "22.7", "to", "100.0", "8/8", "62.50"]
    assert "13 questions: 11 answered, 1 failed, 1 missing." in lines
    for reason in ("category_unknown", "duplicate_question", "field_not_text", "not_an_object", "prediction_empty", "prediction_missing"):
        assert any(line.split() == [reason, "1"] for line in lines), reason
    assert any("Entry 16 of predictions.json: 'dance' is no task of tiny" in line for line in lines)
    assert "- accuracy: the reference scorer counts what is missing as wrong." in lines


def test_the_report_holds_the_same_and_equal_files_give_equal_bytes(egoetl: Any, tmp_path: Path) -> None:
    arguments = ("eval", "score", predictions(tmp_path, ROWS), "--bench", "tiny", "--json", "--out")
    first, second = tmp_path / "1.json", tmp_path / "deep" / "2.json"
    ended = egoetl(*arguments, str(first))
    egoetl(*arguments, str(second))
    assert first.read_bytes() == second.read_bytes()
    report = Report.model_validate_json(first.read_bytes())
    assert Report.model_validate(ended.report) == report
    assert {each.task for each in report.scores} == {"all", "pick", "tell"}
    assert report.run == "predictions.json"


def test_the_source_systems_csvs(egoetl: Any, tmp_path: Path) -> None:
    egoetl("eval", "score", predictions(tmp_path, ROWS), "--bench", "tiny", "--csv", str(tmp_path / "csv"))
    tables = {file.name: table(file) for file in (tmp_path / "csv").iterdir()}
    # Two of the five words of the reference, and what the reference scorer prints.
    assert tables["captioning.csv"] == [["file_name", "Meteor", "Rouge", "Cider"], ["predictions.json", "40.00", "", ""]]
    assert tables["captioning_legacy.csv"][1] == ["predictions.json", "25.00", "", ""]
    assert "judge.csv" not in tables
    assert tables["scores.csv"][0][:4] == ["measure", "task", "value", "low"]
    assert [row[2] for row in tables["scores.csv"] if row[:2] == ["accuracy", "pick"]] == ["0.625"]


def test_judges_scores_by_category(egoetl: Any, tmp_path: Path) -> None:
    row = {
        "question_type": "tell",
        "video_id": "v1",
        "question": "Which?",
        "correct_answer": "the bakery",
        "model": "a bakery",
        "acc": "no",
    }
    rows = [{**row, "question_id": number, "score": number} for number in (1, 1.5, 2, 4)]
    egoetl("eval", "score", predictions(tmp_path, rows), "--bench", "tiny", "--csv", str(tmp_path))
    assert table(tmp_path / "judge.csv") == [
        ["file_name", "category", "score"],
        ["predictions.json", "tell", "2.333"],
    ]


def test_the_benchmarks_data_says_what_is_missing(egoetl: Any, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    asked = [
        {"question_id": f"q{number}", "task": "tell", "video_id": "v", "question": f"Who {number}?", "answer": "me"} for number in range(4)
    ]
    (data / "tiny.json").write_text(json.dumps([*asked, {"question_id": "q9"}]), encoding="utf-8")
    row = {"category": "tell", "video_id": "v", "question": "Who 2?", "answer": "me", "output": "me"}
    ended = egoetl("eval", "score", predictions(tmp_path, [row]), "--bench", "tiny", "--data", str(data), "--json")
    assert ended.report["counts"]["missing"] == 3
    assert ended.report["refused"] == {"field_missing": 1}
    assert [each["uri"] for each in ended.report["items"]] == ["v.mp4"] * 4


def test_predicted_masks_are_found_wherever_they_were_made(egoetl: Any, tmp_path: Path) -> None:
    for entry, frames in (("e1", 3), ("e2", 2)):
        folder = tmp_path / "masks" / "concat" / entry / "masks"
        folder.mkdir(parents=True)
        for frame in range(frames):
            cv2.imwrite(str(folder / f"{frame:05d}.png"), np.zeros((4, 4), np.uint8))
    rows = {
        "e1": {"gt_answer": "B", "answer": "B", "mask_dir": "/fsx/their/run/concat/e1/masks"},
        "e2": {"gt_answer": "B", "answer": "B", "time_segments": [[0, 1]]},
        "e3": {"gt_answer": "B", "answer": "B", "mask_dir": "concat/e3"},
    }
    ended = egoetl("eval", "score", predictions(tmp_path, rows), "--bench", "tiny", "--masks", str(tmp_path / "masks" / "concat"), "--json")
    assert {each["question"]["question_id"]: each["values"]["frames"] for each in ended.report["items"]} == {
        "e1": 3.0,
        "e2": 2.0,
        "e3": None,
    }


@pytest.mark.parametrize(("content", "arguments", "code", "words"), [
    ("[1, 2", (), 65, "neither JSON nor JSON lines"),
    ('[{"colour": "red"}]', (), 65, "no predictions in a shape that is known"),
    ('[{"category": "tell", "output": "a"}]', (), 65, "--data"),
    (None, (), 64, "cannot be read"),
    (json.dumps(ROWS), ("--bench", "none"), 64, "There is no benchmark 'none'"),
    (json.dumps(ROWS), ("--data", "/no/such/folder"), 64, "does not exist"),
    (json.dumps(ROWS), ("--masks", "/no/such/folder"), 64, "does not exist"),
    (json.dumps(ROWS), ("--out", "/proc/no/report.json"), 64, "cannot be written"),
])  # fmt: skip
def test_a_mistake_ends_with_one_sentence(
    egoetl: Any, tmp_path: Path, content: str | None, arguments: tuple[str, ...], code: int, words: str
) -> None:  # fmt: skip
    file = tmp_path / "predictions.json"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    ended = egoetl("eval", "score", str(file), *(() if "--bench" in arguments else ("--bench", "tiny")), *arguments)
    assert (ended.code, len(ended.err.splitlines())) == (code, 1), ended.err
    assert words in ended.err
    assert ended.err.startswith("egoetl: ")


def test_a_file_whose_name_is_no_text_is_scored(egoetl: Any, tmp_path: Path) -> None:
    file = tmp_path / "a\udcff.json"
    file.write_text(json.dumps([*ROWS, "text"]), encoding="utf-8")
    assert egoetl("eval", "score", str(file), "--bench", "tiny", "--json").report["run"] == "a\ufffd.json"


@pytest.fixture
def two_reports(egoetl: Any, tmp_path: Path) -> tuple[str, str]:
    """Reports of two files, the second of which has one answer more that is right and lacks a question."""
    better = [{**row, "output": "B"} if row["question"] == "What is 0?" else row for row in ROWS if row["question"] != "What is 7?"]
    files = []
    for name, rows in (("a", ROWS), ("b", better)):
        files.append(str(tmp_path / f"{name}.report.json"))
        egoetl("eval", "score", predictions(tmp_path, rows, f"{name}.json"), "--bench", "tiny", "--out", files[-1])
    return files[0], files[1]


def test_two_reports_are_compared_in_80_columns(egoetl: Any, two_reports: tuple[str, str]) -> None:
    ended = egoetl("eval", "compare", *two_reports)
    assert ended.code == 0, ended.err
    lines = [line.rstrip() for line in ended.out.splitlines()]
    assert lines[0] == "tiny: A is a.json, B is b.json"
    assert [line for line in lines if len(line) > 80 and not line.endswith(".")] == []
    assert lines[lines.index("accuracy") + 2].split()[:4] == ["all", "57.14", "71.43", "14.29"]
    assert "7 questions about 4 videos are common, 1 are not." in lines
    assert any(line.startswith("So many videos show a difference of ") for line in lines)
    assert "McNemar's exact test, which takes no notice of videos, has p 1.000." in lines
    assert any(line.startswith("To show one as large as this, it takes about ") for line in lines)


def test_a_comparison_as_json(egoetl: Any, two_reports: tuple[str, str]) -> None:
    found = egoetl("eval", "compare", *two_reports, "--json").report
    (row,) = [each for each in found["differences"] if (each["measure"], each["task"]) == ("accuracy", "pick")]
    assert (row["common"], row["not_common"], row["videos"], row["mcnemar"]) == (7, 1, 4, 1.0)
    assert row["adjusted"] == row["p_value"]


def test_what_is_no_report_cannot_be_compared(egoetl: Any, tmp_path: Path, two_reports: tuple[str, str]) -> None:
    ended = egoetl("eval", "compare", two_reports[0], predictions(tmp_path, ROWS))
    assert ended.code == 65
    assert "holds no report" in ended.err
    assert egoetl("eval", "compare", two_reports[0], str(tmp_path / "none.json")).code == 64
