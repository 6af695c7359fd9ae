"""The encoder for sample footage."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from egoetl.media.encode import write_video
from egoetl.testing.videos import NTSC, SIZE, number_of, numbered, tones


def decoded(path: Path) -> list[tuple[Fraction, int]]:
    with av.open(str(path)) as container:
        return [(frame.pts * frame.time_base, number_of(frame.to_ndarray(format="rgb24"))) for frame in container.decode(video=0)]


@pytest.mark.parametrize("rate", [Fraction(30), NTSC])
@pytest.mark.parametrize("bframes", [0, 3])
def test_every_picture_has_its_time(make, rate: Fraction, bframes: int):
    path = make("a.mp4", frames=60, rate=rate, bframes=bframes)
    assert decoded(path) == [(number / rate, number) for number in range(60)]


def test_a_variable_rate_keeps_its_times(tmp_path: Path):
    times = [0, 40, 45, 200, 900, 930]
    pictures = [(time, picture) for time, (_, picture) in zip(times, numbered(6), strict=True)]
    write_video(tmp_path / "a.mp4", pictures, size=SIZE, rate=Fraction(30), time_base=Fraction(1, 1000))
    assert decoded(tmp_path / "a.mp4") == [(Fraction(time, 1000), number) for number, time in enumerate(times)]


def test_a_group_of_pictures_is_as_long_as_asked(make):
    with av.open(str(make("a.mp4", frames=120, gop=50))) as container:
        keys = [packet.pts * packet.time_base for packet in container.demux(video=0) if packet.is_keyframe]
    assert keys[:3] == [0, Fraction(50, 30), Fraction(100, 30)]


def test_ten_bit_hevc(make):
    path = make("a.mp4", frames=20, codec="libx265", pix_fmt="yuv420p10le")
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("hevc", "yuv420p10le")
    assert [number for _, number in decoded(path)] == list(range(20))


@pytest.mark.parametrize(("rate_hz", "channels"), [(48_000, 2), (16_000, 1)])
def test_sound_begins_with_the_pictures(make, rate_hz: int, channels: int):
    sound = tones(3.0, rate_hz, channels)
    with av.open(str(make("a.mp4", frames=90, sound=sound, sound_rate=rate_hz))) as container:
        assert container.streams.audio[0].rate == rate_hz
        heard = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1).T
    assert heard.shape[1] == channels
    assert len(heard) >= len(sound)
    smooth = slice(rate_hz // 8, rate_hz // 8 + rate_hz // 16)
    assert np.corrcoef(heard[smooth, 0], sound[smooth, 0])[0, 1] > 0.99
    assert np.isclose(np.abs(heard[:, -1]).max() * channels, np.abs(heard[:, 0]).max(), rtol=0.1)


def test_equal_input_gives_equal_bytes(tmp_path: Path):
    for name in ("a.mp4", "b.mp4"):
        write_video(tmp_path / name, numbered(40), size=SIZE, rate=NTSC, sound=tones(1.3, 48_000, 2))
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
