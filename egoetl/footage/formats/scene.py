"""What every video of the set shows and sounds: a counter, a ball on its round, and chirps at known instants."""

import numpy as np
from numpy.typing import NDArray

from egoetl.footage.formats.video_format import LENGTH_MS, SIZE, SoundFormat

BITS = 10
STRIP = 32
"""Height of the counter, in pixels: fields of white and black, the lowest bit first."""
BALL = (200, 40, 40)
GROUND = 110
RADIUS = 18
ROUND_S = 4.0
CHIRP_MS = 40
CHIRPS_MS = tuple(range(250, LENGTH_MS, 500))
CHIRP_HZ = (400.0, 6000.0)
LOUDNESS = 0.5


def picture(number: int, seconds: float) -> NDArray[np.uint8]:
    """(height, width, 3) RGB: what is seen at a time, under the number of the picture."""
    width, height = SIZE
    rows, columns = np.mgrid[:height, :width]
    scene = np.repeat((GROUND + 12 * np.sin(columns / 9) * np.sin(rows / 7))[:, :, None], 3, axis=2)
    x, y = ball_at(seconds)
    scene[(columns - x) ** 2 + (rows - y) ** 2 <= RADIUS**2] = BALL
    scene[:STRIP] = ((number >> np.arange(width) * BITS // width & 1) * 255)[None, :, None]
    return scene.astype(np.uint8)


def ball_at(seconds: float) -> tuple[float, float]:
    """The ball's centre: x to the right, y downwards."""
    width, height = SIZE
    turn = 2 * np.pi * seconds / ROUND_S
    return width / 2 + 110 * float(np.cos(turn)), (height + STRIP) / 2 + 55 * float(np.sin(turn))


def number_in(shown: NDArray[np.uint8]) -> int:
    """The number that a picture carries, whatever its scale."""
    strip = shown[: shown.shape[0] * STRIP // SIZE[1]]
    fields = np.array_split(strip[2:-2].mean(axis=(0, 2)), BITS)
    return sum(1 << bit for bit, field in enumerate(fields) if field[2:-2].mean() > 128)


def chirps_heard(sound: SoundFormat) -> tuple[int, ...]:
    """The instants, in milliseconds, at which a chirp begins that is whole."""
    return tuple(at_ms for at_ms in CHIRPS_MS if sound.from_ms <= at_ms and at_ms + CHIRP_MS <= sound.to_ms)


def soundtrack(sound: SoundFormat, hidden_ms: int) -> NDArray[np.float32]:
    """(samples, channels) from `hidden_ms` before the start, or from where there is sound, each channel softer than the last."""
    first = (sound.from_ms or -hidden_ms) * sound.rate_hz // 1000
    samples = np.zeros(sound.to_ms * sound.rate_hz // 1000 - first)
    for at_ms in chirps_heard(sound):
        begin = at_ms * sound.rate_hz // 1000 - first
        wave = chirp(sound.rate_hz)
        samples[begin : begin + wave.size] = wave
    gains = LOUDNESS / (1 + 0.2 * np.arange(sound.channels))
    return (samples[:, None] * gains).astype(np.float32)


def chirp(rate_hz: int) -> NDArray[np.float64]:
    """A rising tone that fades in and out: its place is found to a fraction of a sample."""
    seconds = np.arange(CHIRP_MS * rate_hz // 1000) / rate_hz
    low, high = CHIRP_HZ
    phase = 2 * np.pi * (low * seconds + (high - low) * seconds**2 / (2 * CHIRP_MS / 1000))
    return np.sin(phase) * np.hanning(seconds.size)
