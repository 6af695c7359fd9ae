"""Every shape that files of predictions come in: a good row, and a malformed row of each kind, which is named and counted."""

import json
from pathlib import Path
from typing import Any

import pytest

from egoetl.benchmarks.predictions.reading import Predicted, read_predictions
from egoetl.core.errors import CallerError, DataError
from egoetl.testing.tiny_benchmark import TINY

NAN = float("nan")
EGOAVU = {"category": "tell", "video_id": "v1", "question": "What is heard?", "answer": "a red bell", "output": "a bell"}
EGOTEXTVQA = {
    "question_id": 1.0, "video_id": "v1", "question": "Which shop?", "question_type": "tell", "dataset": "EgoTextVQA", "subset": "Indoor",
    "gemini-2.5-flash": "The bakery", "correct_answer": "the bakery", "acc": "yes", "score": 5,
}  # fmt: skip
GENERATED = {
    "entry_id": "e1", "video_id": "v1", "question": "Which hand?", "answer": "B", "gt_answer": "B", "time_segments": [[1.0, 2.5]],
    "gt_time_segments": [[1, 2]], "referring_expressions": ["the left hand"], "mask_dir": "e1/masks",
}  # fmt: skip
CHOSEN = {
    "entry_id": "e1", "video_id": "v1", "question": "Which hand?", "answer": "B", "evidence_t": "C", "evidence_s": "A",
    "gt_answer": "B", "gt_evidence_t": "C", "gt_evidence_s": "D",
}  # fmt: skip
SAMPLE = {
    "doc_id": 0, "doc": {"question_id": "q1", "clip_id": "c1", "question": "What is put down?", "question_type": "tell", "answer": "a cup"},
    "target": "a cup", "resps": [["<think>hm</think>a cup"]], "filtered_resps": ["a cup"], "doc_hash": "0",
}  # fmt: skip
GOOD = {
    "EgoAVU": EGOAVU, "EgoTextVQA": EGOTEXTVQA, "ST-Evidence": GENERATED, "ST-Evidence MCQ": CHOSEN, "lmms-eval samples": SAMPLE,
}  # fmt: skip
SAID = {"EgoAVU": "output", "EgoTextVQA": "gemini-2.5-flash", "ST-Evidence MCQ": "answer", "lmms-eval samples": "filtered_resps"}


def read(tmp_path: Path, content: Any, key: str | None = None) -> Predicted:
    file = tmp_path / "predictions.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return read_predictions(file, TINY, None, key)


def reasons(predicted: Predicted) -> list[str]:
    return [each.reason for each in predicted.refused]


@pytest.mark.parametrize("shape", GOOD)
def test_a_good_row_is_known_by_its_shape_and_answers_its_question(tmp_path: Path, shape: str) -> None:
    predicted = read(tmp_path, [GOOD[shape]])
    assert predicted.shape == shape
    assert predicted.refused == ()
    assert {each.status for each in predicted.answered} == {"answered"}


@pytest.mark.parametrize("shape", GOOD)
def test_a_row_that_is_no_object_is_refused_and_spoils_no_other(tmp_path: Path, shape: str) -> None:
    predicted = read(tmp_path, ["text", GOOD[shape], None])
    assert [(each.row, each.reason) for each in predicted.refused] == [(1, "not_an_object"), (3, "not_an_object")]
    assert "Entry 1 of predictions.json" in predicted.refused[0].message


@pytest.mark.parametrize("shape", GOOD)
def test_a_repeated_row_is_refused_and_the_first_one_counts(tmp_path: Path, shape: str) -> None:
    again = {**GOOD[shape], SAID.get(shape, "answer"): "D"}
    predicted = read(tmp_path, [GOOD[shape], again])
    once = read(tmp_path, [GOOD[shape]])
    assert predicted.answered == once.answered
    assert set(reasons(predicted)) == {"duplicate_question"}
    assert "Entry 1 of predictions.json, which counts" in predicted.refused[0].message


