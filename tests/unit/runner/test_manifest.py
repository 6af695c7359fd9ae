from pathlib import Path

import pytest

from egoetl.core.errors import CallerError, DataError
from egoetl.core.ids import split_by_hash
from egoetl.runner.manifest import read_manifest
from egoetl.runner.manifest_lines import LONGEST_LINE


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
        ("x,0,9e999999999999999999,train", "time_not_a_number"),
        ("x,0,9999999,train", "time_not_a_number"),
        (",0,10,train", "field_empty"),
        ("x,,10,train", "field_empty"),
        ("../x,0,10,train", "path_escapes_root"),
        ("/etc/passwd,0,10,train", "path_escapes_root"),
        ("..\\..\\x,0,10,train", "path_escapes_root"),
        ("C:\\x,0,10,train", "path_escapes_root"),
        ("%2e%2e%2fx,0,10,train", "path_escapes_root"),
        ("%252e%252e%252fx,0,10,train", "path_escapes_root"),
        ("file:///etc/passwd,0,10,train", "path_escapes_root"),
        (".,0,10,train", "path_escapes_root"),
        ("a\x1b[2Jb,0,10,train", "field_has_control_character"),
        ('"x,0,10,train', "quotes_unpaired"),
        ('"x"y,0,10,train', "quotes_unpaired"),
        ("x,y,0,10,train", "fields_too_many"),
        ("x,0,10,a/b", "split_invalid"),
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


@pytest.mark.parametrize("column", ["uri", "narrations"])
@pytest.mark.parametrize("path", ["../x", "/x", "file:///x", "a/../../x", "..\\x", "%2E%2E/x"])
def test_no_address_leads_out_of_the_videos_folder(tmp_path: Path, column: str, path: str) -> None:
    read = manifest(tmp_path, f"id,start_time,end_time,{column}\nx,0,10,{path}\nx,0,10,deep/x.txt\n")
    assert [each.reason for each in read.refused] == ["path_escapes_root"]
    assert column in read.refused[0].message
    assert [getattr(row, column) for row in read.rows] == ["deep/x.txt"]


def test_spaces_blank_lines_and_empty_fields_at_the_end_are_nothing(tmp_path: Path) -> None:
    read = manifest(tmp_path, "id, start_time ,end_time,narrations\r\n\r\n a , 0,1 ,\r\n,,\r\n\r\nb,0,1,,,\r\n")
    assert [(row.row, row.video_id, row.narrations) for row in read.rows] == [(3, "a", None), (6, "b", None)]
    assert [(each.row, each.reason) for each in read.refused] == [(4, "field_empty")]


def test_a_duplicate_says_where_the_first_one_stands(tmp_path: Path) -> None:
    read = manifest(tmp_path, "id,start_time,end_time\na,0,10\nb,0,10\na,0.0,10.0\n")
    assert read.refused[0].message == "Line 4: the same window of a stands on line 2; leave one of them out."


def test_a_line_without_end_is_skipped_without_being_kept(tmp_path: Path) -> None:
    read = manifest(tmp_path, "id,start_time,end_time\n" + "v" * (3 * LONGEST_LINE) + ",0,10\nlast,0,10\n")
    assert [(each.row, each.reason) for each in read.refused] == [(2, "line_too_long")]
    assert [(row.row, row.video_id) for row in read.rows] == [(3, "last")]


def test_what_is_said_of_a_line_fits_a_screen_and_moves_no_cursor(tmp_path: Path) -> None:
    for field in ("v" * 1_000_000, "/" + "v" * 150, "\x1b[2J" * 30, "\udcff"):
        read = manifest(tmp_path, f"id,start_time,end_time\n{field},0,10\n".encode("utf-8", "surrogateescape"))
        (refused,) = read.refused
        assert len(refused.message) < 200
        assert (refused.message + refused.video_id).isprintable()


def test_bytes_that_are_not_utf8_are_refused_by_line(tmp_path: Path) -> None:
    read = manifest(tmp_path, b"id,start_time,end_time,split\n\xff\xfe,0,10,train\nok,0,10,train\n")
    assert [row.video_id for row in read.rows] == ["ok"]
    assert [each.reason for each in read.refused] == ["field_not_utf8"]


def test_a_header_without_its_columns_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no column start_time, end_time") as caught:
        manifest(tmp_path, "id,begin\na,0\n")
    assert caught.value.reason == "manifest_header"


def test_a_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="column id twice") as caught:
        manifest(tmp_path, "id,id,start_time,end_time\na,b,0,1\n")
    assert caught.value.reason == "manifest_header"


@pytest.mark.parametrize("data", ["id,start_time,end_time\na,0,1\n".encode("utf-16"), b"PK\x03\x04\x00\x00", b"\xff\xd8\xff\xe0"])
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(DataError, match="save it as CSV in UTF-8") as caught:
        manifest(tmp_path, data)
    assert caught.value.reason == "manifest_not_text"


def test_an_empty_manifest_has_no_columns(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no column id, start_time, end_time"):
        manifest(tmp_path, "")


def test_an_absent_manifest_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(CallerError, match="cannot be read"):
        read_manifest(tmp_path / "none.csv", test_percent=10)
