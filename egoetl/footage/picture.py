"""The pictures of a script, one by one."""

import math
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from egoetl.footage.script import Script
from egoetl.footage.sprite import PALM, Sprite, hand_sprite, thing_sprite
from egoetl.footage.texture import surface
from egoetl.footage.world import Course, Leg, Pose, courses, pose

Pixels = NDArray[np.uint8]

REACH_MS = 350
"""How long the hand takes to come before a move, and to go after it."""


def pictures(script: Script) -> Iterator[tuple[int, Pixels]]:
    """Yield (index, (height, width, 3) RGB) of every frame; index times 1 / rate is its presentation time."""
    texture = surface(script)
    width = script.size[0]
    hand = hand_sprite(width)
    cast = [(course, thing_sprite(course.thing, width)) for course in courses(script)]
    for index in range(script.frames):
        ms = float(index * 1000 / script.rate)
        yield index, _picture(script, texture, cast, hand, ms)


def _picture(script: Script, texture: Pixels, cast: list[tuple[Course, Sprite]], hand: Sprite, ms: float) -> Pixels:
    now = pose(script, ms)
    to_view = _projection(script, now)
    picture = _background(script, texture, to_view)
    for course, sprite in sorted(cast, key=lambda each: (each[0].at(ms) or (0.0, 0.0))[1]):
        if (place := course.at(ms)) is not None:
            x, y = to_view @ np.array([*place, 1.0])
            sprite.paste(picture, float(x), float(y))
    for course, _ in cast:
        for leg in course.legs:
            if leg.move.by_hand:
                _draw_hand(picture, hand, to_view, course, leg, ms)
    return _lit(script, picture, ms)


def _projection(script: Script, now: Pose) -> NDArray[np.float64]:
    """World to picture pixels, (2, 3)."""
    width, height = script.size
    scale = width * now.zoom
    cos, sin = scale * math.cos(now.roll), scale * math.sin(now.roll)
    return np.array(
        [[cos, -sin, width / 2 - cos * now.x + sin * now.y], [sin, cos, height / 2 - sin * now.x - cos * now.y]],
    )


def _background(script: Script, texture: Pixels, to_view: NDArray[np.float64]) -> Pixels:
    width = script.size[0]
    # Texture pixels to the world: one view width is `width` pixels, and the world's origin is the texture's middle.
    from_texture = np.array([[1 / width, 0, -texture.shape[1] / 2 / width], [0, 1 / width, -texture.shape[0] / 2 / width], [0, 0, 1]])
    seen = cv2.warpAffine(texture, to_view @ from_texture, script.size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(seen, np.uint8)


def _lit(script: Script, picture: Pixels, ms: float) -> Pixels:
    """Light that waxes and wanes, and drifts between warm and cool, as a camera's exposure and white balance do."""
    level = 1.0 + 0.07 * math.sin(ms / 5300 + script.seed % 5)
    warmth = 0.035 * math.sin(ms / 7100 + script.seed % 3)
    gains = np.diag([level * (1 + warmth), level, level * (1 - warmth)])
    return np.asarray(cv2.transform(picture, gains), np.uint8)


def _draw_hand(picture: Pixels, hand: Sprite, to_view: NDArray[np.float64], course: Course, leg: Leg, ms: float) -> None:
    """Beside the thing, on the side that it is pushed from; coming from below before the move, going after it."""
    move, thing = leg.move, course.thing
    away = max(move.at_ms - ms, ms - move.end_ms, 0.0) / REACH_MS
    if away >= 1.0:
        return
    place = leg.at(ms)
    behind = -1.0 if leg.end[0] > leg.start[0] else 1.0
    x, y = to_view @ np.array([place[0] + behind * (thing.size / 2 + 0.04), place[1] + 0.3 * away, 1.0])
    width = picture.shape[1]
    hand.paste(picture, float(x), float(y) + hand.shape[0] / 2 - PALM * width)
