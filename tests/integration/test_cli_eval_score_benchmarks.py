"""`egoetl eval score` over the small benchmarks: predictions that are right, in the shape of each source system, with and without data."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from benchmark_fixtures import FIXTURES, lay_out

from egoetl.benchmarks import index
from egoetl.core.evaluation import Question
from egoetl.testing.benchmark_data import FolderData

pytestmark = pytest.mark.slow
"""The first of them compiles metrics."""
Entry = dict[str, Any]


def letter(question: Question) -> str:
    assert question.reference.choice is not None
    return "ABCDE"[question.reference.choice]


def right(question: Question) -> str:
    return question.reference.answer or letter(question)


def as_egoavu(questions: list[Question]) -> Any:
    rows = [
        {
            "video_id": each.video_id, "start_time": each.start_ms / 1000, "end_time": each.end_ms / 1000, "category": each.task,
            "question": "\n".join([each.question, *(f"{'ABCDE'[at]}. {text}" for at, text in enumerate(each.options))]),
            "answer": letter(each) if each.options else right(each), "output": right(each),
        }
        for each in questions
    ]  # fmt: skip
    return {"items": rows}


def as_egotextvqa(questions: list[Question]) -> Any:
    return [
        {
            "question_id": each.question_id.rpartition("/")[2], "video_id": each.video_id, "question": each.question,
            "question_type": each.task.rpartition("/")[2], "dataset": "EgoTextVQA", "subset": each.task.partition("/")[0].title(),
            "qwen3-vl": right(each), "correct_answer": right(each), "acc": "yes", "score": 5,
        }
        for each in questions
    ]  # fmt: skip


def as_samples(questions: list[Question]) -> Any:
    docs = [
        {"question_id": each.question_id, "clip_id": each.question_id.rpartition("_")[0], "question_type": each.task,
         "question": each.question, "answer": right(each)}
        for each in questions
    ]  # fmt: skip
    return [{"doc_id": at, "doc": doc, "target": doc["answer"], "filtered_resps": [doc["answer"]]} for at, doc in enumerate(docs)]


def as_bare_samples(questions: list[Question]) -> Any:
    return [
        {"doc_id": at, "input": f"{each.question}\nBe brief.", "target": right(each), "filtered_resps": [right(each)]}
        for at, each in enumerate(questions)
    ]


def as_runs(questions: list[Question]) -> Any:
    return {
        each.question_id: {
            "video_id": each.video_id,
            "parsed_response": {"answer": letter(each), "segments": [list(span) for span in each.reference.spans], "mask_path": None},
        }
        for each in questions
    }


def as_flat_generation(questions: list[Question]) -> Any:
    return [
        {"entry_id": each.question_id, "video_id": each.video_id, "question": each.question, "candidates": list(each.options),
         "answer": letter(each), "gt_answer": right(each), "time_segments": [list(span) for span in each.reference.spans],
         "gt_time_segments": [list(span) for span in each.reference.spans]}
        for each in questions
    ]  # fmt: skip


def as_flat_choosing(questions: list[Question]) -> Any:
    names = {"qa": "answer", "time_evidence": "evidence_t", "spatial_evidence": "evidence_s"}
    entries: dict[str, Entry] = {}
    for each in questions:
        entry = entries.setdefault(each.question_id.partition("/")[0], {"video_id": each.video_id})
        entry |= {names[each.task]: letter(each), f"gt_{names[each.task]}": letter(each)}
    return entries


CASES: list[tuple[str, Callable[[list[Question]], Any], str, float]] = [
    ("egoavu_bench", as_egoavu, "accuracy", 1.0),
    ("egotextvqa", as_egotextvqa, "judge_yes", 1.0),
    ("egotempo", as_samples, "exact_match", 1.0),
    ("st_evidence_gen", as_runs, "t_mean", 1.0),
    ("st_evidence_gen", as_flat_generation, "accuracy", 1.0),
    ("st_evidence_mcq", as_flat_choosing, "accuracy", 1.0),
]


def questions_of(benchmark: str, folder: Path) -> list[Question]:
    return [each.question for each in index.load(benchmark).load(FolderData(folder)).questions]


def scored(egoetl: Any, tmp_path: Path, content: Any, benchmark: str, *arguments: str) -> dict[str, Any]:
    file = tmp_path / "predictions.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    ended = egoetl("eval", "score", str(file), "--bench", benchmark, *arguments, "--json")
    assert ended.code == 0, ended.err
    return ended.report


def value_of(report: dict[str, Any], measure: str) -> float | None:
    """Over all questions, of a measure of that name or of all groups of it."""
    return next(each["value"] for each in report["scores"] if each["measure"].endswith(measure) and each["task"] == "all")


@pytest.mark.parametrize(("benchmark", "shaped", "measure", "value"), CASES)
def test_right_predictions_are_right_and_none_is_missing(
    egoetl: Any, tmp_path: Path, benchmark: str, shaped: Callable[[list[Question]], Any], measure: str, value: float
) -> None:  # fmt: skip
    data = lay_out(benchmark, tmp_path / "data")
    questions = questions_of(benchmark, data)
    report = scored(egoetl, tmp_path, shaped(questions), benchmark, "--data", str(data))
    assert report["counts"] == {"answered": len(questions), "unparsed": 0, "failed": 0, "blocked": 0, "missing": 0}
    assert value_of(report, measure) == value
    assert not [note for note in report["notes"] if "something else right" in note]


@pytest.mark.parametrize(("benchmark", "shaped", "measure", "value"), [case for case in CASES if case[1] is not as_runs])
def test_without_data_the_file_says_the_same(
    egoetl: Any, tmp_path: Path, benchmark: str, shaped: Callable[[list[Question]], Any], measure: str, value: float
) -> None:  # fmt: skip
    questions = questions_of(benchmark, lay_out(benchmark, tmp_path / "data"))
    report = scored(egoetl, tmp_path, shaped(questions), benchmark)
    assert report["refused"] == {}
    assert report["counts"]["answered"] == len(questions)
    assert value_of(report, measure) == value


def test_samples_whose_documents_were_left_out_are_found_by_their_prompts(egoetl: Any, tmp_path: Path) -> None:
    questions = questions_of("egotempo", FIXTURES / "egotempo")
    report = scored(egoetl, tmp_path, as_bare_samples(questions), "egotempo", "--data", str(FIXTURES / "egotempo"))
    assert report["counts"]["answered"] == len(questions)


def test_half_of_the_predictions_leaves_the_other_half_missing(egoetl: Any, tmp_path: Path) -> None:
    questions = questions_of("egotextvqa", FIXTURES / "egotextvqa")
    some = as_egotextvqa(questions)[::2]
    report = scored(egoetl, tmp_path, some, "egotextvqa", "--data", str(FIXTURES / "egotextvqa"))
    assert (report["counts"]["answered"], report["counts"]["missing"]) == (len(some), len(questions) - len(some))
    (whole,) = [each for each in report["scores"] if (each["measure"], each["task"]) == ("judge_yes", "all")]
    assert (whole["value"], whole["scored"], whole["total"]) == (1.0, len(some), len(questions))
    assert whole["missing_as_zero"] == pytest.approx(len(some) / len(questions))


def test_masks_that_are_those_of_the_benchmark_are_right(egoetl: Any, tmp_path: Path) -> None:
    data = lay_out("st_evidence_gen", tmp_path / "data")
    questions = questions_of("st_evidence_gen", data)
    masks = str(data / "mask_annos_latest_img")
    report = scored(egoetl, tmp_path, as_runs(questions), "st_evidence_gen", "--data", str(data), "--masks", masks)
    (found,) = [each for each in report["scores"] if (each["measure"], each["task"]) == ("j_and_f", "all")]
    assert found["value"] == 1.0
    assert found["scored"] == len(list((data / "mask_annos_latest_img").iterdir()))
