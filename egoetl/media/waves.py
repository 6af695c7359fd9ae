"""Wav files: of several windows of a source from one decode, and of samples."""

import wave
from collections.abc import Sequence
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from egoetl.media.libav import MILLISECONDS, open_input, reading
from egoetl.media.sound import extract_sound, pcm

RATE_HZ = 16_000


class Wave(NamedTuple):
    """A window of the source, and the wav file to write."""

    start_ms: int
    end_ms: int
    out: Path


def write_waves(file: Path, waves: Sequence[Wave], scratch: Path) -> bool:
    """Write each window's sound as 16 kHz mono 16-bit wav: the samples that the stages of a build hear, silent where there are none.

    `scratch` is a file that this may write and removes. Returns False, and writes nothing, for a source without sound.

    Raises:
        DataError: `file_missing`, `not_a_video`, `undecodable` or `sound_corrupt`.
    """
    begin, end = min(each.start_ms for each in waves), max(each.end_ms for each in waves)
    if not extract_sound(file, begin, end, scratch, RATE_HZ):
        return False
    samples = _read(scratch)
    scratch.unlink()
    for each in waves:
        first, beyond = (round(Fraction((time - begin) * RATE_HZ, MILLISECONDS)) for time in (each.start_ms, each.end_ms))
        with each.out.open("wb") as out:
            _write(out, samples[first:beyond].astype("<i2").tobytes(), RATE_HZ)
    return True


def _read(flac: Path) -> NDArray[np.int16]:
    with open_input(flac) as container, reading(flac, "sound_corrupt", "decoded"):
        blocks = [np.asarray(frame.to_ndarray(), np.int16).reshape(-1) for frame in container.decode(container.streams.audio[0])]
    return np.concatenate(blocks)


def wav_of(samples: NDArray[np.float32], rate_hz: int) -> bytes:
    """A 16-bit mono wav file of samples in [-1, 1]."""
    out = BytesIO()
    _write(out, pcm(samples), rate_hz)
    return out.getvalue()


def _write(out: BinaryIO, samples: bytes, rate_hz: int) -> None:
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(samples)