@pytest.mark.parametrize("shape", SAID)
@pytest.mark.parametrize(("value", "status", "reason"), [
    ("", "failed", "prediction_empty"), ("  \n", "failed", "prediction_empty"), ({"a": 1}, "failed", "prediction_not_text"),
    (None, "missing", "prediction_missing"),
])  # fmt: skip
def test_a_prediction_that_says_nothing_keeps_its_question(
    tmp_path: Path, shape: str, value: object, status: str, reason: str
) -> None:  # fmt: skip
    row = {name: each for name, each in GOOD[shape].items() if name != "resps"} | {SAID[shape]: value}
    predicted = read(tmp_path, [row, *_others(shape)])
    found = next(each for each in predicted.answered if each.status != "answered")
    assert (found.status, found.reason, found.parsed) == (status, reason, None)
    assert reasons(predicted) == [reason]


@pytest.mark.parametrize(("said", "reason"), [
    ([""], "prediction_empty"), ([], "prediction_empty"), ([[" "]], "prediction_empty"), ([{}], "prediction_not_text"),
    ([None], "prediction_not_text"), ([["a cup"], [7]], "prediction_not_text"),
])  # fmt: skip
def test_a_sample_that_says_nothing_keeps_its_question(tmp_path: Path, said: object, reason: str) -> None:
    predicted = read(tmp_path, [{**SAMPLE, "filtered_resps": said}])
    assert [(each.status, each.reason) for each in predicted.answered] == [("failed", reason)]
    assert reasons(predicted) == [reason]


def _others(shape: str) -> list[dict[str, Any]]:
    """A good row of another question, by which the file's shape and key are known."""
    other = {**GOOD[shape], "question": "Another?", "entry_id": "e2", "question_id": 2.0}
    if shape == "lmms-eval samples":
        other["doc"] = {**SAMPLE["doc"], "question_id": "q2"}
    return [other]


@pytest.mark.parametrize(("shape", "without", "reason"), [
    ("EgoAVU", "category", "field_missing"), ("EgoAVU", "answer", "gold_missing"),
    ("EgoTextVQA", "correct_answer", "field_missing"), ("EgoTextVQA", "video_id", "field_missing"),
    ("EgoTextVQA", "question_id", "field_missing"), ("EgoTextVQA", "question", "field_missing"),
    ("ST-Evidence", "entry_id", "field_missing"), ("ST-Evidence", "gt_answer", "gold_missing"),
    ("ST-Evidence MCQ", "entry_id", "field_missing"), ("lmms-eval samples", "doc_id", "field_missing"),
])  # fmt: skip
def test_a_row_without_a_key_is_refused(tmp_path: Path, shape: str, without: str, reason: str) -> None:
    row = {name: value for name, value in GOOD[shape].items() if name != without}
    predicted = read(tmp_path, [row, *_others(shape)])
    assert reasons(predicted) == [reason]
    assert predicted.refused[0].row == 1


@pytest.mark.parametrize(("shape", "field", "value", "reason"), [
    ("EgoAVU", "category", 7.5, "category_unknown"), ("EgoAVU", "category", ["tell"], "field_not_text"),
    ("EgoAVU", "answer", {"a": 1}, "field_not_text"), ("EgoAVU", "category", "dance", "category_unknown"),
    ("EgoAVU", "options", 3, "options_malformed"),
    ("EgoTextVQA", "question_type", "dance", "category_unknown"), ("EgoTextVQA", "question_id", NAN, "field_not_text"),
    ("EgoTextVQA", "correct_answer", True, "field_not_text"),
    ("ST-Evidence", "gt_time_segments", [[1, NAN]], "span_malformed"), ("ST-Evidence", "gt_time_segments", "1-2", "span_malformed"),
    ("ST-Evidence", "gt_answer", [], "field_not_text"), ("ST-Evidence", "question_type", "dance", "category_unknown"),
    ("ST-Evidence MCQ", "gt_answer", "Z", "gold_no_option"), ("ST-Evidence MCQ", "entry_id", {}, "field_not_text"),
    ("lmms-eval samples", "doc", "text", "doc_not_an_object"), ("lmms-eval samples", "doc_id", [], "field_not_text"),
])  # fmt: skip
def test_a_row_with_a_wrong_type_or_category_is_refused(tmp_path: Path, shape: str, field: str, value: object, reason: str) -> None:
    predicted = read(tmp_path, [{**GOOD[shape], field: value}, *_others(shape)])
    assert reasons(predicted) == [reason]
    assert len(predicted.answered) == len(read(tmp_path, _others(shape)).answered)


