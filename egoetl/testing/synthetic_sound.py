"""Synthetic sounds of the classes that the measured engine tells apart, 16 kHz."""

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
Samples = NDArray[np.float64]


def seconds(length: float) -> Samples:
    """Sample times."""
    return np.arange(round(length * RATE)) / RATE


def knock() -> Samples:
    """Noise that rings down within a tenth of a second."""
    t = seconds(0.3)
    return np.random.default_rng(1).standard_normal(t.size) * np.exp(-t / 0.03) * 0.3


def tone(length: float = 0.8) -> Samples:
    """An even sine."""
    return 0.2 * np.sin(2 * np.pi * 700 * seconds(length))


def rush(length: float = 1.0) -> Samples:
    """Even noise."""
    return np.random.default_rng(2).standard_normal(round(length * RATE)) * 0.1


def babble(length: float = 1.6) -> Samples:
    """Harmonics of a voice, in four syllables a second."""
    t = seconds(length)
    voice = sum(np.sin(2 * np.pi * 140 * k * t + k) / k for k in range(1, 20))
    return np.asarray(voice) * np.abs(np.sin(np.pi * 4 * t)) * 0.15
