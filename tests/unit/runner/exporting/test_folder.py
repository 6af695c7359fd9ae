"""The folder of an export: whole files, one writer, mistakes in words."""

from pathlib import Path

import pytest

from egoetl.core.errors import CallerError, TryAgainError
from egoetl.runner.exporting.folder import output_folder


def test_files_appear_whole_and_nothing_else_stays(tmp_path: Path) -> None:
    with output_folder(tmp_path / "out") as folder:
        folder.write("a/b.txt", b"one")
        folder.write_json_lines("c.jsonl", ({"number": number, "text": "täglich"} for number in range(2)))
        unfinished = folder.scratch / "half"
        unfinished.write_bytes(b"ha")
        assert not (tmp_path / "out" / "half").exists()
    assert {file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*") if file.is_file()} == {"out/a/b.txt", "out/c.jsonl"}
    assert (tmp_path / "out/c.jsonl").read_text() == '{"number": 0, "text": "täglich"}\n{"number": 1, "text": "täglich"}\n'


def test_a_writer_that_dies_leaves_the_old_file(tmp_path: Path) -> None:
    def records():
        yield {"new": 1}
        raise KeyboardInterrupt

    with output_folder(tmp_path) as folder:
        folder.write_json_lines("list.jsonl", [{"old": 1}])
    with pytest.raises(KeyboardInterrupt), output_folder(tmp_path) as folder:
        folder.write_json_lines("list.jsonl", records())
    assert [file.name for file in tmp_path.iterdir()] == ["list.jsonl"]
    assert (tmp_path / "list.jsonl").read_text() == '{"old": 1}\n'


def test_an_equal_file_is_left_alone(tmp_path: Path) -> None:
    with output_folder(tmp_path) as folder:
        before = folder.write("a", b"one").stat().st_ino
        assert folder.write("a", b"one").stat().st_ino == before
        assert folder.write("a", b"two").read_bytes() == b"two"


def test_what_a_killed_run_left_is_cleared(tmp_path: Path) -> None:
    (tmp_path / ".unfinished").mkdir()
    (tmp_path / ".unfinished" / "0.mp4").write_bytes(b"half")
    with output_folder(tmp_path) as folder:
        assert list(folder.scratch.iterdir()) == []
    assert list(tmp_path.iterdir()) == []


def test_two_exports_never_write_into_one_folder(tmp_path: Path) -> None:
    with output_folder(tmp_path) as first:
        with pytest.raises(TryAgainError) as caught, output_folder(tmp_path):
            pass
        assert caught.value.reason == "out_busy"
        assert first.scratch.is_dir()


def test_a_file_in_the_folders_place_is_the_callers_mistake(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(CallerError, match="cannot be written") as caught, output_folder(tmp_path / "out"):
        pass
    assert caught.value.reason == "out_unusable"
