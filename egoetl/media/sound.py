"""The sound of a window: one decode, placed by presentation time, as 16-bit mono FLAC."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Discard
from numpy.typing import NDArray

from egoetl.core.errors import DataError
from egoetl.core.sources import MediaFile
from egoetl.media.libav import (
    MILLISECONDS,
    SOUND_RATES_HZ,
    Muxer,
    SoundEncoder,
    bytes_of,
    encoder_options,
    open_input,
    open_output,
    origin_s,
    reading,
    sound_stream,
    unit_of,
)

MARGIN_S = 0.1
"""The resampler's filter looks this far back and ahead, and much less."""
JITTER_S = 0.01
"""Timestamps this far from where the samples before them end are rounding, not a gap."""
CHUNK = 4096
SAMPLE_BYTES = 2
FULL_SCALE = 32768

Placed = tuple[int, av.AudioFrame]
"""Which sample of the source's time, at the frame's rate, a frame begins with."""


def extract_sound(file: MediaFile, start_ms: int, end_ms: int, out: Path, rate_hz: int) -> int:
    """Write the window's sound and return its samples; see `core.ports.Media.extract_sound`.

    Raises:
        DataError: `file_missing`, `not_a_video`, `undecodable`, `sound_corrupt` or `sound_unusable`.
    """
    with open_input(file) as container:
        stream = sound_stream(container, file)
        if stream is None:
            return 0
        samples = _window(container, stream, start_ms, end_ms, rate_hz, file)
    _write_flac(out, samples, rate_hz)
    return len(samples) // SAMPLE_BYTES


def window_samples(start_ms: int, end_ms: int, rate_hz: int) -> int:
    """How many samples a window has."""
    return round(Fraction((end_ms - start_ms) * rate_hz, MILLISECONDS))


def _window(container: InputContainer, stream: AudioStream, start_ms: int, end_ms: int, rate_hz: int, file: MediaFile) -> bytearray:
    """The window's 16-bit samples at the wanted rate, silent where the stream has nothing."""
    first = round(Fraction(start_ms * rate_hz, MILLISECONDS))
    count = window_samples(start_ms, end_ms, rate_hz)
    window = bytearray(count * SAMPLE_BYTES)
    with reading(file, "sound_corrupt", "decoded"):
        around = _around(_decode(container, stream, file), start_ms / MILLISECONDS, end_ms / MILLISECONDS)
        for position, block in _resample(around, rate_hz):
            begin = position - first
            kept = block[max(-begin, 0) * SAMPLE_BYTES : max(count - begin, 0) * SAMPLE_BYTES]
            at = max(begin, 0) * SAMPLE_BYTES
            window[at : at + len(kept)] = kept
    return window


def _decode(container: InputContainer, stream: AudioStream, file: MediaFile) -> Iterator[Placed]:
    """All frames from the start of the stream.

    It does not seek, for two reasons. AAC's noise substitution draws on everything decoded before, so samples after
    a seek differ; and a container's unit of time may be coarser than a sample (Matroska's milliseconds), so that
    only counting says where a frame lies. Sound decodes some two thousand times faster than it plays.
    """
    unit, origin = float(unit_of(stream)), float(origin_s(container))
    for other in container.streams:
        other.discard = Discard.none if other is stream else Discard.all
    end = None
    for frame in container.decode(stream):
        if frame.sample_rate not in SOUND_RATES_HZ:
            raise DataError(f"The sound of {file} claims {frame.sample_rate} samples a second; re-encode it.", reason="sound_unusable")
        stamp = round(((frame.pts or 0) * unit - origin) * frame.sample_rate)
        position = stamp if end is None or abs(stamp - end) > JITTER_S * frame.sample_rate else end
        end = position + frame.samples
        yield position, frame


def _around(frames: Iterator[Placed], start_s: float, end_s: float) -> Iterator[Placed]:
    for position, frame in frames:
        if position > (end_s + MARGIN_S) * frame.sample_rate:
            return
        if position + frame.samples > (start_s - MARGIN_S) * frame.sample_rate:
            yield position, frame


