"""Files that are no predictions, fields that must be named, and predictions that are held against the benchmark's own questions."""

import json
from pathlib import Path
from typing import Any

import pytest

from egoetl.benchmarks.benchmark import Loaded, Placed
from egoetl.benchmarks.predictions.index import SHAPES
from egoetl.benchmarks.predictions.reading import Predicted, read_predictions
from egoetl.core.errors import CallerError, DataError
from egoetl.core.evaluation import Question
from egoetl.testing.tiny_benchmark import TINY, question

LETTERED = ("a clap", "a bell", "a drum", "a horn")
BENCH = (
    question("indoor/v1/1.0", "tell", "the bakery", asked="Which shop?"),
    question("indoor/v1/2.0", "tell", "the bank", asked="Which shop?"),
    question("outdoor/v1/1.0", "tell", "the station", asked="Where to?"),
    question("e1", "pick", "B", video="w_1", asked="What is heard first?", options=LETTERED),
    question("e2/qa", "pick", "A", video="w2", asked="What is heard last?", options=LETTERED),
    question("e2/time_evidence", "pick", "C", video="w2", asked="When?", options=LETTERED),
)
ROW = {
    "question_id": 1.0,
    "video_id": "v1",
    "question": "Which shop?",
    "question_type": "tell",
    "correct_answer": "the bakery",
    "m": "a bakery",
}


def read(tmp_path: Path, content: Any, key: str | None = None, questions: tuple[Question, ...] | None = BENCH) -> Predicted:
    file = tmp_path / "predictions.json"
    file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    loaded = None if questions is None else Loaded(questions=tuple(Placed(each, "v.mp4") for each in questions), refused=())
    return read_predictions(file, TINY, loaded, key)


def answered(predicted: Predicted) -> dict[str, tuple[str, ...]]:
    return {each.question.question_id: each.said for each in predicted.answered if each.status == "answered"}


@pytest.mark.parametrize(("content", "reason"), [
    (b"", "predictions_not_json"), (b"not json\nat all", "predictions_not_json"), (b"7", "predictions_not_json"),
    (b"[]", "predictions_empty"), (b"{}", "predictions_empty"), (b'{"items": []}', "predictions_empty"),
    (b'[{"colour": "red"}]', "predictions_shape_unknown"), (b"[1, 2]", "predictions_shape_unknown"),
    (b'{"accuracy": 0.5}', "predictions_shape_unknown"), (b"\x89PNG\r\n\x1a\n\x00", "predictions_not_json"),
    (b"[" * 100_000, "predictions_not_json"),
])  # fmt: skip
def test_a_file_of_no_such_shape_is_refused_in_a_sentence(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, content)
    assert caught.value.reason == reason
    assert "predictions.json" in str(caught.value)


def test_a_shape_that_is_not_known_names_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"its entries have colour; .*EgoAVU \(category, answer"):
        read(tmp_path, [{"colour": "red"}])


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CallerError, match="cannot be read"):
        read_predictions(tmp_path / "none.json", TINY, None)


def test_a_field_that_may_be_the_answer_must_be_named_where_there_are_several(tmp_path: Path) -> None:
    rows = [{**ROW, "n": "the bank"}]
    with pytest.raises(CallerError, match="any of m, n may be") as caught:
        read(tmp_path, rows)
    assert caught.value.reason == "key_unknown"
    assert answered(read(tmp_path, rows, "n")) == {"indoor/v1/1.0": ("the bank",)}


@pytest.mark.parametrize("rows", [[ROW], [{name: value for name, value in ROW.items() if name != "m"}]])
def test_a_field_that_no_row_has_cannot_be_named(tmp_path: Path, rows: list[Any]) -> None:
    with pytest.raises(CallerError, match="No row has a field 'k'"):
        read(tmp_path, rows, "k")


def test_no_field_is_left_for_the_answer(tmp_path: Path) -> None:
    with pytest.raises(CallerError, match="no field is left"):
        read(tmp_path, [{name: value for name, value in ROW.items() if name != "m"}])


def test_questions_that_the_file_lacks_are_missing(tmp_path: Path) -> None:
    predicted = read(tmp_path, [ROW])
    assert [each.status for each in predicted.answered].count("missing") == len(BENCH) - 1
    assert {each.question for each in predicted.answered} == set(BENCH)


def test_repeated_questions_about_a_video_do_not_collide(tmp_path: Path) -> None:
    predicted = read(tmp_path, [ROW, {**ROW, "question_id": 2.0, "correct_answer": "the bank", "m": "a bank"}])
    assert answered(predicted) == {"indoor/v1/1.0": ("a bakery",), "indoor/v1/2.0": ("a bank",)}


def test_without_ids_what_is_right_tells_repeated_questions_apart(tmp_path: Path) -> None:
    row = {"category": "tell", "video_id": "v1.mp4", "question": "which  shop", "answer": "The bank", "output": "a bank"}
    assert answered(read(tmp_path, [row])) == {"indoor/v1/2.0": ("a bank",)}


def test_a_question_that_may_be_several_is_refused(tmp_path: Path) -> None:
    row = {"category": "tell", "video_id": "v1", "question": "Which shop?", "answer": "the zoo", "output": "a bank"}
    with pytest.raises(DataError, match="any of 2 questions"):
        read(tmp_path, [row])


