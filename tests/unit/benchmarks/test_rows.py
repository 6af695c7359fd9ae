import csv
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egoetl.benchmarks.benchmark import Placed
from egoetl.benchmarks.rows import Row, collect, csv_rows, json_of, jsonl_rows, listed_rows, needed, spelled
from egoetl.core.errors import DataError
from egoetl.core.evaluation import Question
from egoetl.core.ledger import RefusedRow
from egoetl.testing.benchmark_data import FolderData

COLUMNS = (("id",), ("question",), ("time", "time (s)"))


def row(**fields: Any) -> Row:
    return Row("Line 7 of q.csv", 7, fields)


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(DataError) as caught:
        work()
    message = str(caught.value)
    assert message.startswith("Line 7 of q.csv: ")
    assert message.endswith(".")
    return caught.value.reason


def read(tmp_path: Path, text: str) -> list[Row | RefusedRow]:
    file = tmp_path / "q.csv"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    return list(csv_rows(file, "q.csv", COLUMNS))


def numbered(rows: Iterable[Row | RefusedRow]) -> list[tuple[int, str]]:
    """Number of each row, and its id or why it is refused."""
    return [(each.number, each.fields["id"]) if isinstance(each, Row) else (each.row, each.reason) for each in rows]


def test_a_csv_field_goes_over_lines_and_a_row_is_numbered_by_its_first(tmp_path: Path) -> None:
    rows = read(tmp_path, '\ufeffid,question,time\na,"Which?\nA. one\r\nB. ""two""",1\n\nb,What,2\n')
    assert numbered(rows) == [(2, "a"), (6, "b")]
    assert isinstance(rows[0], Row)
    assert rows[0].fields == {"id": "a", "question": 'Which?\nA. one\r\nB. "two"', "time": "1"}


def test_a_stray_quotation_mark_costs_one_line(tmp_path: Path) -> None:
    rows = read(tmp_path, 'id,question,time (s)\na,"What is that?,1\nb,Who,2\nc,"Where, then",3\n')
    assert numbered(rows) == [(2, "quotes_unpaired"), (3, "b"), (4, "c")]


def test_a_stray_quotation_mark_on_the_last_line_costs_it(tmp_path: Path) -> None:
    assert numbered(read(tmp_path, 'id,question,time\nb,Who,2\na,"What')) == [(2, "b"), (3, "quotes_unpaired")]


def test_a_comma_too_many_costs_one_line_and_empty_fields_at_the_end_none(tmp_path: Path) -> None:
    rows = read(tmp_path, "id,question,time\na,What, then,1\nb,Who,2,,\nc,Where\n")
    assert numbered(rows) == [(2, "fields_too_many"), (3, "b"), (4, "c")]
    last = rows[2]
    assert isinstance(last, Row)
    assert refused(lambda: row(**last.fields).milliseconds("time")) == "field_missing"


@pytest.mark.parametrize("header", ["id,question", "", "id,question,time,id", '"id,question,time'])
def test_a_header_that_lacks_or_repeats_a_column_refuses_the_file(tmp_path: Path, header: str) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, header + "\na,b,1\n")
    assert caught.value.reason == "benchmark_header"


def test_bytes_that_are_no_text_refuse_the_file_and_a_wrong_byte_its_row(tmp_path: Path) -> None:
    rows = read(tmp_path, "id,question,time\na,caf\udce9,1\n")
    first = rows[0]
    assert isinstance(first, Row)
    assert refused(lambda: row(**first.fields).text("question")) == "field_not_utf8"
    with pytest.raises(DataError) as caught:
        read(tmp_path, "\x00\x01")
    assert caught.value.reason == "benchmark_not_text"


@given(st.lists(st.tuples(st.text(st.characters(exclude_categories=("Cs", "Cc"))), st.text("a,\"'\n\r ;")), max_size=5))
def test_what_csv_writes_is_read_back(tmp_path_factory: pytest.TempPathFactory, values: list[tuple[str, str]]) -> None:
    file = tmp_path_factory.mktemp("csv") / "q.csv"
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
        writer.writerows([("id", "question", "time"), *((f"n{index}", *each) for index, each in enumerate(values))])
    rows = list(csv_rows(file, "q.csv", COLUMNS))
    assert [(each.fields["question"], each.fields["time"]) for each in rows if isinstance(each, Row)] == values


@given(st.text(max_size=200))
def test_any_lines_below_a_header_are_rows_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.mktemp("csv") / "q.csv"
    file.write_bytes(b"id,question,time\n" + text.encode("utf-8", "surrogatepass"))
    for each in csv_rows(file, "q.csv", COLUMNS):
        assert isinstance(each, Row) or each.reason in ("quotes_unpaired", "fields_too_many")


