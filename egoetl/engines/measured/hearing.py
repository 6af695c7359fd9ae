"""What is heard: where the level rises above a running floor, and of which class each sound is."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Samples = NDArray[np.float64]

HOP_S, FRAME_S = 0.01, 0.032
# Level (dB of full scale) below which it is silent, and rise over the running floor that makes a sound.
SILENCE_DB, RISE_DB, NOTHING_DB = -42.0, 8.0, -100.0
# A dip shorter than SYLLABLE_S does not end a sound; a level held for PLATEAU_S or BACKGROUND_S is floor to what is on top of it.
SYLLABLE_S, PLATEAU_S, BACKGROUND_S = 0.2, 0.7, 3.0
# Onsets closer than TOGETHER_S are one. Less than TAIL_S left of a sound that began before the segment tells nothing of its class.
SHORTEST_S, TOGETHER_S, TAIL_S = 0.03, 0.08, 0.5


class Sound(NamedTuple):
    """A sound of one class, in seconds from the segment's start: onset to 50 ms, end to 100 ms."""

    start_s: float
    end_s: float
    sound: str


def listen(samples: NDArray[np.float32], rate_hz: int) -> list[Sound]:
    """The sounds of a segment, in time order; none where it is silent."""
    if samples.size <= FRAME_S * rate_hz * 2:
        return []
    power = _power(samples.astype(np.float64), rate_hz)
    level = 10 * np.log10(power.sum(axis=1) + 10 ** (NOTHING_DB / 10))
    return [Sound(round(a / 5) / 20, -(-b // 10) / 10, _class(power[a:b])) for a, b in _spans(level)]


def _power(samples: Samples, rate_hz: int) -> Samples:
    """(hops, frequencies) without the lowest two, of frames centred on each hop."""
    hop, size = int(HOP_S * rate_hz), int(FRAME_S * rate_hz)
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(samples, size // 2), size)[::hop][: samples.size // hop]
    window = np.hanning(size)
    return (np.abs(np.fft.rfft(frames * window, axis=1)) ** 2 / np.sum(window**2) / size * 2)[:, 2:]


def _spans(level: Samples) -> list[tuple[int, int]]:
    """Hops [a, b) of each sound. Levels held long are backgrounds of their own, which shorter sounds stand out from."""
    filled: Samples = ndimage.grey_closing(level, (_hops(SYLLABLE_S),), mode="nearest")
    plateau, background = (
        np.asarray(ndimage.grey_opening(filled, (_hops(each),), mode="constant", cval=NOTHING_DB)) for each in (PLATEAU_S, BACKGROUND_S)
    )
    spans = dict(_runs(background > SILENCE_DB))
    for upper, lower in ((plateau, background), (filled, plateau)):
        for a, b in _runs(upper > np.maximum(lower + RISE_DB, SILENCE_DB)):
            onset = next((each for each in spans if abs(each - a) <= _hops(TOGETHER_S)), a)
            spans[onset] = max(b, spans.get(onset, b))
    return sorted((a, b) for a, b in spans.items() if b - a >= _hops(SHORTEST_S if a else TAIL_S))


def _hops(seconds: float) -> int:
    # Odd, so that filters are centred.
    return round(seconds / HOP_S) | 1


def _runs(active: NDArray[np.bool_]) -> list[tuple[int, int]]:
    return [(run.start, run.stop) for (run,) in ndimage.find_objects(ndimage.label(active)[0])]


def _class(power: Samples) -> str:
    """An impact is short and loudest at its beginning, a tone has lines in its spectrum, and speech also has syllables."""
    amplitude = np.asarray(np.sqrt(power.sum(axis=1)))
    hops = amplitude.size
    centre = float((amplitude * np.arange(hops)).sum() / amplitude.sum() / hops)
    loud = int((amplitude > amplitude.max() / 4).sum())
    if hops < _hops(0.8) and loud < _hops(0.25) and centre < 0.36:
        return "impact sound"
    around = np.asarray(ndimage.median_filter(power, (1, 15), mode="nearest"))
    in_lines = float(np.sum(power, where=power > 8 * around) / power.sum())
    if hops >= _hops(0.4) and in_lines > 0.3 and _syllables(amplitude) > 0.25:
        return "speech-like sound"
    return "tonal sound" if in_lines > 0.5 else "noise-like sound"


def _syllables(amplitude: Samples) -> float:
    """Depth of the level's modulation at about 3 to 6 Hz, against its mean."""
    waves = (amplitude - amplitude.mean()) * np.hanning(amplitude.size)
    size = max(1024, amplitude.size)
    rate = np.fft.rfftfreq(size, HOP_S)
    depth = np.abs(np.fft.rfft(waves, size)) * 4 / amplitude.size
    return float(depth[(rate >= 2.5) & (rate <= 7)].max() / amplitude.mean())
