"""The sound of a script, synthesised from fixed seeds."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from egoetl.footage.script import Script, SoundClass, Voice
from egoetl.footage.timeline import sounds

Samples = NDArray[np.float32]

HISS_DBFS = -60.0
SYLLABLES_HZ = 4.0
FORMANTS_HZ = ((730.0, 1090.0, 2440.0), (270.0, 2290.0, 3010.0), (570.0, 840.0, 2410.0), (530.0, 1840.0, 2480.0))


def soundtrack(script: Script) -> Samples | None:
    """The sound as (samples, channels) in [-1, 1], not longer than the picture; None for a script without sound."""
    if script.sound_hz is None:
        return None
    rate = script.sound_hz
    rng = np.random.default_rng([script.seed, 2])
    count = script.duration_ms * rate // 1000
    mix = rng.standard_normal(count) * 10 ** (HISS_DBFS / 20)
    for each in sounds(script):
        start = each.at_ms * rate // 1000
        made = sing(each.voice, rate, rng)[: count - start]
        mix[start : start + made.size] += made
    mono = np.clip(mix, -1, 1).astype(np.float32)[:, None]
    return np.repeat(mono, channels(script), axis=1)


def channels(script: Script) -> int:
    """Wide-band sound is stereo, narrow-band mono."""
    return 2 if script.sound_hz == 48_000 else 1


def sing(voice: Voice, rate: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """One sound, its peak at the voice's level."""
    seconds = np.arange(voice.ms * rate // 1000) / rate
    made = VOICES[voice.sound](seconds, voice, rng)
    return made * 10 ** (voice.level_dbfs / 20) / np.abs(made).max()


def _impact(seconds: NDArray[np.float64], voice: Voice, rng: np.random.Generator) -> NDArray[np.float64]:
    """A click of all frequencies that rings down within a tenth of a second, over a dull thud."""
    del voice
    click = rng.standard_normal(seconds.size) * np.exp(-seconds / 0.03)
    thud = np.sin(2 * np.pi * 170 * seconds) * np.exp(-seconds / 0.05)
    return (click + 0.8 * thud) * _edges(seconds, 0.001, 0.02)


def _tonal(seconds: NDArray[np.float64], voice: Voice, rng: np.random.Generator) -> NDArray[np.float64]:
    """A steady tone with a soft overtone."""
    del rng
    wave = np.sin(2 * np.pi * voice.pitch_hz * seconds) + 0.25 * np.sin(4 * np.pi * voice.pitch_hz * seconds)
    return wave * _edges(seconds, 0.01, 0.06)


def _noise(seconds: NDArray[np.float64], voice: Voice, rng: np.random.Generator) -> NDArray[np.float64]:
    """White noise at an even level."""
    del voice
    return rng.standard_normal(seconds.size) * _edges(seconds, 0.015, 0.06)


def _speech(seconds: NDArray[np.float64], voice: Voice, rng: np.random.Generator) -> NDArray[np.float64]:
    """Harmonics of a gliding pitch under formants that change from syllable to syllable."""
    pitch = voice.pitch_hz * (1 + 0.12 * np.sin(2 * np.pi * 0.7 * seconds + rng.uniform(0, 6)))
    phase = 2 * np.pi * np.cumsum(pitch) / _rate(seconds)
    syllable = (seconds * SYLLABLES_HZ).astype(int)
    order = rng.integers(0, len(FORMANTS_HZ), int(syllable.max()) + 1)
    wave = np.zeros(seconds.size)
    for harmonic in range(1, int(3600 / voice.pitch_hz)):
        gain = np.array([_formant_gain(harmonic * voice.pitch_hz, formants) for formants in FORMANTS_HZ])
        wave += gain[order[syllable]] * np.sin(harmonic * phase)
    opening = np.abs(np.sin(np.pi * SYLLABLES_HZ * seconds)) ** 0.7
    return wave * (0.04 + opening) * _edges(seconds, 0.005, 0.05)


def _rate(seconds: NDArray[np.float64]) -> float:
    return 1.0 / float(seconds[1])


def _formant_gain(hz: float, formants: tuple[float, ...]) -> float:
    peaks = (np.exp(-(((hz - formant) / 140) ** 2)) / (1 + n) for n, formant in enumerate(formants))
    return float(sum(peaks)) + 0.03


def _edges(seconds: NDArray[np.float64], attack_s: float, release_s: float) -> NDArray[np.float64]:
    """Linear ramps that keep a sound from starting and ending with a click."""
    return np.clip(np.minimum(seconds / attack_s, (seconds[-1] - seconds) / release_s), 0, 1)


VOICES: dict[SoundClass, Callable[[NDArray[np.float64], Voice, np.random.Generator], NDArray[np.float64]]] = {
    "impact": _impact,
    "tonal": _tonal,
    "noise": _noise,
    "speech-like": _speech,
}
