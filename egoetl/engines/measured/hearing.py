"""What is heard: where the level rises above a running floor, and of which class each sound is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Samples = NDArray[np.float64]

HOP_S = 0.01
FRAME_S = 0.032
# Level (dB of full scale) that counts as silence, and rise over the running floor that makes a sound.
SILENCE_DB = -42.0
RISE_DB = 8.0
# A dip shorter than SYLLABLE_S does not end a sound; a level held for PLATEAU_S or BACKGROUND_S is floor to anything on top of it.
SYLLABLE_S = 0.2
PLATEAU_S = 0.7
BACKGROUND_S = 3.0
SHORTEST_S = 0.03
TAIL_S = 0.2


@dataclass(frozen=True)
class Sound:
    """A sound of one class, in seconds from the segment's start."""

    sound: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class _Spectrogram:
    power: Samples
    """(hops, bins)"""
    level: Samples
    """(hops,), dB of full scale."""


def listen(samples: NDArray[np.float32], rate_hz: int) -> list[Sound]:
    """The sounds of a segment, in time order; none for a silent one."""
    if samples.size <= FRAME_S * rate_hz * 2:
        return []
    seen = _spectrogram(samples.astype(np.float64), rate_hz)
    spans = _spans(seen.level)
    return [Sound(_class(seen, a, b), round(a * HOP_S, 1), round(b * HOP_S, 1)) for a, b in spans]


def _spectrogram(samples: Samples, rate_hz: int) -> _Spectrogram:
    hop, size = int(HOP_S * rate_hz), int(FRAME_S * rate_hz)
    # Centred frames, so that hop i is about the sound at i * HOP_S.
    padded = np.pad(samples, (size // 2, size // 2))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    window = np.hanning(size)
    power = np.abs(np.fft.rfft(frames * window, axis=1)) ** 2 / np.sum(window**2) / size * 2
    return _Spectrogram(power, 10 * np.log10(power[:, 2:].sum(axis=1) + 1e-10))


def _spans(level: Samples) -> list[tuple[int, int]]:
    """Hops [a, b) of each sound. Levels held long are backgrounds of their own, which shorter sounds stand out from."""
    filled: Samples = ndimage.grey_closing(level, (_hops(SYLLABLE_S),), mode="nearest")
    plateau, background = (_opening(filled, _hops(each)) for each in (PLATEAU_S, BACKGROUND_S))
    spans = _runs(background > SILENCE_DB)
    for upper, lower in ((plateau, background), (filled, plateau)):
        for a, b in _runs(upper > np.maximum(lower + RISE_DB, SILENCE_DB)):
            same = next((each for each in spans if abs(each[0] - a) <= 8), None)
            if same is None:
                spans.append((a, b))
            elif same[1] < b:
                spans[spans.index(same)] = (a, b)
    # What little is left of a sound that began before the segment tells nothing of its class.
    return sorted((a, b) for a, b in spans if b - a >= _hops(SHORTEST_S if a else TAIL_S))


def _hops(seconds: float) -> int:
    # Odd, so that filters are centred.
    return round(seconds / HOP_S) | 1


def _opening(level: Samples, size: int) -> Samples:
    lowered: Samples = ndimage.minimum_filter1d(level, size, mode="constant", cval=-100.0)
    return ndimage.maximum_filter1d(lowered, size, mode="constant", cval=-100.0)


def _runs(active: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], active.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _class(seen: _Spectrogram, a: int, b: int) -> str:
    amplitude = np.sqrt(seen.power[a:b, 2:].sum(axis=1))
    centre = float((amplitude * np.arange(b - a)).sum() / amplitude.sum() / (b - a))
    loud = float((amplitude > amplitude.max() / 4).sum()) * HOP_S
    if b - a < _hops(0.8) and loud < 0.25 and centre < 0.36:
        return "impact sound"
    voiced = _peak_share(seen.power[a:b])
    if b - a >= _hops(0.4) and _syllables(amplitude) > 0.25 and voiced > 0.3:
        return "speech-like sound"
    return "tonal sound" if voiced > 0.5 else "noise-like sound"


def _peak_share(power: Samples) -> float:
    """Share of the energy in spectral lines that stand out of their neighbourhood: near 1 for tones, 0 for noise."""
    around = ndimage.median_filter(power, (1, 15), mode="nearest")
    return float(power[power > 8 * around].sum() / power.sum())


def _syllables(amplitude: Samples) -> float:
    """Depth of the level's modulation at 3 to 6 Hz, against its mean."""
    flat = amplitude - amplitude.mean()
    spectrum = np.abs(np.fft.rfft(flat * np.hanning(flat.size), 1024)) * 2 / (flat.size / 2)
    rate = np.fft.rfftfreq(1024, HOP_S)
    return float(spectrum[(rate >= 2.5) & (rate <= 7)].max() / amplitude.mean())
