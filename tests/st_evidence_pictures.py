"""Masks and option pictures for the small ST-Evidence benchmarks, drawn when a test lays them out: a few kB."""

import csv
import json
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from egoetl.benchmarks.st_evidence_gen.loading import FILE, MASKS, MASKS_PER_SECOND
from egoetl.benchmarks.st_evidence_mcq.loading import PICTURE_FILE, PICTURES

HEIGHT, WIDTH = 36, 64
SECONDS = {"hallway": 14.0, "playroom": 24.5}
BOX = (12, 14)
"""Height and width of what masks show."""
RED = (255, 0, 0)


def draw_masks(root: Path, folder: str = MASKS, *, dx: int = 0, every: int = 1, entries: Iterable[str] | None = None) -> None:
    """A folder of masks for each entry of the table that has a video: a box, during the entry's evidence, that moves right.

    `dx` pixels to the side and only for every so many frames, it is somebody's prediction.
    """
    with (root / FILE).open(newline="", encoding="utf-8", errors="replace") as stream:
        rows = [each for each in csv.DictReader(stream) if each["entry_id"] in (entries or ("1001", "1002", "2001", "2002"))]
    for row in rows:
        spans = _spans(row["segment"])
        for frame in range(0, round(SECONDS[row["video_id"]] * MASKS_PER_SECOND), every):
            seen = any(start <= frame / MASKS_PER_SECOND < end for start, end in spans)
            write_png(root / folder / row["entry_id"] / f"{frame:05d}.png", box_mask(4 + frame % 20 + dx) if seen else box_mask(None))


def draw_options(root: Path) -> None:
    """The pictures that the entries of the options' file name, each with a box in another place, outlined in red."""
    entries = json.loads((root / PICTURE_FILE).read_text())
    names = {str(entry[key]) for entry in entries.values() for key in ("gt", "d1", "d2", "d3") if entry[key]}
    for name in sorted(each for each in names if f"{PICTURES}/" in each):
        entry_id, key = Path(name).parts[-2:]
        write_png(root / PICTURES / entry_id / key, _outlined(8 * ["gt", "d1", "d2", "d3"].index(Path(key).stem) + int(entry_id) % 7))


def box_mask(left: int | None) -> NDArray[np.uint8]:
    """A mask with a box whose left edge is there, 0 or 255; empty for None."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    if left is not None:
        mask[10 : 10 + BOX[0], left : left + BOX[1]] = 255
    return mask


def write_png(file: Path, picture: NDArray[np.uint8]) -> None:
    """Write a picture, (height, width) or (height, width, 3), as PNG; equal pictures give equal bytes."""
    height, width = picture.shape[:2]
    kind = 0 if picture.ndim == 2 else 2
    lines = b"".join(b"\0" + line.tobytes() for line in picture)
    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks))


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _outlined(left: int) -> NDArray[np.uint8]:
    picture = np.full((HEIGHT, WIDTH, 3), 150, np.uint8)
    top, bottom, right = 10, 10 + BOX[0], left + BOX[1]
    picture[top:bottom, left:right] = (60, 90, 160)
    picture[[top, bottom], left : right + 1] = RED
    picture[top : bottom + 1, [left, right]] = RED
    return picture


def _spans(written: str) -> list[tuple[float, float]]:
    from egoetl.benchmarks.literals import literal_of
    from egoetl.benchmarks.spans import spans_of

    return list(spans_of(literal_of(written)))
