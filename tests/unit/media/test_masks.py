import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from egoetl.benchmarks.benchmark import Masks
from egoetl.core.errors import DataError
from egoetl.media.masks import LocalMasks


def written(folder: Path, name: str, picture: np.ndarray) -> bytes:
    """A PNG in a folder, and its bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    done, data = cv2.imencode(".png", picture)
    assert done
    (folder / name).write_bytes(data.tobytes())
    return data.tobytes()


@pytest.fixture
def grey() -> np.ndarray:
    """Two shades of an object on black."""
    picture = np.zeros((6, 9), np.uint8)
    picture[1:3, 2:5], picture[4, 7] = 255, 1
    return picture


def test_frames_are_the_pngs_of_a_folder_in_order(tmp_path: Path, grey: np.ndarray) -> None:
    for name in ("00012.png", "00000.png", "00006.png"):
        written(tmp_path / "entry" / "masks", name, grey)
    (tmp_path / "entry" / "masks" / "notes.txt").write_text("no mask")
    (tmp_path / "empty").mkdir()
    masks: Masks = LocalMasks(tmp_path)
    assert masks.frames("entry/masks") == ("00000", "00006", "00012")
    assert (masks.frames("empty"), masks.frames("absent"), masks.frames("entry/masks/00000.png")) == ((), None, None)


@pytest.mark.parametrize("kind", ["grey", "colour", "deep", "transparent", "bits"])
def test_whatever_is_not_black_is_the_object(tmp_path: Path, grey: np.ndarray, kind: str) -> None:
    of_kind = {
        "grey": grey,
        "colour": np.stack([grey, np.zeros_like(grey), np.zeros_like(grey)], axis=2),
        "deep": grey.astype(np.uint16),
        "transparent": np.stack([grey, grey, grey, np.full_like(grey, 255)], axis=2),
        "bits": (grey > 0).astype(np.uint8) * 255,
    }[kind]
    written(tmp_path, "1.png", of_kind)
    mask = LocalMasks(tmp_path).mask("", "1")
    assert mask.dtype == np.bool_
    assert mask.tolist() == (grey > 0).tolist()


def claiming(width: int, height: int, data: bytes) -> bytes:
    """A PNG whose header names another size."""
    header = b"IHDR" + struct.pack(">II", width, height) + data[24:29]
    return data[:12] + header + struct.pack(">I", zlib.crc32(header)) + data[33:]


def test_a_broken_picture_is_no_mask(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    picture = np.random.default_rng(0).integers(0, 2, (64, 80), np.uint8) * 255
    data = written(tmp_path, "1.png", picture)
    flipped = bytearray(data)
    flipped[len(data) // 2] ^= 0xFF
    done, jpeg = cv2.imencode(".jpg", picture)
    assert done
    broken = {
        "empty": b"",
        "signature": data[:8],
        "header": data[:33],
        "half": data[: len(data) // 2],
        "no end": data[:-12],
        "flipped": bytes(flipped),
        "text": b"this is no picture, whatever its name may say",
        "jpeg": jpeg.tobytes(),
        "huge": claiming(200_000, 200_000, data),
        "flat": claiming(0, 64, data),
    }
    for name, content in broken.items():
        (tmp_path / f"{name}.png").write_bytes(content)
        with pytest.raises(DataError, match="write it again as PNG") as refused:
            LocalMasks(tmp_path).mask("", name)
        assert refused.value.reason == "mask_unreadable", name
    capfd.readouterr()  # what libpng says of them


def test_an_absent_mask_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"entry/00003\.png cannot be read \(No such file") as refused:
        LocalMasks(tmp_path).mask("entry", "00003")
    assert refused.value.reason == "mask_unreadable"


@pytest.mark.parametrize("name", ["..", "../other", "a/../../b", "/etc", "a\\..\\b", "a\0b"])
def test_names_do_not_leave_the_root(tmp_path: Path, name: str) -> None:
    masks = LocalMasks(tmp_path)
    for call in (lambda: masks.frames(name), lambda: masks.mask(name, "1"), lambda: masks.mask("a", f"{name}/1")):
        with pytest.raises(DataError) as refused:
            call()
        assert refused.value.reason == "path_escapes_root"
