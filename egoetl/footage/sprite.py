"""Small pictures with transparency: things and the hand that pushes them."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from egoetl.footage.script import Colour, Thing

PALETTE: dict[Colour, tuple[int, int, int]] = {
    "red": (222, 22, 26),
    "orange": (250, 128, 8),
    "yellow": (244, 222, 20),
    "green": (24, 172, 44),
    "cyan": (16, 206, 220),
    "blue": (24, 66, 226),
    "purple": (146, 36, 214),
    "pink": (246, 72, 168),
}
SKIN = (206, 170, 146)
DARK_INK: tuple[Colour, ...] = ("yellow", "cyan", "orange", "pink")
OVERSAMPLING = 4
MARGIN = 7
SHADOW = 0.35
PALM = 0.055
"""From the top of the hand's picture to the middle of its palm, in view widths."""


@dataclass(frozen=True)
class Sprite:
    """Colours already multiplied by opacity, and the picture's remaining share, both (height, width, 3) in [0, 255]."""

    light: NDArray[np.float32]
    through: NDArray[np.float32]

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.light.shape[0], self.light.shape[1]

    def paste(self, picture: NDArray[np.uint8], x: float, y: float) -> None:
        """Lay the sprite's middle over picture pixel (x, y), between pixels where need be; what lies outside is cut off."""
        height, width = self.shape
        left, top = x - width / 2, y - height / 2
        column, row = int(np.floor(left)), int(np.floor(top))
        rows = slice(max(0, row), min(picture.shape[0], row + height + 1))
        columns = slice(max(0, column), min(picture.shape[1], column + width + 1))
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return
        shift = np.array([[1, 0, left - columns.start], [0, 1, top - rows.start]], np.float32)
        size = (columns.stop - columns.start, rows.stop - rows.start)
        light = cv2.warpAffine(self.light, shift, size)
        through = cv2.warpAffine(self.through, shift, size, borderValue=(1.0, 1.0, 1.0))
        under = picture[rows, columns]
        picture[rows, columns] = (light + under * through).astype(np.uint8)


def thing_sprite(thing: Thing, width: int) -> Sprite:
    """A thing as it looks in a picture `width` pixels wide: shaded, with a thin dark rim and its label."""
    size = round(thing.size * width)
    side = (size + 2 * MARGIN) * OVERSAMPLING
    body = np.zeros((side, side), np.uint8)
    low, high = MARGIN * OVERSAMPLING, side - MARGIN * OVERSAMPLING - 1
    if thing.shape == "ball":
        cv2.circle(body, (side // 2, side // 2), (high - low) // 2, 255, -1)
    else:
        cv2.rectangle(body, (low, low), (high, high), 255, -1)
    rim = body - cv2.erode(body, np.ones((2 * OVERSAMPLING - 1, 2 * OVERSAMPLING - 1), np.uint8))
    paint = np.empty((side, side, 3), np.float32)
    paint[:] = PALETTE[thing.colour]
    paint *= _shading(side)[..., None]
    paint[rim > 0] *= 0.6
    ink = (20, 20, 20) if thing.colour in DARK_INK else (245, 245, 245)
    _write(paint, thing.label, (high - low) * 0.62, ink)
    return _sprite(paint, body, _shadow(body))


def _shadow(body: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How much of the light a thing takes from the surface beside it."""
    lower_right = np.roll(body, (2 * OVERSAMPLING, OVERSAMPLING), axis=(0, 1))
    return np.asarray(cv2.GaussianBlur(lower_right, (0, 0), 1.5 * OVERSAMPLING), np.float32) * (SHADOW / 255)


def _shading(side: int) -> NDArray[np.float32]:
    """Light from the upper left, within 12 %."""
    down, right = np.mgrid[0:side, 0:side].astype(np.float32) / side
    return 1.06 - 0.12 * (down + right) / 2


def _write(paint: NDArray[np.float32], text: str, width: float, ink: tuple[int, int, int]) -> None:
    font, side = cv2.FONT_HERSHEY_SIMPLEX, paint.shape[0]
    (unit, _), _ = cv2.getTextSize(text, font, 1.0, 1)
    scale = min(width / unit, side / 90)
    (wide, high), _ = cv2.getTextSize(text, font, scale, OVERSAMPLING)
    strokes = np.zeros(paint.shape[:2], np.uint8)
    cv2.putText(strokes, text, ((side - wide) // 2, (side + high) // 2), font, scale, (255,), OVERSAMPLING, cv2.LINE_AA)
    share = strokes[..., None] / np.float32(255)
    paint[:] = paint * (1 - share) + np.array(ink, np.float32) * share


def hand_sprite(width: int) -> Sprite:
    """A forearm that reaches up from below, its palm at the top."""
    wide, high = round(0.085 * width) * OVERSAMPLING, round(0.5 * width) * OVERSAMPLING
    body = np.zeros((high, wide), np.uint8)
    middle, palm = wide // 2, round(PALM * width) * OVERSAMPLING
    cv2.rectangle(body, (wide // 4, palm), (wide - wide // 4, high), 255, -1)
    cv2.ellipse(body, (middle, palm), (round(wide * 0.44), round(wide * 0.5)), 0, 0, 360, 255, -1)
    for finger in range(4):
        x = round(wide * (0.2 + 0.2 * finger))
        cv2.line(body, (x, palm), (x, round(palm * (0.32 if finger in (1, 2) else 0.48))), 255, round(wide * 0.17))
    paint = np.empty((high, wide, 3), np.float32)
    paint[:] = SKIN
    paint *= np.linspace(1.05, 0.85, wide, dtype=np.float32)[None, :, None]
    paint[palm + wide :] = (92, 96, 104)
    return _sprite(paint, body, np.zeros((high, wide), np.float32))


def _sprite(paint: NDArray[np.float32], body: NDArray[np.uint8], shadow: NDArray[np.float32]) -> Sprite:
    """Scale down to picture pixels. `paint` is (height, width, 3), `body` (height, width) and `shadow` the same, in [0, 1]."""
    size = (body.shape[1] // OVERSAMPLING, body.shape[0] // OVERSAMPLING)
    opacity = body.astype(np.float32) / 255
    light = cv2.resize(np.clip(paint, 0, 255) * opacity[..., None], size, interpolation=cv2.INTER_AREA)
    through = cv2.resize((1 - opacity) * (1 - shadow), size, interpolation=cv2.INTER_AREA)
    return Sprite(np.asarray(light, np.float32), np.repeat(np.asarray(through, np.float32)[..., None], 3, axis=2))
