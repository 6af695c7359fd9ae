"""What is read of ST-Evidence's published files, and which rows are refused."""

import csv
import io
import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from benchmark_fixtures import FIXTURES, VIDEOS, lay_out
from hypothesis import given, settings
from hypothesis import strategies as st

from egoetl.benchmarks.benchmark import Loaded
from egoetl.benchmarks.st_evidence_gen import loading as gen
from egoetl.benchmarks.st_evidence_mcq import loading as mcq
from egoetl.benchmarks.whole_video import END_MS, below
from egoetl.core.errors import DataError
from egoetl.core.evaluation import Question, Reference
from egoetl.testing.benchmark_data import FolderData

LOADERS = {gen.NAME: gen.load, mcq.NAME: mcq.load}
GEN_REFUSED = [
    "duplicate_question", "options_malformed", "options_malformed", "options_malformed", "answer_not_an_option", "spans_malformed",
    "spans_malformed", "spans_empty", "spans_empty", "path_escapes_root", "path_escapes_root", "field_empty", "field_missing",
    "field_empty", "fields_too_many", "field_has_control_character", "field_not_utf8", "quotes_unpaired",
]  # fmt: skip
MCQ_REFUSED = {
    gen.FILE.replace("gen", "mcq"): ["options_malformed", "answer_not_an_option", "path_escapes_root", "duplicate_question"],
    mcq.TIME_FILE: [
        "options_missing", "options_malformed", "spans_malformed", "field_missing", "answer_not_an_option", "path_escapes_root",
        "entry_unknown",
    ],
    mcq.PICTURE_FILE: [
        "options_missing", "options_malformed", "answer_contradicts_options", "path_escapes_root", "field_missing", "path_escapes_root",
    ],
}  # fmt: skip
GOOD = ("1001", "1002", "1004", "2001", "2002", "2004")
OPTIONS = {"time_evidence_options": [[[0, 1]], [[1, 2]], [[2, 3]], [[3, 4]]], "correct_answer": "A"}
PICTURES = {"gt": "a.png", "d1": "b.png", "d2": "c.png", "d3": "d.png", "options": ["d1", "gt", "d2", "d3"], "answer": 1}


def loaded(benchmark: str) -> Loaded:
    return LOADERS[benchmark](FolderData(FIXTURES / benchmark))


def questions(result: Loaded) -> dict[str, Question]:
    return {each.question.question_id: each.question for each in result.questions}


@pytest.mark.parametrize("benchmark", LOADERS)
def test_every_video_and_picture_that_is_asked_about_lies_where_the_layout_says(benchmark: str, tmp_path: Path) -> None:
    folder = lay_out(benchmark, tmp_path / "data")
    result = LOADERS[benchmark](FolderData(folder))
    assert {each.uri for each in result.questions} == VIDEOS[benchmark].keys()
    assert all((folder / name).is_file() for each in result.questions for name in (each.uri, *each.question.pictures))


@pytest.mark.parametrize("benchmark", LOADERS)
def test_a_folder_without_the_files_says_what_to_get(benchmark: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="https://") as caught:
        LOADERS[benchmark](FolderData(tmp_path))
    assert caught.value.reason == "benchmark_file_missing"


def test_every_malformed_row_of_generation_is_refused_and_no_other() -> None:
    result = loaded(gen.NAME)
    assert [each.reason for each in result.refused] == GEN_REFUSED
    assert all(f"Line {each.row} of {gen.FILE}: " in each.message for each in result.refused)
    assert [each.question.question_id for each in result.questions] == ["1001", "1002", "1003", "1004", "2001", "2002", "2003", "2004"]


def test_generation_reads_lists_in_json_and_python_and_spans_in_every_shape() -> None:
    found = questions(loaded(gen.NAME))
    assert {each.video_id for each in found.values()} == {"hallway", "playroom"}
    assert {len(each.options) for each in found.values()} == {5}
    assert found["1002"].reference == Reference(answer="MAIL", choice=3, spans=((10.8, 12.2),), masks="mask_annos_latest_img/1002")
    assert found["1004"].reference.spans == ((7.7, 9.1), (12.7, 13.7))
    assert found["2002"].reference.spans == ((18.3, 19.7),)
    assert {(each.start_ms, each.end_ms) for each in found.values()} == {(0, END_MS)}


