"""The files of a version: equal pairs give equal bytes, in the shapes that others read."""

import csv
import io
import json
import random

import pyarrow.parquet as pq

from egoetl.core.records import QAPair
from egoetl.core.release import AcceptedPair, NarratedWindow, Release
from egoetl.runner.release import CSV_COLUMNS, release_files, with_options

SHA = "ab" * 32
NASTY = 'Say "ja",\nthen\r leave; \\ täglich, 日本, =SUM(A1)'


def accepted(number: int, *, split: str = "train", task: str = "avsn", video: str = "kitchen", **pair) -> AcceptedPair:
    values = {
        "qa_id": f"qa_{number:03d}", "task": task, "question": f"Question {number}?", "answer": f"Answer {number}.",
        "start_ms": number * 1000, "end_ms": number * 1000 + 500, "evidence": ("clip.000",), **pair,
    }  # fmt: skip
    return AcceptedPair(pair=QAPair(**values), video_id=video, video_sha256=SHA, clip_id="clip", split=split)


PAIRS = [
    accepted(3, video="hall"),
    accepted(1),
    accepted(1, split="test", task="tr_before_after", video="office", options=("red", "blue"), variant="before"),
    accepted(2, question=NASTY, answer=NASTY),
]
NARRATIONS = [
    NarratedWindow(video_id="kitchen", start_ms=10_000, end_ms=16_500, narration="Then it rings."),
    NarratedWindow(video_id="hall", start_ms=0, end_ms=10_000, narration="A door, täglich."),
]
INSTRUCT, BENCH = "egoavu_instruct.csv", "egoavu_bench_combined.csv"


def files_of(pairs, narrations=()) -> dict[str, tuple[bytes, int | None]]:
    return release_files(Release(dataset="ours", recipe="egoavu", pairs=tuple(pairs), narrations=tuple(narrations)))


def csv_rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


def parquet(data: bytes) -> list[dict]:
    return pq.read_table(io.BytesIO(data)).to_pylist()


def test_a_parquet_for_each_split_egoavus_files_and_a_card() -> None:
    files = files_of(PAIRS)
    assert {path: rows for path, (_, rows) in files.items()} == {
        "data/train.parquet": 3, "data/test.parquet": 1, INSTRUCT: 3, BENCH: 1, "egoavu_narrations.json": 0, "README.md": None,
    }  # fmt: skip


def test_the_same_pairs_give_the_same_bytes_in_any_order() -> None:
    expected = files_of(PAIRS)
    for seed in range(5):
        shuffled = random.Random(seed).sample(PAIRS, len(PAIRS))
        assert files_of(shuffled) == expected


def test_another_answer_gives_other_bytes() -> None:
    other = [*PAIRS[1:], accepted(3, video="hall", answer="Another.")]
    assert files_of(other)["data/train.parquet"] != files_of(PAIRS)["data/train.parquet"]


def test_parquet_holds_every_field_with_its_type() -> None:
    data, _ = files_of(PAIRS)["data/test.parquet"]
    assert parquet(data) == [
        {
            "qa_id": "qa_001", "video_id": "office", "video_sha256": SHA, "clip_id": "clip", "start_ms": 1000, "end_ms": 1500,
            "question": "Question 1?", "answer": "Answer 1.", "category": "tr_before_after", "variant": "before",
            "options": ["red", "blue"], "evidence": ["clip.000"],
        }
    ]  # fmt: skip
    types = {field.name: str(field.type) for field in pq.read_schema(io.BytesIO(data))}
    assert types["start_ms"] == "int64"
    assert types["options"].startswith("list<")


def test_rows_are_ordered_by_video_and_time() -> None:
    data, _ = files_of(PAIRS)["data/train.parquet"]
    assert [(row["video_id"], row["start_ms"]) for row in parquet(data)] == [("hall", 3000), ("kitchen", 1000), ("kitchen", 2000)]


def test_the_csv_has_egoavus_columns_and_seconds() -> None:
    files = files_of(PAIRS)
    header, first, *_ = csv_rows(files[INSTRUCT][0])
    assert tuple(header) == CSV_COLUMNS == ("video_id", "start_time", "end_time", "question", "answer", "category")
    assert first == ["hall", "3.0", "3.5", "Question 3?", "Answer 3.", "avsn"]


def test_the_csv_keeps_any_text() -> None:
    rows = csv_rows(files_of(PAIRS)[INSTRUCT][0])
    assert rows[3][3:5] == [NASTY, NASTY]
    assert {len(row) for row in rows} == {len(CSV_COLUMNS)}


def test_a_carriage_return_alone_does_not_end_a_row_in_any_python() -> None:
    data, _ = files_of([accepted(1, question="First\rthen")])[INSTRUCT]
    assert csv_rows(data)[1][3] == "First\rthen"
    assert b'"First\rthen"' in data


def test_options_stand_in_the_question_of_the_csv() -> None:
    rows = csv_rows(files_of(PAIRS)[BENCH][0])
    assert rows[1][3] == "Question 1?\nA. red\nB. blue"
    assert with_options("Why?", ()) == "Why?"


def test_every_split_but_test_is_for_instruction() -> None:
    files = files_of([accepted(1), accepted(2, split="val"), accepted(3, split="test")])
    assert [row[3] for row in csv_rows(files[INSTRUCT][0])[1:]] == ["Question 1?", "Question 2?"]
    assert [row[3] for row in csv_rows(files[BENCH][0])[1:]] == ["Question 3?"]


def test_narrations_are_a_json_list_in_seconds_by_video_and_time() -> None:
    data, rows = files_of(PAIRS, NARRATIONS)["egoavu_narrations.json"]
    assert rows == 2
    assert json.loads(data) == [
        {"video_id": "hall", "start_time": 0.0, "end_time": 10.0, "audio_visual_narration": "A door, täglich."},
        {"video_id": "kitchen", "start_time": 10.0, "end_time": 16.5, "audio_visual_narration": "Then it rings."},
    ]
    assert data == files_of(PAIRS, reversed(NARRATIONS))["egoavu_narrations.json"][0]


def test_a_version_without_pairs_is_a_card_alone() -> None:
    assert list(files_of([])) == ["README.md"]
