"""Wav files of windows: the samples that stages hear, from one decode."""

import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from egoetl.media.encode import write_video
from egoetl.media.sound import extract_sound
from egoetl.media.waves import RATE_HZ, Wave, write_waves
from egoetl.testing.videos import SIZE, numbered, tones


def samples_of(file: Path) -> np.ndarray:
    with wave.open(str(file)) as opened:
        assert (opened.getnchannels(), opened.getsampwidth(), opened.getframerate()) == (1, 2, RATE_HZ)
        return np.frombuffer(opened.readframes(opened.getnframes()), "<i2")


def extracted(file: Path, start_ms: int, end_ms: int, folder: Path) -> np.ndarray:
    flac = folder / "one.flac"
    extract_sound(file, start_ms, end_ms, flac, RATE_HZ)
    with av.open(str(flac)) as container:
        return np.concatenate([frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)])


def test_each_window_has_the_samples_that_a_decode_of_it_alone_gives(tmp_path: Path) -> None:
    file = tmp_path / "source.mp4"
    write_video(file, numbered(100), size=SIZE, rate=Fraction(25), sound=tones(3.5, 44_100, 2), sound_rate=44_100)
    waves = [Wave(start, end, tmp_path / f"{start}.wav") for start, end in ((500, 1500), (1234, 3777), (3000, 4000))]
    assert write_waves(file, waves, tmp_path / "scratch.flac")
    for each in waves:
        written = samples_of(each.out).astype(int)
        assert len(written) == (each.end_ms - each.start_ms) * RATE_HZ // 1000
        assert np.abs(written - extracted(file, each.start_ms, each.end_ms, tmp_path)).max() <= 1
    assert not np.any(samples_of(tmp_path / "3000.wav")[RATE_HZ * 6 // 10 :])
    assert not (tmp_path / "scratch.flac").exists()


def test_a_source_without_sound_gives_no_files(tmp_path: Path) -> None:
    file = tmp_path / "silent.mp4"
    write_video(file, numbered(25), size=SIZE, rate=Fraction(25))
    assert not write_waves(file, [Wave(0, 1000, tmp_path / "a.wav")], tmp_path / "scratch.flac")
    assert not (tmp_path / "a.wav").exists()