@pytest.mark.parametrize(("verdict", "score", "reason"), [
    ("yes", NAN, "grade_not_a_number"), ("yes", "5", "grade_not_a_number"), ("yes", 6, "grade_out_of_range"),
    ("yes", 3.5, "grade_out_of_range"), ("perhaps", 3, "grade_verdict_unknown"), (None, 3, "grade_verdict_unknown"),
    ("no", None, "grade_not_a_number"), (True, 3, "grade_verdict_unknown"),
])  # fmt: skip
def test_a_grade_that_is_none_leaves_the_answer_without_one(tmp_path: Path, verdict: object, score: object, reason: str) -> None:
    predicted = read(tmp_path, [{**EGOTEXTVQA, "acc": verdict, "score": score}])
    (found,) = predicted.answered
    assert (found.status, found.grades, found.ungraded) == ("answered", (), reason)
    assert reasons(predicted) == [reason]


def test_grades_of_lmms_evals_task_count_as_such(tmp_path: Path) -> None:
    (found,) = read(tmp_path, [{**SAMPLE, "egotextvqa_accuracy": 1, "egotextvqa_score": 4}]).answered
    assert [(each.verdict, each.score, each.rubric) for each in found.grades] == [("yes", 4, "yes_no_0_5")]


def test_an_answer_that_nobody_graded_says_so(tmp_path: Path) -> None:
    ungraded = {name: value for name, value in EGOTEXTVQA.items() if name not in ("acc", "score")}
    assert read(tmp_path, [ungraded]).answered[0].ungraded == "not_judged"


def test_grades_of_no_with_0_are_told_of(tmp_path: Path) -> None:
    predicted = read(tmp_path, [{**EGOTEXTVQA, "acc": "no", "score": 0}, {**EGOTEXTVQA, "question_id": 2.0}])
    assert any("1 of 2 grades are no with 0" in each for each in predicted.notes)


def test_egotextvqas_ids_are_those_of_the_benchmark(tmp_path: Path) -> None:
    (found,) = read(tmp_path, [EGOTEXTVQA]).answered
    assert found.question.question_id == "indoor/v1/1.0"
    assert (found.question.task, found.question.reference.answer, found.said) == ("tell", "the bakery", ("The bakery",))


def test_st_evidences_parts_reach_the_benchmarks_parser(tmp_path: Path) -> None:
    (found,) = read(tmp_path, [GENERATED]).answered
    assert found.parsed is not None
    assert (found.parsed.answer, found.parsed.spans, found.parsed.masks) == ("B", ((1.0, 2.5),), "e1/masks")
    assert found.question.reference.spans == ((1.0, 2.0),)


@pytest.mark.parametrize("segments", [[[1, 2], [3, 4]], [1, 2, 3, 4], [{"start": 1, "end": 2}, {"start_time": 3, "end_time": 4}]])
def test_right_segments_come_in_three_spellings(tmp_path: Path, segments: object) -> None:
    (found,) = read(tmp_path, [{**GENERATED, "gt_time_segments": segments}]).answered
    assert found.question.reference.spans == ((1.0, 2.0), (3.0, 4.0))


def test_an_entry_of_choosing_is_three_questions(tmp_path: Path) -> None:
    predicted = read(tmp_path, {"e9": {name: value for name, value in CHOSEN.items() if name != "entry_id"}})
    assert [each.question.question_id for each in predicted.answered] == ["e9/qa", "e9/time_evidence", "e9/spatial_evidence"]
    assert [each.question.reference.choice for each in predicted.answered] == [1, 2, 3]
    assert [each.parsed.choice for each in predicted.answered if each.parsed] == [1, 2, 0]
    assert [len(each.question.options) for each in predicted.answered] == [5, 4, 4]


def test_a_sample_without_filtered_words_has_its_first_words(tmp_path: Path) -> None:
    row = {name: value for name, value in SAMPLE.items() if name != "filtered_resps"}
    assert read(tmp_path, [row]).answered[0].said == ("<think>hm</think>a cup",)


