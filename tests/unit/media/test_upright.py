"""Turned and mirrored pictures, and pixels that are not square."""

import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from egoetl.media.encode import write_video
from egoetl.testing.videos import SIZE

ONE = 1 << 16
CORNERS = np.array([[[220, 30, 30], [30, 200, 30]], [[30, 30, 220], [200, 200, 200]]], np.uint8)
"""Red and green above, blue and grey below."""

TURNS = {
    "as it is": ((ONE, 0, 0, ONE), lambda picture: picture),
    "quarter to the right": ((0, ONE, -ONE, 0), lambda picture: np.rot90(picture, -1)),
    "quarter to the left": ((0, -ONE, ONE, 0), np.rot90),
    "half": ((-ONE, 0, 0, -ONE), lambda picture: np.rot90(picture, 2)),
    "mirrored": ((-ONE, 0, 0, ONE), np.fliplr),
    "upside down": ((ONE, 0, 0, -ONE), np.flipud),
    "rows for columns": ((0, ONE, ONE, 0), lambda picture: picture.transpose(1, 0, 2)),
    "the other diagonal": ((0, -ONE, -ONE, 0), lambda picture: np.rot90(picture, 2).transpose(1, 0, 2)),
    "four degrees": ((65376, 4572, -4572, 65376), lambda picture: picture),
}


def with_matrix(file: Path, a: int, b: int, c: int, d: int) -> None:
    """Put a display matrix into the header of an mp4's first track."""
    data = bytearray(file.read_bytes())
    matrix = data.index(b"tkhd") + 4 + 40
    struct.pack_into(">9i", data, matrix, a, b, 0, c, d, 0, 0, 0, 1 << 30)
    file.write_bytes(data)


@pytest.mark.parametrize("name", TURNS)
def test_pictures_are_seen_upright(media, sampled, tmp_path: Path, name: str):
    matrix, seen_as = TURNS[name]
    picture = CORNERS.repeat(SIZE[1] // 2, axis=0).repeat(SIZE[0] // 2, axis=1)
    file = tmp_path / "a.mp4"
    write_video(file, [(number, picture) for number in range(10)], size=SIZE, rate=Fraction(10), crf=8)
    with_matrix(file, *matrix)
    expected = seen_as(picture)
    probed = media.probe(file, sha256="a" * 64).picture
    assert (probed.height, probed.width) == expected.shape[:2]
    out, clip = sampled(file, 0, 1000)
    (seen, *_) = media.open(out, clip, 0, 0, 1000).frames()
    assert seen.shape == expected.shape
    inside = (slice(12, None, 24), slice(12, None, 24))
    assert np.abs(seen[inside].astype(int) - expected[inside]).max() <= 12


def test_pixels_that_are_not_square_change_the_width(media, sampled, tmp_path: Path):
    grey = np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)
    file = tmp_path / "a.mkv"
    write_video(file, [(number, grey) for number in range(10)], size=SIZE, rate=Fraction(10), pixel_aspect=Fraction(4, 3))
    probed = media.probe(file, sha256="a" * 64).picture
    assert (probed.width, probed.height) == (256, 96)
    _, clip = sampled(file, 0, 1000, max_side=128)
    assert (clip.width, clip.height) == (128, 48)
