"""The columns of the list: the manifest's own, or what lineage knows of them."""

from pathlib import Path

from egoetl.core.export import BuildRow, SourceClip
from egoetl.runner.exporting.input_columns import COLUMNS, input_columns

CLIP = SourceClip(clip_id="c", video_sha256="ab" * 32, start_ms=0, end_ms=10_000, videos="/videos", uri="kitchen")
GOOD = BuildRow(row=2, video_id="kitchen", uri="kitchen", split="train", start_ms=0, end_ms=10_500, clip=CLIP, reason=None, message=None)
REFUSED = BuildRow(row=3, video_id="hall", uri=None, split=None, start_ms=None, end_ms=None, clip=None, reason="r", message="m")
ROWS = [GOOD, REFUSED]
AS_LINEAGE_HAS_THEM = {
    2: {"id": "kitchen", "start_time": "0", "end_time": "10.5", "split": "train"},
    3: {"id": "hall", "start_time": "", "end_time": "", "split": ""},
}


def test_the_manifests_fields_are_kept_as_they_stand_in_it(tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    file.write_text("id,start_time,end_time,lens\nkitchen,0.0,10.50,wide\nhall,9,3,\n")
    columns = input_columns(file, ROWS)
    assert list(columns.names) == ["id", "start_time", "end_time", "lens"]
    assert columns.fields == {
        2: {"id": "kitchen", "start_time": "0.0", "end_time": "10.50", "lens": "wide"},
        3: {"id": "hall", "start_time": "9", "end_time": "3", "lens": ""},
    }


def test_without_the_manifest_there_are_egoavus_columns(tmp_path: Path) -> None:
    assert input_columns(tmp_path / "gone.csv", ROWS) == (COLUMNS, AS_LINEAGE_HAS_THEM)


def test_a_manifest_that_has_changed_since_is_not_believed(tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    file.write_text("id,start_time,end_time\ngarden,0,10\nkitchen,0,10.5\n")
    assert input_columns(file, ROWS) == (COLUMNS, AS_LINEAGE_HAS_THEM)


def test_a_line_that_cannot_be_read_is_as_lineage_has_it(tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    file.write_text('id,start_time,end_time\nkitchen,0,10.5\n"hall,9,3\n')
    assert input_columns(file, ROWS).fields[3] == AS_LINEAGE_HAS_THEM[3]
