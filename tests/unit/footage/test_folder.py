"""A footage folder holds whole files, knows which recipe made them, and has one writer."""

from pathlib import Path

import pytest

from egoetl.core.errors import CallerError, TryAgainError
from egoetl.footage.folder import opened

RECIPE, OTHER = "a" * 64, "b" * 64


def test_a_kept_file_is_known_by_its_recipe(tmp_path: Path) -> None:
    with opened(tmp_path / "new" / "folder") as folder:
        folder.write("one", b"1")
        folder.keep("one", RECIPE)
    with opened(tmp_path / "new" / "folder") as folder:
        assert folder.made("one", RECIPE) is not None
        assert folder.made("one", OTHER) is None
        assert folder.made("two", RECIPE) is None


def test_a_file_that_was_changed_or_removed_is_not_made(tmp_path: Path) -> None:
    with opened(tmp_path) as folder:
        for name in ("one", "two"):
            folder.write(name, b"whole")
            folder.keep(name, RECIPE)
        (tmp_path / "one").write_bytes(b"who")
        (tmp_path / "two").unlink()
        assert folder.made("one", RECIPE) is None
        assert folder.made("two", RECIPE) is None


def test_a_list_that_cannot_be_read_is_no_list(tmp_path: Path) -> None:
    (tmp_path / ".footage.json").write_text("{half")
    with opened(tmp_path) as folder:
        assert folder.made("one", RECIPE) is None


def test_a_file_whose_writer_fails_does_not_appear(tmp_path: Path) -> None:
    def fails(unfinished: Path) -> None:
        unfinished.write_bytes(b"half")
        raise RuntimeError("stopped")

    with opened(tmp_path) as folder:
        with pytest.raises(RuntimeError):
            folder.appear("one", fails)
        assert not (tmp_path / "one").exists()
        folder.write("one", b"whole")
    assert (tmp_path / "one").read_bytes() == b"whole"


def test_equal_bytes_are_not_written_again(tmp_path: Path) -> None:
    with opened(tmp_path) as folder:
        folder.write("one", b"1")
        before = (tmp_path / "one").stat()
        folder.write("one", b"1")
    assert (tmp_path / "one").stat().st_ino == before.st_ino


def test_two_makers_never_share_a_folder(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(TryAgainError) as busy, opened(tmp_path):
        pass
    assert busy.value.reason == "footage_folder_busy"
    with opened(tmp_path):
        pass


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CallerError, match="file") as refused, opened(tmp_path / "file"):
        pass
    assert refused.value.reason == "footage_folder_unusable"
