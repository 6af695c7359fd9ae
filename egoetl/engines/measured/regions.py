"""Saturated, compact regions of a picture: where things with a colour of their own are."""

from typing import Any, NamedTuple

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

Pixels = NDArray[Any]  # 8-bit, (height, width) or (height, width, 3)

# Least saturation and value of a vivid pixel, of 255: below them a hue says nothing after lossy coding.
VIVID = (110, 70)
# Least and greatest share of the picture that a thing covers: below is noise, above is background.
LEAST, GREATEST = 0.0012, 0.3
# Widest gap between parts of one thing, in picture widths.
GAP = 0.055
# Upper hue border of each name, in OpenCV's half degrees; hues above the last are red again.
BORDERS = ((8, "red"), (22, "orange"), (36, "yellow"), (82, "green"), (102, "cyan"), (128, "blue"), (152, "purple"), (173, "pink"))
HUES, NO_COLOUR = 180, 255
# How far the hues of one thing lie apart.
REACH = 9


class Region(NamedTuple):
    """Pixels of one colour. `fill`: share of the tightest rotated rectangle; `clipped`: the sides that the picture's edge cuts off."""

    left: float
    top: float
    right: float
    bottom: float
    fill: float
    clipped: frozenset[str]


def colour_name(hue: int) -> str:
    """The name of an OpenCV hue (0 to 179)."""
    return next((name for border, name in BORDERS if hue < border), "red")


def vivid(hsv: Pixels) -> Pixels:
    """255 where an HSV picture is saturated enough for its hue to mean something."""
    return cv2.inRange(hsv, (0, *VIVID), (HUES, 255, 255))


def palette(pictures: list[Pixels]) -> Pixels:
    """Each hue to the main hue of its thing in all of a segment's HSV pictures, so that a thing keeps one name; or to NO_COLOUR."""
    counts = np.zeros(HUES)
    for hsv in pictures:
        counts += cv2.calcHist([hsv], [0], vivid(hsv), [HUES], [0, HUES]).ravel()
    counts = np.asarray(sum(np.roll(counts, shift) for shift in range(-2, 3)))
    hues = np.full(256, NO_COLOUR, np.uint8)
    while counts.max() > LEAST * pictures[0][..., 0].size:
        near = np.arange(counts.argmax() - REACH, counts.argmax() + REACH + 1) % HUES
        hues[near[hues[near] == NO_COLOUR]] = counts.argmax()
        counts[near] = 0
    return hues


def find_regions(hsv: Pixels, hues: Pixels) -> dict[int, list[Region]]:
    """The regions of each hue of a palette in one HSV picture."""
    labels = np.where(vivid(hsv) > 0, hues[hsv[..., 0]], NO_COLOUR)
    sizes = np.bincount(labels.ravel(), minlength=HUES)[:HUES]
    return {int(hue): _regions((labels == hue).astype(np.uint8)) for hue in np.flatnonzero(sizes >= LEAST * labels.size)}


def _regions(mask: Pixels) -> list[Region]:
    # Opening removes coding noise. Writing on a thing and an arm before it leave gaps: closing joins what belongs together.
    gap = round(GAP * mask.shape[1])
    solid = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    closed = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8))
    outlines, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return [region for each in outlines if (region := _region(each, *mask.shape))]


def _region(outline: MatLike, height: int, width: int) -> Region | None:
    hull = cv2.convexHull(outline)
    area, whole = cv2.contourArea(outline), cv2.contourArea(hull)
    if not LEAST <= area / (height * width) <= GREATEST or area < 0.75 * whole:
        return None
    x, y, w, h = cv2.boundingRect(outline)
    _, (long, short), _ = cv2.minAreaRect(hull)
    cut = {"left": x <= 1, "top": y <= 1, "right": x + w >= width - 1, "bottom": y + h >= height - 1}
    return Region(x, y, x + w, y + h, whole / max(long * short, 1.0), frozenset(side for side in cut if cut[side]))
