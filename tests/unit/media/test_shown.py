"""What leaves for a model: JPEGs in its size, a wav, and a small MP4 of both."""

import io
import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from simplejpeg import decode_jpeg

from egoetl.core.errors import DataError
from egoetl.testing.videos import number_of, tones


@pytest.fixture
def window(media, sampled, make):
    """The second from 2 s of a clip that begins at 1 s, four pictures a second."""
    file = make("a.mp4", frames=150, sound=tones(5, 48_000, 2))
    out, clip = sampled(file, 1000, 4000, step_ms=250)
    return media.open(out, clip, 1000, 2000, 3000)


def pixels(jpeg: bytes) -> np.ndarray:
    return decode_jpeg(jpeg)


def test_the_window_says_what_it_is(window):
    assert window.name == f"{'0' * 64}:2000-3000"
    assert (window.window.start_ms, window.window.end_ms) == (2000, 3000)
    assert (window.frames_per_second, window.size, window.has_sound) == (4.0, (192, 96), True)


def test_pictures_of_their_own_size_are_the_very_bytes_of_the_container(window):
    with av.open(str(window.container)) as container:
        kept = {packet.pts: bytes(packet) for packet in container.demux(video=0)}
    assert window.jpegs((2250, 2750), 192, 96) == (kept[1250], kept[1750])


def test_pictures_are_scaled(window):
    smaller = window.jpegs((2000, 2500), 96, 48)
    larger = window.jpegs((2000, 2500), 280, 140)
    assert [pixels(each).shape for each in (*smaller, *larger)] == [(48, 96, 3)] * 2 + [(140, 280, 3)] * 2
    own = [np.asarray(pixels(each), float).mean() for each in window.jpegs((2000, 2500), 192, 96)]
    for scaled in (smaller, larger):
        assert [np.asarray(pixels(each), float).mean() for each in scaled] == pytest.approx(own, abs=1.5)
    assert window.jpegs((2000, 2500), 96, 48) == smaller


def test_no_pictures_of_no_times(window):
    assert window.jpegs((), 96, 48) == ()


def test_a_time_without_a_picture_is_damage(window):
    with pytest.raises(DataError, match="no picture at 1100 ms") as raised:
        window.jpegs((2000, 2100), 192, 96)
    assert raised.value.reason == "sampled_corrupt"


def test_the_wav_is_the_sound(window):
    samples, rate_hz = window.sound()
    with wave.open(io.BytesIO(window.wav())) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (1, rate_hz, 2)
        heard = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    assert np.array_equal(heard / np.float32(32768), samples)


def test_a_silent_source_has_no_wav(media, sampled, make):
    out, clip = sampled(make("a.mp4", frames=60), 0, 2000)
    window = media.open(out, clip, 0, 0, 1000)
    assert not window.has_sound
    assert window.wav() == b""


@pytest.mark.parametrize("per_second", [1.0, 2.0, 4.0, 2.5, 29.97])
def test_the_mp4_holds_every_picture_at_its_rate_and_every_sample(window, per_second: float):
    jpegs = window.jpegs(window.frame_ms, 192, 96)
    made = window.mp4(jpegs, per_second, sound=True)
    with av.open(io.BytesIO(made)) as container:
        stream = container.streams.video[0]
        assert stream.frames == len(jpegs)
        assert float(stream.average_rate) == pytest.approx(per_second)
        packets = [packet for packet in container.demux(stream) if packet.size]
        assert tuple(bytes(packet) for packet in packets) == jpegs
        times = [packet.pts * stream.time_base for packet in packets]
        assert times == pytest.approx([float(index / Fraction(per_second)) for index in range(len(jpegs))], abs=1e-3)
    with av.open(io.BytesIO(made)) as container:
        assert container.streams.audio[0].rate == 16_000
        heard = np.concatenate([frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)])
    assert np.array_equal(heard / np.float32(32768), window.sound()[0])
    assert window.mp4(jpegs, per_second, sound=True) == made


def test_an_mp4_without_sound_has_no_track_for_it(window):
    with av.open(io.BytesIO(window.mp4(window.jpegs((2000,), 192, 96), 2.0, sound=False))) as container:
        assert [each.type for each in container.streams] == ["video"]


def test_the_pictures_are_those_of_the_window(window):
    assert [number_of(pixels(each)) for each in window.jpegs(window.frame_ms, 192, 96)] == [60, 67, 75, 82]


def test_a_damaged_container_is_named(window, tmp_path: Path):
    window.container.write_bytes(window.container.read_bytes()[:2000])
    with pytest.raises(DataError, match="damaged"):
        window.jpegs(window.frame_ms, 96, 48)