@pytest.mark.parametrize("wrap", [lambda rows: rows, lambda rows: {"items": rows}, lambda rows: "\n".join(map(json.dumps, rows))])
def test_lists_items_and_json_lines_hold_the_same(tmp_path: Path, wrap: Any) -> None:
    rows = [EGOAVU, {**EGOAVU, "question": "And then?"}]
    assert read(tmp_path, wrap(rows)).answered == read(tmp_path, rows).answered


def test_the_other_names_of_egoavus_keys_mean_the_same(tmp_path: Path) -> None:
    renamed = {"category": "tell", "video_id": "v1", "question": "What is heard?", "ground_truth": "a red bell", "prediction": "a bell"}
    assert read(tmp_path, [renamed]).answered == read(tmp_path, [EGOAVU]).answered


def test_a_question_has_one_id_in_several_files_whatever_its_place(tmp_path: Path) -> None:
    other = {**EGOAVU, "question": "And then?"}
    there = read(tmp_path, [EGOAVU, other]).answered
    back = read(tmp_path, [{**other, "output": "nothing"}, {**EGOAVU, "output": "nothing"}]).answered
    assert [each.question for each in there] == [each.question for each in back[::-1]]


def test_options_within_the_question_are_found(tmp_path: Path) -> None:
    row = {**EGOAVU, "category": "pick", "question": "Which is first?\nA. a clap\nB. a bell", "answer": "B", "output": "b. a bell"}
    (found,) = read(tmp_path, [row]).answered
    assert found.question.options == ("a clap", "a bell")
    assert found.question.reference.choice == 1


def test_letters_that_no_report_can_hold_are_replaced(tmp_path: Path) -> None:
    (found,) = read(tmp_path, [{**EGOAVU, "output": "a\x00b\x1b[2J \ud800"}]).answered
    assert found.said == ("a\ufffdb\ufffd[2J \ufffd",)
    found.model_dump_json()


def test_no_row_that_can_be_used_is_an_error_that_says_why(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'dance' is no task of tiny") as caught:
        read(tmp_path, [{**EGOAVU, "category": "dance"}])
    assert caught.value.reason == "predictions_unusable"


@pytest.mark.parametrize("shape", [name for name in GOOD if name != "EgoTextVQA"])
def test_a_field_that_is_named_holds_the_answer_and_must_be_there(tmp_path: Path, shape: str) -> None:
    row = {**GOOD[shape], "mine": "A"}
    named = read(tmp_path, [row], "mine").answered[0]
    assert "A" in named.said[0]
    assert named.said != read(tmp_path, [row]).answered[0].said
    with pytest.raises(CallerError, match="No row has a field 'yours'"):
        read(tmp_path, [row], "yours")


@pytest.mark.parametrize("written", [["a clap", "a bell"], {"A": "a clap", "B": "a bell"}, '["a clap", "a bell"]', "['a clap', 'a bell']"])
def test_options_come_in_several_spellings(tmp_path: Path, written: object) -> None:
    row = {**GENERATED, "candidates": written, "gt_answer": "a bell"}
    (found,) = read(tmp_path, [row]).answered
    assert found.question.options == ("a clap", "a bell")
    assert found.question.reference.choice == 1
    assert found.parsed is not None
    assert found.parsed.choice == 1


@pytest.mark.parametrize("gold", ["5", "red"])
def test_what_is_right_is_no_letter_where_it_is_none(tmp_path: Path, gold: str) -> None:
    (found,) = read(tmp_path, [{**GENERATED, "gt_answer": gold}]).answered
    assert (found.question.options, found.question.reference.answer, found.question.reference.choice) == ((), gold, None)


@pytest.mark.parametrize(("said", "text"), [(7, "7"), (2.5, "2.5")])
def test_a_number_is_an_answer(tmp_path: Path, said: float, text: str) -> None:
    assert read(tmp_path, [{**EGOAVU, "output": said}]).answered[0].said == (text,)


@pytest.mark.parametrize("said", [True, NAN, [], ["a"]])
def test_what_is_neither_text_nor_number_is_no_answer(tmp_path: Path, said: object) -> None:
    assert read(tmp_path, [{**EGOAVU, "output": said}]).answered[0].reason == "prediction_not_text"
