"""Folders of masks: what is foreground, and where those of a prediction lie."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from egoetl.core.errors import DataError
from egoetl.runner.mask_folders import MaskFolders
from egoetl.testing.benchmark_data import FolderData

SHAPE = np.array([[0, 1], [255, 0]], np.uint8)


def folders(root: Path, *names: str, picture: np.ndarray = SHAPE) -> MaskFolders:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(root / name), picture)
    return MaskFolders(FolderData(root))


@pytest.mark.parametrize("picture", [
    SHAPE, np.stack([SHAPE * 0, SHAPE, SHAPE * 0], axis=-1),
    np.stack([SHAPE, SHAPE * 0, SHAPE * 0, np.full_like(SHAPE, 255)], axis=-1),
])  # fmt: skip
def test_whatever_is_not_black_is_foreground(tmp_path: Path, picture: np.ndarray) -> None:
    mask = folders(tmp_path, "e/00000.png", picture=picture).mask("e", "00000.png")
    assert mask.dtype == np.bool_
    assert mask.tolist() == [[False, True], [True, False]]


def test_frames_are_in_order_and_nothing_else_is_one(tmp_path: Path) -> None:
    masks = folders(tmp_path, "e/00002.png", "e/00000.PNG", "e/deeper/00001.png")
    (tmp_path / "e" / "notes.txt").write_text("x")
    assert masks.frames("e") == ("00000.PNG", "00002.png")
    assert masks.frames("e/") == ("00000.PNG", "00002.png")
    assert masks.frames("f") is None


def test_what_is_no_picture_is_an_error(tmp_path: Path) -> None:
    masks = folders(tmp_path, "e/00000.png")
    (tmp_path / "e" / "00001.png").write_bytes(b"no picture")
    for name in ("00001.png", "00009.png"):
        with pytest.raises(DataError) as caught:
            masks.mask("e", name)
        assert caught.value.reason == "mask_unreadable"


@pytest.mark.parametrize(("written", "entry", "folder"), [
    ("run/e1/masks", "e1", "run/e1/masks"), ("/fsx/their/run/e1/masks", "e1", "run/e1/masks"), ("/x/run/e1", "e1", "run/e1/masks"),
    ("/x/e2", "e1", "e2"), (None, "e2", "e2"), (None, "e1", None), ("/x/e9", "e2", "e2"), ("../../e2", "e9", "e2"), ("/", "e9", None),
    ("", "e9", None),
])  # fmt: skip
def test_a_prediction_names_its_folder_as_it_was_on_another_machine(
    tmp_path: Path, written: str | None, entry: str, folder: str | None
) -> None:  # fmt: skip
    assert folders(tmp_path, "run/e1/masks/00000.png", "e2/00000.png").folder_of(written, entry) == folder
