"""Whole videos of some tens of kilobytes, in the containers and codecs that people have, to be damaged."""

from collections import UserDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from egoetl.footage.damaged_boxes import index_first

SIZE = (64, 48)
PICTURES = 20
RATE = 10


@dataclass(frozen=True)
class Kind:
    """A container, and the codecs in it."""

    name: str
    picture: str
    sound: str
    rate_hz: int = 16_000
    pix_fmt: str = "yuv420p"
    options: dict[str, str] = field(default_factory=dict)


KINDS = (
    Kind("plain.mp4", "libx264", "aac"),
    Kind("fragments.mp4", "libx264", "aac", options={"movflags": "frag_keyframe+empty_moov"}),
    Kind("hevc.mp4", "libx265", "aac"),
    Kind("plain.mkv", "libx264", "aac"),
    Kind("jpeg.mkv", "mjpeg", "flac", pix_fmt="yuvj420p"),
    Kind("plain.webm", "libvpx-vp9", "libopus", rate_hz=48_000),
    Kind("plain.mov", "mpeg4", "pcm_s16le"),
    Kind("plain.ts", "libx264", "aac"),
    Kind("plain.avi", "mjpeg", "pcm_s16le", pix_fmt="yuvj420p"),
)


class WholeVideos(UserDict[str, bytes]):
    """Bytes by name, of which a failing test shows only the names."""

    def __repr__(self) -> str:
        return f"WholeVideos({', '.join(self)})"


@pytest.fixture(scope="session")
def whole_videos(tmp_path_factory: pytest.TempPathFactory) -> WholeVideos:
    """The bytes of a video of every kind, and of the plain MP4 with its index in front."""
    folder = tmp_path_factory.mktemp("whole")
    made = {kind.name: written(kind, folder / kind.name) for kind in KINDS}
    return WholeVideos(made | {"index_first.mp4": index_first(made["plain.mp4"])})


def written(kind: Kind, file: Path) -> bytes:
    encoder = {"threads": "1", **({"x265-params": "log-level=error:pools=none:frame-threads=1"} if kind.picture == "libx265" else {})}
    with av.open(str(file), "w", options=kind.options) as container:
        picture = container.add_stream(kind.picture, rate=RATE, options=encoder)
        picture.width, picture.height, picture.pix_fmt, picture.gop_size = *SIZE, kind.pix_fmt, 8
        sound = container.add_stream(kind.sound, rate=kind.rate_hz, layout="mono")
        for frame in pictures():
            container.mux(picture.encode(frame))
        container.mux(picture.encode(None))
        for heard in waves(kind.rate_hz, sound):
            container.mux(sound.encode(heard))
        container.mux(sound.encode(None))
    return file.read_bytes()


def pictures() -> Iterator[av.VideoFrame]:
    noise = np.random.default_rng(0)
    for number in range(PICTURES):
        frame = av.VideoFrame.from_ndarray(noise.integers(0, 255, (SIZE[1], SIZE[0], 3), np.uint8), format="rgb24")
        frame.pts, frame.time_base = number, Fraction(1, RATE)
        yield frame


def waves(rate_hz: int, stream: av.AudioStream) -> Iterator[av.AudioFrame]:
    """Two seconds of a tone, in frames as long as the codec wants them."""
    wave = (np.sin(np.arange(PICTURES * rate_hz // RATE) * 0.05) * 20_000).astype(np.int16)
    resampler = av.AudioResampler(format=stream.format, layout="mono", rate=rate_hz)
    length = stream.frame_size or 1024
    for start in range(0, len(wave) - length, length):
        frame = av.AudioFrame.from_ndarray(wave[None, start : start + length], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate_hz, start, Fraction(1, rate_hz)
        yield from resampler.resample(frame)
