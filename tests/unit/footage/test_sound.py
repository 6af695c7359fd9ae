"""What is heard has the levels and the character that truth gives it."""

from dataclasses import replace

import numpy as np
import pytest

from egoetl.footage.reel.index import REEL
from egoetl.footage.script import Script, Voice, burst, impact, speech, tone
from egoetl.footage.sound import sing, soundtrack
from egoetl.footage.timeline import sounds


def _dbfs(samples: np.ndarray) -> float:
    return 20 * float(np.log10(np.sqrt(np.mean(np.square(samples)))))


def test_a_script_without_sound_has_no_soundtrack(script: Script) -> None:
    assert soundtrack(replace(script, sound_hz=None)) is None


def test_the_soundtrack_is_as_long_as_the_picture_and_hisses_between_sounds(script: Script) -> None:
    made = soundtrack(script)
    assert made is not None
    assert made.shape == (6 * 16_000, 1)
    assert made.dtype == np.float32
    assert _dbfs(made[4 * 16_000 :]) == pytest.approx(-60, abs=1)


def test_wide_band_sound_is_stereo(script: Script) -> None:
    made = soundtrack(replace(script, sound_hz=48_000))
    assert made is not None
    assert made.shape == (6 * 48_000, 2)


def test_sound_begins_on_time(script: Script) -> None:
    made = soundtrack(script)
    assert made is not None
    loud = np.flatnonzero(np.abs(made[:, 0]) > 0.02) / 16
    assert loud[0] == pytest.approx(520, abs=2)
    assert loud[loud > 2_000][0] == pytest.approx(3_000, abs=3)


@pytest.mark.parametrize("script", [each for each in REEL if each.sound_hz], ids=lambda script: script.name)
def test_every_sound_stands_20_db_above_the_background(script: Script) -> None:
    made = soundtrack(script)
    assert made is not None
    rate = script.sound_hz or 0
    background = max([-60.0, *(each.voice.level_dbfs - 3 for each in sounds(script) if each.voice.ms == script.duration_ms)])
    for each in sounds(script):
        if each.voice.ms < script.duration_ms:
            start = each.at_ms * rate // 1000
            assert _dbfs(made[start : start + rate // 10]) > background + 20


@pytest.mark.parametrize("voice", [impact(), tone(), burst(), speech()], ids=lambda voice: voice.sound)
def test_a_voice_peaks_at_its_level_and_repeats(voice: Voice) -> None:
    made = sing(voice, 16_000, np.random.default_rng(1))
    assert np.abs(made).max() == pytest.approx(10 ** (voice.level_dbfs / 20))
    assert np.array_equal(made, sing(voice, 16_000, np.random.default_rng(1)))


def test_voices_differ_as_their_classes_do() -> None:
    rng = np.random.default_rng(2)
    knock, beep, rush, talk = (sing(voice, 16_000, rng) for voice in (impact(), tone(), burst(), speech()))
    assert np.square(knock[:1_600]).sum() > 0.9 * np.square(knock).sum()
    assert max(_flatness(beep), _flatness(talk)) < 0.01 < 0.5 < _flatness(rush)
    assert 3 <= _syllables_hz(talk) <= 6


def _flatness(samples: np.ndarray) -> float:
    power = np.mean(np.abs(np.fft.rfft(samples[: samples.size // 512 * 512].reshape(-1, 512) * np.hanning(512))) ** 2, axis=0)[1:]
    return float(np.exp(np.mean(np.log(power))) / np.mean(power))


def _syllables_hz(samples: np.ndarray) -> float:
    level = np.abs(samples[: samples.size // 160 * 160]).reshape(-1, 160).mean(axis=1)
    spectrum = np.abs(np.fft.rfft((level - level.mean()) * np.hanning(level.size)))
    return float(np.fft.rfftfreq(level.size, 0.01)[spectrum.argmax()])