@pytest.mark.parametrize("change", [{"video_id": "v9", "question_id": 9}, {"question": "Who?", "question_id": 9}])
def test_a_question_of_other_data_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    predicted = read(tmp_path, [ROW, {**ROW, **change}])
    assert [each.reason for each in predicted.refused] == ["question_unknown"]


def test_an_id_of_another_question_is_refused(tmp_path: Path) -> None:
    predicted = read(tmp_path, [{**ROW, "subset": "Indoor"}, {**ROW, "subset": "Outdoor"}])
    assert [each.reason for each in predicted.refused] == ["question_differs"]


def test_what_the_benchmark_calls_right_counts_and_the_difference_is_told_of(tmp_path: Path) -> None:
    predicted = read(tmp_path, [{**ROW, "subset": "Indoor", "correct_answer": "the butcher"}])
    assert next(each for each in predicted.answered if each.said).question.reference.answer == "the bakery"
    assert any("1 rows call something else right" in each for each in predicted.notes)


RUN = {
    "e1": {"video_id": "w_1", "parsed_response": {"answer": "B", "segments": [[1, 2]], "mask_path": "/data/e1/masks"}},
    "e2/qa": {"video_id": "w2", "parsed_response": None, "error": "503 \x00 from the gateway"},
    "e2/time_evidence": {"video_id": "w2", "parse_error": "no JSON in: I think"},
}


def test_a_runners_entries_need_the_benchmark_and_keep_their_errors(tmp_path: Path) -> None:
    predicted = read(tmp_path, RUN)
    found = {each.question.question_id: each for each in predicted.answered if each.status != "missing"}
    assert predicted.shape == "ST-Evidence runs"
    assert found["e1"].parsed is not None
    assert (found["e1"].parsed.choice, found["e1"].parsed.spans, found["e1"].parsed.masks) == (1, ((1.0, 2.0),), "/data/e1/masks")
    assert (found["e2/qa"].status, found["e2/qa"].reason) == ("failed", "reported_error")
    assert (found["e2/time_evidence"].status, found["e2/time_evidence"].reason) == ("unparsed", "reported_parse_error")


def test_a_runners_entries_without_the_benchmark_say_what_is_needed(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="--data") as caught:
        read(tmp_path, RUN, questions=None)
    assert caught.value.reason == "gold_missing"


@pytest.mark.parametrize(("response", "status", "reason"), [
    (None, "missing", "prediction_missing"), ("text", "failed", "prediction_not_text"), ([], "failed", "prediction_not_text"),
    ({}, "missing", "prediction_missing"), ({"answer": ""}, "failed", "prediction_empty"),
    ({"answer": {"letter": "A"}}, "failed", "prediction_not_text"), ({"answer": None, "segments": None}, "missing", "prediction_missing"),
])  # fmt: skip
def test_a_runners_malformed_response_keeps_its_question(tmp_path: Path, response: object, status: str, reason: str) -> None:
    predicted = read(tmp_path, {**RUN, "e2/qa": {"video_id": "w2", "parsed_response": response}})
    found = next(each for each in predicted.answered if each.question.question_id == "e2/qa")
    assert (found.status, found.reason) == (status, reason)
    assert [each.reason for each in predicted.refused] == [reason]


def test_a_runners_entry_that_is_no_object_or_is_not_of_this_data_is_refused(tmp_path: Path) -> None:
    predicted = read(tmp_path, {**RUN, "e3": 7, "e4": {"video_id": "w2", "parsed_response": {"answer": "A"}}})
    assert [each.reason for each in predicted.refused] == ["not_an_object", "question_unknown"]


def test_a_parts_id_is_joined_as_the_benchmark_does(tmp_path: Path) -> None:
    entry = {"entry_id": "e2", "answer": "A", "evidence_t": "C", "gt_answer": "A", "gt_evidence_t": "C"}
    assert answered(read(tmp_path, [entry])) == {"e2/qa": ("A",), "e2/time_evidence": ("C",)}


def test_a_sample_whose_document_was_left_out_is_found_by_its_prompt(tmp_path: Path) -> None:
    sample = {"doc_id": 3, "input": "Look.\nWhere to?\nBe brief.", "target": "the station", "filtered_resps": ["a station"]}
    assert answered(read(tmp_path, [sample])) == {"outdoor/v1/1.0": ("a station",)}


def test_a_sample_whose_document_was_left_out_needs_the_benchmark(tmp_path: Path) -> None:
    sample = {"doc_id": 3, "input": "Where to?", "target": "the station", "filtered_resps": ["a station"]}
    with pytest.raises(DataError, match="does not say of which type"):
        read(tmp_path, [sample], questions=None)


def test_samples_of_repeated_questions_are_told_apart_by_their_place(tmp_path: Path) -> None:
    questions = (BENCH[2], *(question(f"r{at}", "tell", "me", video=f"v{at}", asked="Who?") for at in range(2)))
    sample = {"input": "Who? Be brief.", "target": "me", "filtered_resps": ["me"]}
    assert answered(read(tmp_path, [{**sample, "doc_id": at} for at in (2, 1)], questions=questions)).keys() == {"r0", "r1"}
    with pytest.raises(DataError, match="any of 2 questions"):
        read(tmp_path, [{**sample, "doc_id": 0}], questions=questions)


def test_the_page_about_scores_names_every_shape() -> None:
    page = (Path(__file__).parents[4] / "docs" / "scoring.md").read_text(encoding="utf-8")
    assert [shape.name for shape in SHAPES if f"| {shape.name} |" not in page] == []
