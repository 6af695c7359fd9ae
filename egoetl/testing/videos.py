"""Tiny pictures that carry their own number, and sound known sample by sample."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

BITS = 8
SIZE = (192, 96)
STRIP = 24
NTSC = Fraction(30_000, 1001)


def numbered(count: int) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """(number, picture) from 0: a still texture, below a strip of white and black fields, lowest bit first.

    The texture keeps encoders from starting a new group of pictures at each change. Numbers repeat after 256.
    """
    texture = np.random.default_rng(0).integers(0, 256, (SIZE[1], SIZE[0], 1), np.uint8).repeat(3, axis=2)
    bit_of_column = np.arange(SIZE[0]) * BITS // SIZE[0]
    for number in range(count):
        picture = texture.copy()
        picture[:STRIP] = (number >> bit_of_column & 1).astype(np.uint8)[None, :, None] * np.uint8(255)
        yield number, picture


def number_of(picture: NDArray[np.uint8]) -> int:
    """The number that a (height, width, 3) picture carries, whatever its scale."""
    strip = picture[: picture.shape[0] * STRIP // SIZE[1]]
    fields = np.array_split(strip.mean(axis=(0, 2)), BITS)
    return sum(1 << bit for bit, field in enumerate(fields) if field.mean() > 128)


def tones(seconds: float, rate_hz: int, channels: int) -> NDArray[np.float32]:
    """(samples, channels): a rising tone with a click each half second, softer in each further channel."""
    time = np.arange(round(seconds * rate_hz)) / rate_hz
    wave = 0.4 * np.sin(2 * np.pi * (200 * time + 300 * time**2))
    wave[:: rate_hz // 2] = 0.9
    return np.stack([wave / (channel + 1) for channel in range(channels)], axis=1).astype(np.float32)
