"""Made-up segments: coloured things on a textured ground, a camera that moves over it, and sounds at their times."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from simplejpeg import encode_jpeg

from egoetl.core.records import Window
from egoetl.media.small_mp4 import small_mp4
from egoetl.media.waves import wav_of

WIDTH, HEIGHT, STEP_MS, RATE = 448, 252, 250, 16_000
START_MS = 70_000
Course = Callable[[float], tuple[float, float] | None]


@dataclass
class Thing:
    """`at` gives the middle in world pixels at a time in seconds, or None while it is nowhere."""

    rgb: tuple[int, int, int]
    shape: str
    at: Course
    size: int = 44


@dataclass
class ArrayMedia:
    """A SampledMedia made of arrays; `looks` counts how often its pictures were read."""

    pictures: NDArray[np.uint8]
    samples: NDArray[np.float32]
    frame_ms: tuple[int, ...]
    looks: int = 0
    name: str = "scene"

    @property
    def window(self) -> Window:
        """From the first picture to a step after the last."""
        return Window(start_ms=self.frame_ms[0], end_ms=self.frame_ms[-1] + STEP_MS)

    @property
    def frames_per_second(self) -> float:
        """How many pictures there are a second."""
        return 1000 / STEP_MS

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the pictures."""
        return self.pictures.shape[2], self.pictures.shape[1]

    @property
    def has_sound(self) -> bool:
        """Whether there are samples."""
        return self.samples.size > 0

    def jpegs(self, times_ms: Sequence[int], width: int, height: int) -> tuple[bytes, ...]:
        """The pictures of some of the times, each a JPEG of that size."""
        picked = (self.pictures[self.frame_ms.index(time)] for time in times_ms)
        scaled = (np.asarray(cv2.resize(picture, (width, height)), np.uint8) for picture in picked)
        return tuple(encode_jpeg(np.ascontiguousarray(picture), quality=95) for picture in scaled)

    def wav(self) -> bytes:
        """The sound as a wav file."""
        return wav_of(*self.sound()) if self.has_sound else b""

    def mp4(self, jpegs: Sequence[bytes], per_second: float, *, sound: bool) -> bytes:
        """A video of pictures at that rate, with the sound in it if asked for."""
        return small_mp4(jpegs, per_second, self.sound() if sound else None)

    def frames(self) -> NDArray[np.uint8]:
        """Pictures as (count, height, width, 3), RGB."""
        self.looks += 1
        return self.pictures

    def sound(self) -> tuple[NDArray[np.float32], int]:
        """Samples and their rate in Hz."""
        return self.samples, RATE if self.samples.size else 0


@dataclass
class Scene:
    """Ten seconds from START_MS on; the camera's middle is `camera(t)` in world pixels.

    `arm_s` is when an arm lies over the middle of the view, `cut_s` when another scene begins, `count` the number of pictures.
    """

    things: list[Thing] = field(default_factory=list)
    camera: Course = lambda _t: (0.0, 0.0)
    arm_s: tuple[float, float] = (0.0, 0.0)
    cut_s: float = 99.0
    sounds: dict[float, NDArray[np.float64]] = field(default_factory=dict)
    silent_source: bool = False
    count: int = 40

    def media(self, spoil: Callable[[NDArray[np.uint8]], NDArray[np.uint8]] = lambda picture: picture) -> ArrayMedia:
        """The scene's pictures, each as `spoil` leaves it, and its sound over faint hiss."""
        times = [i * STEP_MS / 1000 for i in range(self.count)]
        pictures = np.stack([spoil(self._picture(t)) for t in times])
        return ArrayMedia(pictures, self._samples(), tuple(START_MS + round(t * 1000) for t in times))

    def _picture(self, t: float) -> NDArray[np.uint8]:
        x, y = self.camera(t) or (0.0, 0.0)
        ground = texture(2 if t >= self.cut_s else 1)
        to_view = np.array([[1, 0, WIDTH / 2 - x - ground.shape[1] / 2], [0, 1, HEIGHT / 2 - y - ground.shape[0] / 2]])
        picture = cv2.warpAffine(ground, to_view, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
        for thing in self.things:
            place = thing.at(t)
            if place is not None:
                _draw(picture, thing, round(place[0] - x + WIDTH / 2), round(place[1] - y + HEIGHT / 2))
        if self.arm_s[0] <= t < self.arm_s[1]:
            cv2.rectangle(picture, (WIDTH // 2 - 9, 0), (WIDTH // 2 + 9, HEIGHT), (92, 96, 104), -1)
        return np.asarray(picture, np.uint8)

    def _samples(self) -> NDArray[np.float32]:
        if self.silent_source:
            return np.zeros(0, np.float32)
        mix = np.random.default_rng(7).standard_normal(RATE * 10) * 0.0005
        for at, made in self.sounds.items():
            first = round(at * RATE)
            mix[first : first + made.size] += made[: mix.size - first]
        return mix.astype(np.float32)


@cache
def texture(seed: int) -> NDArray[np.uint8]:
    """A grey ground much larger than the view; each seed is another, and brighter than the one before."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(60, 190, (40, 80)).astype(np.float32)
    ground = cv2.resize(coarse, (1600, 800), interpolation=cv2.INTER_CUBIC) + rng.normal(0, 4, (800, 1600)) + (seed - 1) * 40
    return np.repeat(np.clip(ground, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def _draw(picture: Any, thing: Thing, x: int, y: int) -> None:
    half = thing.size // 2
    if thing.shape == "ball":
        cv2.circle(picture, (x, y), half, thing.rgb, -1, cv2.LINE_AA)
    else:
        cv2.rectangle(picture, (x - half, y - half), (x + half, y + half), thing.rgb, -1)
    cv2.putText(picture, "AB", (x - 12, y + 5), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (240, 240, 240), 1, cv2.LINE_AA)


def still(x: float, y: float) -> Course:
    """Rest at one place."""
    return lambda _t: (x, y)


def glide(start: tuple[float, float], end: tuple[float, float], from_s: float, until_s: float) -> Course:
    """Rest at `start`, move evenly, rest at `end`."""

    def at(t: float) -> tuple[float, float]:
        share = min(1.0, max(0.0, (t - from_s) / (until_s - from_s)))
        return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share

    return at