def test_every_malformed_entry_of_multiple_choice_is_refused_and_its_other_questions_stay() -> None:
    result = loaded(mcq.NAME)
    by_file = {name: [each.reason for each in result.refused if each.message.split(" of ")[1].startswith(name)] for name in MCQ_REFUSED}
    repeated = next(each for each in result.refused if each.reason == "duplicate_question")
    assert by_file == MCQ_REFUSED
    assert len(result.refused) == sum(map(len, MCQ_REFUSED.values()))
    assert (
        repeated.message
        == "Line 14 of st_evidence_mcq.csv: Line 2 of st_evidence_mcq.csv is the same question (1001/qa); leave one of them out."
    )
    kept = {f"{entry}/{task}" for entry in GOOD for task in (mcq.QA, mcq.TIME, mcq.SPATIAL)}
    assert questions(result).keys() == kept | {"9103/qa", "9104/qa", "9105/qa"}


def test_multiple_choice_keeps_the_published_order_of_options() -> None:
    found = questions(loaded(mcq.NAME))
    assert Counter(each.task for each in found.values()) == {"qa": 9, "time_evidence": 6, "spatial_evidence": 6}
    time, place = found["1004/time_evidence"], found["2002/spatial_evidence"]
    assert time.options == ("0.0-2.0 s", "5.0-6.5 s, 9.0-9.5 s", "12.0-13.5 s", "7.7-9.1 s, 12.7-13.7 s")
    assert time.reference == Reference(answer=time.options[3], choice=3, spans=((7.7, 9.1), (12.7, 13.7)))
    assert place.pictures == tuple(f"mask_options/2002/{key}.png" for key in ("d3", "gt", "d1", "d2"))
    assert (place.options, place.reference) == ((), Reference(choice=1))
    assert found["2001/qa"].reference == Reference(answer="it leaves to the right", choice=1), "its answer is the letter B"


def write(folder: Path, header: list[str], *rows: list[Any], time: Any = None, place: Any = None) -> FolderData:
    table = io.StringIO()
    csv.writer(table).writerows([header, *rows])
    (folder / mcq.FILE).write_text(table.getvalue())
    (folder / mcq.TIME_FILE).write_text(json.dumps({"7": OPTIONS} if time is None else time))
    (folder / mcq.PICTURE_FILE).write_text(json.dumps({"7": PICTURES} if place is None else place))
    return FolderData(folder)


@pytest.mark.parametrize("video", ["video_id", "video"])
@pytest.mark.parametrize("options", ["candidates", "options"])
def test_columns_are_read_by_the_names_of_the_table_and_by_those_of_the_runners(tmp_path: Path, video: str, options: str) -> None:
    """EVQA's runners skip every row of a table that has the documented names, without a word."""
    data = write(tmp_path, ["entry_id", video, "question", options, "answer"], ["7", "v1", "Which?", "['a', 'b']", "b"])
    result = mcq.load(data)
    assert result.refused == ()
    assert [(each.uri, each.question.video_id, each.question.task) for each in result.questions] == [
        ("videos_6fps/v1.mp4", "v1", task) for task in (mcq.QA, mcq.TIME, mcq.SPATIAL)
    ]


@pytest.mark.parametrize(
    ("answer", "reasons"), [(1, []), (2, []), (0, ["answer_contradicts_options"]), (True, ["answer_contradicts_options"])]
)
def test_a_right_picture_may_be_counted_from_nought_or_from_one(tmp_path: Path, answer: Any, reasons: list[str]) -> None:
    header = ["entry_id", "video_id", "question", "candidates", "answer"]
    data = write(tmp_path, header, ["7", "v", "Which?", "['a', 'b']", "b"], place={"7": {**PICTURES, "answer": answer}})
    assert [each.reason for each in mcq.load(data).refused] == reasons


