"""The files of a version: equal pairs give equal bytes, in the shapes that others read."""

import csv
import io
import random

import pyarrow.parquet as pq

from egoetl.core.records import QAPair
from egoetl.core.release import AcceptedPair, Provenance
from egoetl.runner.release import CSV_COLUMNS, dataset_card, pair_counts, release_files, with_options

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
MADE_BY = [
    Provenance(stage="caption", version=1, models={"omni": "measured@1", "vision": "measured@1"}, params={}, prompts={"p": SHA}, results=5)
]


def csv_rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


def parquet(data: bytes) -> list[dict]:
    return pq.read_table(io.BytesIO(data)).to_pylist()


def test_a_parquet_and_a_csv_for_each_split_and_a_card() -> None:
    files = release_files("egoavu", PAIRS, MADE_BY)
    assert {path: rows for path, (_, rows) in files.items()} == {
        "data/train.parquet": 3, "csv/train.csv": 3, "data/test.parquet": 1, "csv/test.csv": 1, "README.md": None,
    }  # fmt: skip


def test_the_same_pairs_give_the_same_bytes_in_any_order() -> None:
    expected = release_files("egoavu", PAIRS, MADE_BY)
    for seed in range(5):
        shuffled = random.Random(seed).sample(PAIRS, len(PAIRS))
        assert release_files("egoavu", shuffled, MADE_BY) == expected


def test_another_answer_gives_other_bytes() -> None:
    other = [*PAIRS[1:], accepted(3, video="hall", answer="Another.")]
    assert release_files("egoavu", other, MADE_BY)["data/train.parquet"] != release_files("egoavu", PAIRS, MADE_BY)["data/train.parquet"]


def test_parquet_holds_every_field_with_its_type() -> None:
    data, _ = release_files("egoavu", PAIRS, MADE_BY)["data/test.parquet"]
    assert parquet(data) == [
        {
            "qa_id": "qa_001", "video_id": "office", "video_sha256": SHA, "start_ms": 1000, "end_ms": 1500, "question": "Question 1?",
            "answer": "Answer 1.", "category": "tr_before_after", "variant": "before", "options": ["red", "blue"], "evidence": ["clip.000"],
        }
    ]  # fmt: skip
    types = {field.name: str(field.type) for field in pq.read_schema(io.BytesIO(data))}
    assert types["start_ms"] == "int64"
    assert types["options"].startswith("list<")


def test_rows_are_ordered_by_video_and_time() -> None:
    data, _ = release_files("egoavu", PAIRS, MADE_BY)["data/train.parquet"]
    assert [(row["video_id"], row["start_ms"]) for row in parquet(data)] == [("hall", 3000), ("kitchen", 1000), ("kitchen", 2000)]


def test_the_csv_has_egoavus_columns_and_seconds() -> None:
    files = release_files("egoavu", PAIRS, MADE_BY)
    header, first, *_ = csv_rows(files["csv/train.csv"][0])
    assert tuple(header) == CSV_COLUMNS == ("video_id", "start_time", "end_time", "question", "answer", "category")
    assert first == ["hall", "3.0", "3.5", "Question 3?", "Answer 3.", "avsn"]


def test_the_csv_keeps_any_text() -> None:
    rows = csv_rows(release_files("egoavu", PAIRS, MADE_BY)["csv/train.csv"][0])
    assert rows[3][3:5] == [NASTY, NASTY]
    assert {len(row) for row in rows} == {len(CSV_COLUMNS)}


def test_a_carriage_return_alone_does_not_end_a_row_in_any_python() -> None:
    data, _ = release_files("egoavu", [accepted(1, question="First\rthen")], MADE_BY)["csv/train.csv"]
    assert csv_rows(data)[1][3] == "First\rthen"
    assert b'"First\rthen"' in data


def test_options_stand_in_the_question_of_the_csv() -> None:
    rows = csv_rows(release_files("egoavu", PAIRS, MADE_BY)["csv/test.csv"][0])
    assert rows[1][3] == "Question 1?\nA. red\nB. blue"
    assert with_options("Why?", ()) == "Why?"


def test_pairs_are_counted_by_split_and_task() -> None:
    assert pair_counts(PAIRS) == {"test": {"tr_before_after": 1}, "train": {"avsn": 3}}
    assert pair_counts([]) == {}


def test_the_card_says_what_is_in_it_and_how_it_was_made() -> None:
    card = dataset_card("egoavu", PAIRS, MADE_BY)
    assert "4 question-answer pairs about 1 first-person videos" in card
    assert "| avsn | 0 | 3 |" in card
    assert "| caption | 1 | measured@1 | p `abababababab` | 5 |" in card
    head = card.split("---\n")[1]
    assert "  - split: test\n    path: data/test.parquet\n  - split: train\n    path: data/train.parquet\n" in head


def test_a_version_without_pairs_is_a_card_alone() -> None:
    files = release_files("egoavu", [], [])
    assert list(files) == ["README.md"]
    card = files["README.md"][0].decode()
    assert card.startswith("# egoavu\n")
    assert "0 question-answer pairs" in card
    assert "| task |" not in card
