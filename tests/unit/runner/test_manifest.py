from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egoetl.core.errors import CallerError, DataError
from egoetl.core.ids import split_by_hash
from egoetl.runner.manifest import read_manifest


def manifest(tmp_path: Path, text: str | bytes, test_percent: int = 10):
    file = tmp_path / "m.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_manifest(file, test_percent=test_percent)


def test_reads_egoavus_columns_in_milliseconds(tmp_path: Path) -> None:
    read = manifest(tmp_path, "id,start_time,end_time,split\na,0,360,train\nb,12.5,20.0004,test\n")
    assert [(row.video_id, row.start_ms, row.end_ms, row.split, row.uri, row.row) for row in read.rows] == [
        ("a", 0, 360000, "train", "a", 2),
        ("b", 12500, 20000, "test", "b", 3),
    ]
    assert read.refused == ()


def test_without_a_split_column_a_hash_of_the_id_decides(tmp_path: Path) -> None:
    read = manifest(tmp_path, "id,start_time,end_time\n" + "".join(f"v{n},0,10\n" for n in range(200)), test_percent=50)
    assert {row.split for row in read.rows} == {"train", "test"}
    assert all(row.split == split_by_hash(row.video_id, 50) for row in read.rows)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("x,10,10,train", "window_inverted"),
        ("x,20,10,train", "window_inverted"),
        ("x,a,10,train", "time_not_a_number"),
        ("x,0,nan,train", "time_not_a_number"),
        ("x,0,1e400,train", "time_not_a_number"),
        ("x,-1,10,train", "time_not_a_number"),
        (",0,10,train", "field_empty"),
        ("x,,10,train", "field_empty"),
        ("../x,0,10,train", "path_escapes_root"),
        ("/etc/passwd,0,10,train", "path_escapes_root"),
        ("a\x00b,0,10,train", "field_has_nul"),
        ("v" * 1_000_000 + ",0,10,train", "field_too_long"),
        ("good,0,10,train", "duplicate_row"),
        ("good,10,20,test", "video_in_two_splits"),
        ("x", "field_empty"),
    ],
)
def test_a_bad_line_is_refused_with_its_reason_and_the_others_go_on(tmp_path: Path, line: str, reason: str) -> None:
    read = manifest(tmp_path, f"id,start_time,end_time,split\ngood,0,10,train\n{line}\nlast,0,10,train\n")
    assert [row.video_id for row in read.rows] == ["good", "last"]
    assert [(each.row, each.reason) for each in read.refused] == [(3, reason)]
    assert "Line 3" in read.refused[0].message


def test_bytes_that_are_not_utf8_are_refused_by_line(tmp_path: Path) -> None:
    read = manifest(tmp_path, b"id,start_time,end_time,split\n\xff\xfe,0,10,train\nok,0,10,train\n")
    assert [row.video_id for row in read.rows] == ["ok"]
    assert [each.reason for each in read.refused] == ["field_not_utf8"]


def test_a_header_without_its_columns_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no column start_time, end_time") as caught:
        manifest(tmp_path, "id,begin\na,0\n")
    assert caught.value.reason == "manifest_header"


def test_an_absent_manifest_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(CallerError, match="cannot be read"):
        read_manifest(tmp_path / "none.csv", test_percent=10)


@given(st.binary(max_size=300))
def test_no_bytes_bring_the_reader_down(tmp_path_factory: pytest.TempPathFactory, noise: bytes) -> None:
    read = manifest(tmp_path_factory.mktemp("m"), b"id,start_time,end_time,split\n" + noise + b"\nlast,0,10,train\n")
    assert all(row.end_ms > row.start_ms for row in read.rows)