def test_json_lines_are_read_one_by_one(tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    deep, huge = "[" * 100_000, "9" * 5000
    file.write_text(f'{{"id": "a"}}\n\n{{"id": \n[1]\n{deep}\n{{"id": {huge}}}\n{{"id": "b\u2028c"}}', encoding="utf-8")
    expected = [(1, "a"), (3, "not_json"), (4, "not_an_object"), (5, "not_json"), (6, "not_json"), (7, "b\u2028c")]
    assert numbered(jsonl_rows(file, "q.jsonl")) == expected


def test_a_list_is_read_entry_by_entry_and_what_is_none_is_refused_whole(tmp_path: Path) -> None:
    file = tmp_path / "q.json"
    file.write_text('[{"id": "a"}, 3, {"id": "b"}]')
    assert numbered(listed_rows(json_of(file, "q.json"), "q.json")) == [(1, "a"), (2, "not_an_object"), (3, "b")]
    for text, reason in (("{", "benchmark_not_json"), ('{"a": 1}', "benchmark_not_a_list")):
        file.write_text(text)
        with pytest.raises(DataError) as caught:
            list(listed_rows(json_of(file, "q.json"), "q.json"))
        assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "field_missing"),
        ("  ", "field_empty"),
        (["a"], "field_not_text"),
        ({}, "field_not_text"),
        (True, "field_not_text"),
        (float("nan"), "field_not_text"),
        ("a\x00", "field_has_control_character"),
        ("a\x1b[2J", "field_has_control_character"),
        ("\ud800", "field_not_utf8"),
        ("a" * 8001, "field_too_long"),
    ],
)
def test_a_text_that_is_none(value: Any, reason: str) -> None:
    assert refused(lambda: row(question=value).text("question")) == reason


def test_texts_are_taken_by_the_first_name_that_there_is() -> None:
    assert row(b=" x\ny ").text("a", "b") == "x\ny"
    assert row(a=None, b=8.1).text("a", "b") == "8.1"
    assert row(a="x", b="y").text("a", "b") == "x"


@pytest.mark.parametrize("value", ["../a", "/a", "a/../../b", "..%2fa", "a\\..\\..\\b", "C:\\a"])
def test_a_path_stays_within_its_root(value: str) -> None:
    assert refused(lambda: row(video_id=value).path("video_id")) == "path_escapes_root"


def test_a_name_is_short_and_on_one_line() -> None:
    assert row(video_id="a/b").path("video_id") == "a/b"
    assert refused(lambda: row(video_id="a" * 201).path("video_id")) == "field_too_long"
    assert refused(lambda: row(video_id="a\nb").name("video_id")) == "field_has_control_character"


@pytest.mark.parametrize(
    ("value", "milliseconds"), [("60", 60_000), (331.0, 331_000), ("0.0014", 1), (" 2.5 ", 2500), (0, 0), ("1e1", 10_000)]
)
def test_seconds(value: Any, milliseconds: int) -> None:
    assert row(t=value).milliseconds("t") == milliseconds


@pytest.mark.parametrize("value", ["x", "-1", -0.5, "nan", "inf", "1000001", "1:30", "1,5"])
def test_seconds_that_are_none(value: Any) -> None:
    assert refused(lambda: row(t=value).milliseconds("t")) == "time_not_a_number"


def test_a_category_is_known_however_it_is_spelled() -> None:
    known = {"tr_before_after": "TR", "tr": "TR"}
    for text in ("TR", "tr_before_after", "TR-Before/After", " tr  before after "):
        assert row(c=text).one_of(known, "c") == "TR"
    assert refused(lambda: row(c="trr").one_of(known, "c")) == "category_unknown"
    assert spelled("Hands-on") == "hands_on"


def placed(each: Row) -> Placed:
    question = Question(
        start_ms=0,
        end_ms=1,
        question_id=each.name("id"),
        benchmark="b",
        video_id=each.path("video_id"),
        task="t",
        question=each.text("question"),
    )
    return Placed(question, "v.mp4")


def test_rows_become_questions_or_are_refused_with_their_number_and_video() -> None:
    entries = [
        {"id": "a", "video_id": "v", "question": "Who?"},
        {"id": "b", "video_id": "../v", "question": "Who?"},
        {"id": "a", "video_id": "v", "question": "What?"},
        "x",
        {"id": "c", "video_id": "v\x1b", "question": ""},
    ]
    loaded = collect(listed_rows(json.loads(json.dumps(entries)), "q.json"), placed)
    assert [each.question.question for each in loaded.questions] == ["Who?"]
    assert [(each.row, each.video_id, each.reason) for each in loaded.refused] == [
        (2, "../v", "path_escapes_root"),
        (3, "v", "duplicate_question"),
        (4, "", "not_an_object"),
        (5, "v\ufffd", "field_has_control_character"),
    ]
    assert "Entry 1 of q.json" in loaded.refused[1].message


def test_the_first_file_that_there_is(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("id")
    data = FolderData(tmp_path)
    assert needed(data, "a.csv", "b.csv", remedy="Get it.") == ("b.csv", tmp_path / "b.csv")
    with pytest.raises(DataError, match=r"no a\.csv or c\.csv\. Get it\.") as caught:
        needed(data, "a.csv", "c.csv", remedy="Get it.")
    assert caught.value.reason == "benchmark_file_missing"
