"""The damaged set: equal bytes every time, each file broken in its own way and in no other."""

import json
from pathlib import Path

import av
import pytest

from egoetl.core.errors import DataError
from egoetl.footage.damaged import DamagedSet, make_damaged
from egoetl.footage.damaged_boxes import boxes, find, index_first, tracks
from egoetl.footage.damaged_videos import SPOILT, SpoiltVideo
from egoetl.media.pyav_media import PyAvMedia
from egoetl.runner.manifest import read_manifest

SHA = "a" * 64


def nobody(_done: int, _total: int) -> None: ...


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> DamagedSet:
    return make_damaged(tmp_path_factory.mktemp("damaged"), nobody)


@pytest.fixture(scope="module")
def whole(made: DamagedSet) -> bytes:
    return (Path(made.folder) / "good_pantry.mp4").read_bytes()


def contents(folder: str | Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in Path(folder).iterdir()}


def test_equal_bytes_every_time(made: DamagedSet, tmp_path: Path) -> None:
    make_damaged(tmp_path, nobody)
    assert contents(tmp_path) == contents(made.folder)


def test_what_is_there_is_left_alone_and_what_was_changed_is_made_again(made: DamagedSet) -> None:
    folder = Path(made.folder)
    before = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}
    whole_set = contents(folder)
    (folder / "text.mp4").write_bytes(b"changed")
    assert make_damaged(folder, nobody) == made
    assert contents(folder) == whole_set
    assert {file.name for file in folder.iterdir() if file.stat().st_mtime_ns != before[file.name]} == {"text.mp4"}


def test_the_list_names_no_folder_of_this_machine(made: DamagedSet) -> None:
    listed = json.loads((Path(made.folder) / "damaged.json").read_text())
    assert listed == json.loads(made.model_dump_json()) | {"folder": ".", "manifest": "manifest.csv", "good_manifest": "good.csv"}
    assert made.folder not in (Path(made.folder) / "damaged.json").read_text()


@pytest.mark.parametrize("spoilt", SPOILT, ids=lambda spoilt: spoilt.name)
def test_every_video_is_refused_for_its_own_damage(made: DamagedSet, spoilt: SpoiltVideo) -> None:
    with pytest.raises(DataError) as raised:
        PyAvMedia().probe(Path(made.folder) / f"{spoilt.name}.mp4", sha256=SHA)
    assert raised.value.reason == spoilt.reason


def test_distinct_damage_has_distinct_reasons() -> None:
    assert sorted({each.reason for each in SPOILT}) == sorted(each.reason for each in SPOILT if each.name != "truncated_index_first")


def test_the_lying_header_claims_two_hours_of_a_whole_video(made: DamagedSet) -> None:
    file = Path(made.folder) / "lying_duration.mp4"
    assert PyAvMedia().claimed_duration_ms(file) == 7_200_000
    assert PyAvMedia().probe(file, sha256=SHA).duration_ms == 12_000


def test_the_rows_that_no_manifest_reader_can_refuse_wait_for_their_files(made: DamagedSet) -> None:
    read = read_manifest(Path(made.manifest), test_percent=10)
    good = read_manifest(Path(made.good_manifest), test_percent=10)
    listed = {each.line: each.reason for each in made.damages}
    assert {each.row: each.reason for each in read.refused}.items() <= listed.items()
    assert read.rows[: len(good.rows)] == good.rows
    assert {row.row for row in read.rows} == {row.row for row in good.rows} | (listed.keys() - {each.row for each in read.refused} - {None})


def test_manifests_that_are_refused_whole(made: DamagedSet) -> None:
    whole_files = [each for each in made.damages if each.line is None]
    assert len(whole_files) == 4
    for each in whole_files:
        with pytest.raises(DataError) as raised:
            read_manifest(Path(made.folder) / each.name, test_percent=10)
        assert raised.value.reason == each.reason


def test_an_index_in_front_says_the_same(whole: bytes, tmp_path: Path) -> None:
    (tmp_path / "back.mp4").write_bytes(whole)
    (tmp_path / "front.mp4").write_bytes(index_first(whole))
    assert [box.type for box in boxes(index_first(whole), 0, len(whole))] == ["ftyp", "free", "moov", "mdat"]
    assert packets(tmp_path / "back.mp4") == packets(tmp_path / "front.mp4")


def packets(file: Path) -> list[tuple[int, int | None, bytes]]:
    with av.open(str(file)) as container:
        return [(packet.stream.index, packet.pts, bytes(packet)) for packet in container.demux()]


def test_a_box_is_found_by_its_path(whole: bytes) -> None:
    assert set(tracks(whole)) == {"vide", "soun"}
    table = find(whole, (*tracks(whole)["soun"], "mdia", "minf", "stbl", "stsz"))
    assert whole[table.start + 4 : table.start + 8] == b"stsz"
    with pytest.raises(IndexError):
        find(whole, ("moov", "nothing"))