def _resample(frames: Iterator[Placed], rate_hz: int) -> Iterator[tuple[int, memoryview]]:
    """(position, samples) at `rate_hz` mono, each run of unbroken sound through a resampler of its own."""
    run: _Run | None = None
    for position, frame in frames:
        if run is None or not run.goes_on_with(position, frame):
            if run is not None:
                yield from run.push(None)
            run = _Run(position, frame, rate_hz)
        yield from run.push(frame)
    if run is not None:
        yield from run.push(None)


class _Run:
    """Unbroken sound on its way through a resampler.

    Output sample k lies at k / rate_hz of the source's time whatever the first input sample is: silence in front
    makes the input begin where both rates have a sample.
    """

    def __init__(self, position: int, first: av.AudioFrame, rate_hz: int) -> None:
        step = Fraction(first.sample_rate, rate_hz)
        self._lead = position % step.numerator
        self._next = (position - self._lead) * step.denominator // step.numerator
        self._format = (first.sample_rate, first.layout.name)
        self._resampler = AudioResampler(format="s16", layout="mono", rate=rate_hz, frame_size=CHUNK)
        self._end = position

    def goes_on_with(self, position: int, frame: av.AudioFrame) -> bool:
        """Whether a frame follows without a gap, an overlap or a change of format."""
        return position == self._end and (frame.sample_rate, frame.layout.name) == self._format

    def push(self, frame: av.AudioFrame | None) -> Iterator[tuple[int, memoryview]]:
        """(position, samples) that are ready; all that are left for None."""
        if frame is not None:
            if self._lead:
                yield from self._pull(_silence_like(frame, self._lead))
                self._lead = 0
            self._end += frame.samples
        yield from self._pull(frame)

    def _pull(self, frame: av.AudioFrame | None) -> Iterator[tuple[int, memoryview]]:
        for ready in self._resampler.resample(frame):
            yield self._next, bytes_of(ready.planes[0])[: ready.samples * SAMPLE_BYTES]
            self._next += ready.samples


def _silence_like(frame: av.AudioFrame, samples: int) -> av.AudioFrame:
    made = av.AudioFrame(format=frame.format.name, layout=frame.layout.name, samples=samples)
    for plane in made.planes:
        plane.update((b"\x80" if frame.format.name.startswith("u8") else b"\0") * plane.buffer_size)
    made.sample_rate = frame.sample_rate
    made.time_base = frame.time_base
    return made


def _write_flac(out: Path, samples: bytearray, rate_hz: int) -> None:
    with open_output(out, "flac") as container:
        FlacTrack(container, rate_hz).write(samples)


class FlacTrack:
    """A stream of 16-bit mono samples; all streams of a container are made before the first is written."""

    def __init__(self, container: Muxer, rate_hz: int) -> None:
        self._container, self._rate_hz = container, rate_hz
        self._stream: SoundEncoder = container.add_stream("flac", rate=rate_hz, layout="mono", options=encoder_options())

    def write(self, samples: bytes | bytearray) -> None:
        """Encode all of the samples."""
        for start in range(0, len(samples), CHUNK * SAMPLE_BYTES):
            chunk = samples[start : start + CHUNK * SAMPLE_BYTES]
            frame = av.AudioFrame(format="s16", layout="mono", samples=len(chunk) // SAMPLE_BYTES)
            frame.planes[0].update(bytes(chunk))
            frame.sample_rate = self._rate_hz
            frame.time_base = Fraction(1, self._rate_hz)
            frame.pts = start // SAMPLE_BYTES
            self._container.mux(self._stream.encode(frame))
        self._container.mux(self._stream.encode(None))


def pcm(samples: NDArray[np.float32]) -> bytes:
    """16-bit samples of those in [-1, 1], little-endian: the very ones that `SampledWindow.sound` was read from."""
    return np.clip(np.rint(samples * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype("<i2").tobytes()
