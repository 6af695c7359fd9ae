"""The surface that the camera looks at: muted, textured everywhere, and much larger than the view."""

import cv2
import numpy as np
from numpy.typing import NDArray

from egoetl.footage.script import Script, Surface

Pixels = NDArray[np.uint8]
Heights = NDArray[np.float32]

EXTENT = (2.8, 1.1)
"""Width and height of the surface, in view widths."""
TONES: dict[Surface, tuple[int, int, int]] = {
    "wood": (150, 136, 118),
    "tile": (160, 163, 160),
    "carpet": (116, 120, 128),
    "concrete": (134, 132, 128),
}


def surface(script: Script) -> Pixels:
    """The surface at one texture pixel per picture pixel, as (height, width, 3) RGB."""
    width = script.size[0]
    shape = (round(EXTENT[1] * width), round(EXTENT[0] * width))
    rng = np.random.default_rng([script.seed, 1])
    relief = 9 * _noise(rng, shape, 40) + 7 * _noise(rng, shape, 9) + 5 * _noise(rng, shape, 3)
    relief += _pattern(script.surface, rng, shape)
    # Darker and lighter, never more colourful: relief and stains scale the tone.
    brightness = 1 + (relief + _stains(rng, shape)) / 140
    return np.clip(np.array(TONES[script.surface]) * brightness[..., None], 8, 235).astype(np.uint8)


def _noise(rng: np.random.Generator, shape: tuple[int, int], grain: int) -> Heights:
    """Smooth noise of unit variance with blobs of about `grain` pixels."""
    coarse = rng.standard_normal((shape[0] // grain + 2, shape[1] // grain + 2)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), np.float32)


def _pattern(kind: Surface, rng: np.random.Generator, shape: tuple[int, int]) -> Heights:
    if kind == "wood":
        return _planks(rng, shape)
    if kind == "tile":
        return _joints(shape, shape[0] // 7)
    if kind == "carpet":
        return _weave(shape)
    return 12 * _noise(rng, shape, 90)


def _planks(rng: np.random.Generator, shape: tuple[int, int]) -> Heights:
    relief = np.zeros(shape, np.float32)
    height = shape[0] // 9
    for top in range(0, shape[0], height):
        relief[top : top + height] += rng.uniform(-14, 14)
        relief[top : top + 2] -= 45
        for left in rng.integers(0, shape[1], 4):
            relief[top : top + height, left : left + 2] -= 40
    grain = cv2.resize(rng.standard_normal((shape[0], 24)).astype(np.float32), (shape[1], shape[0]))
    return relief + 5 * np.asarray(grain, np.float32)


def _joints(shape: tuple[int, int], pitch: int) -> Heights:
    relief = np.zeros(shape, np.float32)
    for start in range(0, max(shape), pitch):
        relief[start : start + 3, :] = -38
        relief[:, start : start + 3] = -38
    return relief


def _weave(shape: tuple[int, int]) -> Heights:
    down = np.arange(shape[0], dtype=np.float32)[:, None]
    right = np.arange(shape[1], dtype=np.float32)[None, :]
    return 9 * np.sin(right / 23) * np.sin(down / 31) + 9 * np.sign(np.sin(right / 90) * np.sin(down / 70))


def _stains(rng: np.random.Generator, shape: tuple[int, int]) -> Heights:
    """Flecks and papers: corners that a camera's motion can be measured by."""
    relief = np.zeros(shape, np.float32)
    places = rng.uniform((0, 0, 3, 3), (shape[1], shape[0], 26, 26), (150, 4)).astype(np.int64)
    for x, y, w, h in places:
        relief[y : y + h, x : x + w] += rng.uniform(-42, 42)
    return relief
