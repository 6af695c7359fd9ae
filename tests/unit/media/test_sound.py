"""The window's sound: exact in length and place, whatever was seeked."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from egoetl.media.encode import write_video
from egoetl.testing.videos import SIZE, numbered, tones


def extracted(media, file: Path, start_ms: int, end_ms: int, out: Path, rate_hz: int = 16_000) -> NDArray[np.int16]:
    samples = media.extract_sound(file, start_ms, end_ms, out, rate_hz=rate_hz)
    with av.open(str(out)) as container:
        stream = container.streams.audio[0]
        assert (stream.codec_context.name, stream.rate, stream.layout.name, stream.format.name) == ("flac", rate_hz, "mono", "s16")
        heard = np.concatenate([frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)])
    assert len(heard) == samples
    return heard


def lag(reference: NDArray[np.int_], heard: NDArray[np.int_], start_ms: int, end_ms: int) -> int:
    """By how many samples `heard` is late in a stretch of it."""
    stretch = heard[start_ms * 16 : end_ms * 16]
    lags = range(-800, 801)
    return max(lags, key=lambda by: int(np.dot(stretch, reference[start_ms * 16 - by : end_ms * 16 - by])))


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "mov", "ts"])
@pytest.mark.parametrize(("rate_hz", "channels"), [(48_000, 2), (44_100, 2), (16_000, 1), (32_000, 1)])
def test_a_window_equals_that_part_of_a_decode_from_the_start(media, make, tmp_path: Path, suffix: str, rate_hz: int, channels: int):
    file = make(f"a.{suffix}", frames=180, sound=tones(6.0, rate_hz, channels), sound_rate=rate_hz)
    whole = extracted(media, file, 0, 6000, tmp_path / "whole.flac")
    assert len(whole) == 96_000
    for start_ms, end_ms in [(2500, 4500), (3001, 3777), (5000, 6000), (0, 10)]:
        window = extracted(media, file, start_ms, end_ms, tmp_path / "window.flac")
        assert len(window) == (end_ms - start_ms) * 16
        difference = window.astype(int) - whole[start_ms * 16 : end_ms * 16]
        assert np.abs(difference).max() <= 1


@pytest.mark.parametrize(("rate_hz", "channels"), [(48_000, 2), (16_000, 1)])
def test_clicks_lie_where_they_were_made(media, make, tmp_path: Path, rate_hz: int, channels: int):
    file = make("a.mp4", frames=90, sound=tones(3.0, rate_hz, channels), sound_rate=rate_hz)
    heard = extracted(media, file, 700, 2800, tmp_path / "a.flac").astype(float)
    jumps = np.abs(np.diff(heard, 2))
    for click_ms in (1000, 1500, 2000, 2500):
        near = slice((click_ms - 700 - 100) * 16, (click_ms - 700 + 100) * 16)
        assert abs(int(np.argmax(jumps[near])) + 1 - 1600) <= 4


def test_an_early_end_is_silence(media, make, tmp_path: Path):
    file = make("a.mp4", frames=90, sound=tones(1.5, 48_000, 2))
    heard = extracted(media, file, 1000, 3000, tmp_path / "a.flac")
    assert len(heard) == 32_000
    assert np.abs(heard[:7500]).max() > 3000
    assert np.abs(heard[8800:]).max() == 0


def test_a_late_start_is_silence(media, tmp_path: Path):
    sound = np.concatenate([np.zeros((24_000, 1), np.float32), tones(2.0, 48_000, 1)])
    write_video(tmp_path / "whole.mp4", numbered(75), size=SIZE, rate=Fraction(30), sound=sound)
    with av.open(str(tmp_path / "whole.mp4")) as source, av.open(str(tmp_path / "late.mp4"), "w") as late:
        picture, voice = (late.add_stream_from_template(stream) for stream in (source.streams.video[0], source.streams.audio[0]))
        for packet in source.demux():
            if packet.dts is None or (packet.stream.type == "audio" and packet.pts * packet.time_base < Fraction(4, 10)):
                continue
            packet.stream = picture if packet.stream.type == "video" else voice
            late.mux(packet)
    whole = extracted(media, tmp_path / "whole.mp4", 0, 2500, tmp_path / "whole.flac").astype(int)
    heard = extracted(media, tmp_path / "late.mp4", 0, 2500, tmp_path / "late.flac").astype(int)
    assert np.abs(heard[: 380 * 16]).max() == 0
    assert abs(lag(whole, heard, 600, 2300)) <= 16  # the muxer rounds its edit list to a millisecond


def test_a_gap_is_silence_and_shifts_nothing(media, make, tmp_path: Path):
    file = make("a.mp4", frames=90, sound=tones(3.0, 48_000, 2))
    with av.open(str(file)) as source, av.open(str(tmp_path / "gap.mkv"), "w") as gap:
        voice = gap.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.dts is not None and not 1 < packet.pts * packet.time_base < 2:
                packet.stream = voice
                gap.mux(packet)
    whole = extracted(media, file, 0, 3000, tmp_path / "whole.flac").astype(int)
    heard = extracted(media, tmp_path / "gap.mkv", 0, 3000, tmp_path / "gap.flac").astype(int)
    assert np.abs(heard[1050 * 16 : 1980 * 16]).max() == 0
    assert abs(lag(whole, heard, 2100, 2800) - lag(whole, heard, 200, 900)) <= 16


def test_another_rate(media, make, tmp_path: Path):
    file = make("a.mp4", frames=90, sound=tones(3.0, 48_000, 2))
    assert len(extracted(media, file, 500, 1501, tmp_path / "a.flac", rate_hz=8000)) == 8008


def test_full_scale_on_both_channels_does_not_clip(media, tmp_path: Path):
    loud = np.full((48_000, 2), 0.9, np.float32) * np.sin(np.arange(48_000) / 20)[:, None].astype(np.float32)
    write_video(tmp_path / "a.mp4", numbered(30), size=SIZE, rate=Fraction(30), sound=loud)
    heard = extracted(media, tmp_path / "a.mp4", 0, 1000, tmp_path / "a.flac")
    assert 0.85 < np.abs(heard[1000:-1000]).max() / 32768 < 0.95


def test_no_sound_writes_nothing(media, make, tmp_path: Path):
    assert media.extract_sound(make("a.mp4"), 0, 1000, tmp_path / "a.flac") == 0
    assert not (tmp_path / "a.flac").exists()


def test_equal_inputs_give_equal_bytes(media, make, tmp_path: Path):
    file = make("a.mp4", frames=90, sound=tones(3.0, 48_000, 2))
    for name in ("a.flac", "b.flac"):
        extracted(media, file, 300, 2700, tmp_path / name)
    assert (tmp_path / "a.flac").read_bytes() == (tmp_path / "b.flac").read_bytes()