@pytest.mark.parametrize(("time", "reason"), [([], "benchmark_not_an_object"), ("x", "benchmark_not_an_object")])
def test_a_file_of_options_that_is_no_object_is_none(tmp_path: Path, time: Any, reason: str) -> None:
    data = write(tmp_path, ["entry_id", "video_id", "question", "candidates", "answer"], time=time)
    with pytest.raises(DataError) as caught:
        mcq.load(data)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "entry", [None, 3, "x", [], {}, {"time_evidence_options": None}, {"time_evidence_options": {}}, {**OPTIONS, "correct_answer": 2}]
)
def test_an_entry_without_what_is_right_is_refused(tmp_path: Path, entry: Any) -> None:
    header = ["entry_id", "video_id", "question", "candidates", "answer"]
    result = mcq.load(write(tmp_path, header, ["7", "v", "Which?", "['a', 'b']", "b"], time={"7": entry}))
    assert len(result.refused) == 1
    assert {each.question.task for each in result.questions} == {mcq.QA, mcq.SPATIAL}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/data/x/videos/a.mp4", "videos/a.mp4"),
        ("videos/a.mp4", "videos/a.mp4"),
        ("videos/videos/a.mp4", "videos/a.mp4"),
        ("C:\\x\\videos\\b\\a.mp4", "videos/b/a.mp4"),
        ("videos", "videos"),
        ("/x/videos", "/x/videos"),
        ("../a.mp4", "../a.mp4"),
        ("videos/../../a.mp4", "videos/../../a.mp4"),
    ],
)
def test_below(path: str, found: str) -> None:
    assert below("videos", path) == found


COLUMNS = ("entry_id", "video_id", "video_path", "question", "candidates", "answer", "segment")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["gt", "A", "a.png", "../a.png"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
FIELDS = st.sampled_from([*OPTIONS, *PICTURES, "question"])


@settings(max_examples=40)
@given(st.dictionaries(FIELDS, JSON, max_size=4), st.lists(st.text(max_size=12), min_size=5, max_size=5))
def test_whatever_stands_in_an_entry_is_read_or_refused(changed: dict[str, Any], row: list[str]) -> None:
    header = ["entry_id", "video_id", "question", "candidates", "answer"]
    rows = (["7", "v", "Which?", "['a', 'b']", "b"], row)
    with TemporaryDirectory() as folder:
        data = write(Path(folder), header, *rows, time={"7": {**OPTIONS, **changed}}, place={"7": {**PICTURES, **changed}})
        result = mcq.load(data)
    assert "7/qa" in questions(result)
    assert all(each.reason and each.message.endswith(".") for each in result.refused)


@settings(max_examples=40)
@given(st.binary(max_size=40), st.integers(len(",".join(COLUMNS)) + 1, 3000), st.integers(0, 40))
def test_whatever_a_table_is_spoiled_with_is_read_or_refused(spoil: bytes, at: int, lost: int) -> None:
    published = (FIXTURES / gen.NAME / gen.FILE).read_bytes()
    with TemporaryDirectory() as folder:
        (Path(folder) / gen.FILE).write_bytes(published[:at] + spoil + published[at + lost :])
        result = gen.load(FolderData(Path(folder)))
    assert all(each.reason and each.message.endswith(".") for each in result.refused)


def timed(first: list[list[float]]) -> dict[str, Any]:
    """An entry whose first option of time is this one."""
    return {**OPTIONS, "time_evidence_options": [first, [[1, 2]], [[2, 3]], [[3, 4]]]}


@pytest.mark.parametrize(
    ("row", "time", "reasons"),
    [
        (["7", "v", "Which?", '["a\\u0007", "b"]', "b"], OPTIONS, ["field_has_control_character"]),
        (["7" * 198, "v", "Which?", "['a', 'b']", "b"], OPTIONS, ["options_missing", "field_too_long", "options_missing"]),
        (["7", "v", "Which?", "['a', 'b']", "b"], timed([[0, 1]] * 1000), ["field_too_long"]),
        (["7", "v", "Which?", "['a', 'b']", "b"], timed([[0, 1e300]]), []),
    ],
)
def test_what_is_made_of_fields_is_held_to_their_rules(tmp_path: Path, row: list[str], time: Any, reasons: list[str]) -> None:
    header = ["entry_id", "video_id", "question", "candidates", "answer"]
    result = mcq.load(write(tmp_path, header, row, time={"7": time}))
    assert sorted(each.reason for each in result.refused if each.reason != "entry_unknown") == sorted(reasons)
