"""The videos that benchmarks decode: a camera that walks over a textured world, grain on every picture, and sound.

What a benchmark measures must not hang on footage that somebody has or has not, so it is made here, and kept.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from egoetl.core.content_key import sha256_of
from egoetl.media.encode import write_video

SOUND_HZ = 48_000
KEPT = Path(tempfile.gettempdir()) / "egoetl-bench"
OCTAVES = (8, 32, 128)


@dataclass(frozen=True)
class MovingVideo:
    """One video. `grain` is the noise of the sensor, in steps of 255: it makes most of the bit rate."""

    seconds: int
    grain: float = 9.0
    crf: int = 27
    bframes: int = 3
    size: tuple[int, int] = (1280, 720)
    rate: Fraction = Fraction(30)
    gop: int = 250

    def file(self) -> Path:
        """The video, made now if it is not kept from an earlier run: x264 veryfast, and AAC in stereo at 128 kbit/s."""
        path = KEPT / f"{sha256_of([str(each) for each in astuple(self)])[:12]}.mp4"
        if not path.is_file():
            KEPT.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_name(f"unfinished.{path.name}")
            write_video(
                unfinished, self._pictures(), size=self.size, rate=self.rate, gop=self.gop, crf=self.crf, bframes=self.bframes,
                sound=music(self.seconds), sound_rate=SOUND_HZ,
            )  # fmt: skip
            unfinished.replace(path)
        return path

    def _pictures(self) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        rng = np.random.default_rng(1)
        width, height = self.size
        world = _texture(rng, height * 2, width * 2)
        things = [(rng.uniform(0.2, 1.5), rng.uniform(0, 6), _texture(rng, height // 4, width // 6)) for _ in range(4)]
        grain = np.clip(rng.normal(128, self.grain, (height + 64, width + 64, 3)), 0, 255).astype(np.uint8)
        for number in range(int(self.seconds * self.rate)):
            seconds = float(number / self.rate)
            picture = _view(world, seconds, width, height).astype(np.int16)
            for speed, phase, thing in things:
                _put(picture, thing, speed * seconds + phase)
            down, right = rng.integers(0, 64, 2)
            picture += grain[down : down + height, right : right + width]
            picture -= 128
            yield number, np.clip(picture, 0, 255).astype(np.uint8)


def _texture(rng: np.random.Generator, height: int, width: int) -> NDArray[np.uint8]:
    """Noise of three sizes on top of each other, in colour."""
    total = np.zeros((height, width, 3))
    for size in OCTAVES:
        coarse = rng.uniform(0, 1, (height // size + 2, width // size + 2, 3))
        total += coarse.repeat(size, axis=0).repeat(size, axis=1)[:height, :width]
    return (32 + total * (192 / len(OCTAVES))).astype(np.uint8)


def _view(world: NDArray[np.uint8], seconds: float, width: int, height: int) -> NDArray[np.uint8]:
    """What the camera sees: it turns slowly and bobs with each step."""
    right = int((0.5 + 0.45 * np.sin(seconds * 0.31)) * width + 6 * np.sin(seconds * 6.1))
    down = int((0.5 + 0.45 * np.sin(seconds * 0.23)) * height + 9 * np.sin(seconds * 12.2))
    return world[down : down + height, right : right + width]


def _put(picture: NDArray[np.int16], thing: NDArray[np.uint8], phase: float) -> None:
    height, width = thing.shape[:2]
    down = int((picture.shape[0] - height) * (0.5 + 0.5 * np.sin(phase * 1.3)))
    right = int((picture.shape[1] - width) * (0.5 + 0.5 * np.sin(phase)))
    picture[down : down + height, right : right + width] = thing


def music(seconds: float) -> NDArray[np.float32]:
    """(samples, 2): chords that glide, and noise."""
    time = np.arange(int(seconds * SOUND_HZ)) / SOUND_HZ
    glide = sum(np.sin(2 * np.pi * pitch * time + 3 * np.sin(time * pitch / 400)) for pitch in (220, 277, 330))
    noise = np.random.default_rng(2).standard_normal((time.size, 2))
    return (0.12 * glide[:, None] + 0.03 * noise).astype(np.float32)
