"""Pictures show things where the script puts them, on a muted surface that follows the camera."""

from dataclasses import replace
from typing import get_args

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from egoetl.footage.picture import pictures
from egoetl.footage.script import Colour, Script, Surface, Thing, slides
from egoetl.footage.texture import surface
from egoetl.footage.world import courses


def _at(script: Script, ms: int) -> NDArray[np.uint8]:
    return next(picture for index, picture in pictures(script) if index == ms * script.rate // 1000)


def _hsv(picture: NDArray[np.uint8]) -> NDArray[np.int64]:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2HSV), np.int64)


def _where(picture: NDArray[np.uint8]) -> tuple[float, float]:
    """The middle of what is saturated, as shares of the width from the picture's middle."""
    rows, columns = np.nonzero(_hsv(picture)[..., 1] > 150)
    return float(columns.mean() / 160 - 0.5), float(rows.mean() / 160 - 90 / 320)


def test_every_frame_is_made_once(script: Script) -> None:
    made = list(pictures(script))
    assert [index for index, _ in made] == list(range(180))
    assert all(picture.shape == (90, 160, 3) and picture.dtype == np.uint8 for _, picture in made)


@pytest.mark.parametrize("ms", [0, 900, 2_000, 3_900])
def test_things_are_drawn_where_they_are(script: Script, ms: int) -> None:
    steady = replace(script, walk=0.0, pans=(), things=script.things[:1])
    place = courses(steady)[0].at(ms)
    assert place is not None
    assert _where(_at(steady, ms)) == pytest.approx(place, abs=0.012)


def test_a_pan_to_the_right_moves_what_rests_to_the_left(script: Script) -> None:
    steady = replace(script, walk=0.0, things=script.things[:1])
    before, after = _where(_at(steady, 2_400)), _where(_at(steady, 3_600))
    assert after[0] - before[0] == pytest.approx(-0.1, abs=0.01)


def test_the_head_bobs(script: Script) -> None:
    walking = replace(script, things=())
    assert not np.array_equal(_at(walking, 0), _at(walking, 300))


@pytest.mark.parametrize("kind", get_args(Surface))
def test_surfaces_are_muted_textured_and_larger_than_the_view(script: Script, kind: Surface) -> None:
    texture = surface(replace(script, surface=kind))
    assert texture.shape[1] > 2 * script.size[0]
    assert np.percentile(_hsv(texture)[..., 1], 99) < 90
    assert texture.std() > 8


@pytest.mark.parametrize("colour", get_args(Colour))
def test_colours_are_saturated_and_no_channel_wraps(script: Script, colour: Colour) -> None:
    thing = Thing(colour, "box", "TEA", lane=1, x=0.0, size=0.11)
    picture = _at(replace(script, things=(thing,), walk=0.0, pans=()), 0)
    middle = _hsv(picture[29:31, 75:85].copy())
    assert middle[..., 1].min() > 150
    assert np.ptp(middle[..., 0]) <= 4


def test_hues_are_far_apart(script: Script) -> None:
    hues = sorted(
        float(
            np.median(
                _hsv(
                    _at(replace(script, walk=0.0, things=(Thing(colour, "box", "TEA", lane=1, x=0.0, size=0.11),)), 0)[29:31, 75:85].copy()
                )[..., 0]
            )
        )
        for colour in get_args(Colour)
    )
    assert min(np.diff([*hues, hues[0] + 180])) >= 8


def test_a_hand_pushes(script: Script) -> None:
    pushed = Thing("blue", "box", "TEA", lane=3, x=-0.2).does(slides(500, 0.2, by_hand=True))
    alone = replace(script, things=(replace(pushed, moves=(slides(500, 0.2),)),))
    difference = np.abs(_at(replace(script, things=(pushed,)), 1_000).astype(int) - _at(alone, 1_000)).sum(axis=2) > 30
    assert difference.sum() > 100
    columns = np.nonzero(difference)[1]
    assert columns.mean() < 80
