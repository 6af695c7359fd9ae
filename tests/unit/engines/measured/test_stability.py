"""Lossy coding leaves the facts alone."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from egoetl.core.records import Captions, ContextGraph
from egoetl.testing.asking import Asker
from egoetl.testing.scene import Scene, Thing, glide, still
from egoetl.testing.synthetic_sound import babble, knock, rush, tone

Pixels = NDArray[np.uint8]
SCENES = [
    Scene(
        [
            Thing((222, 22, 26), "ball", glide((0, 0), (120, 0), 1.1, 2.3)),
            Thing((24, 66, 226), "box", glide((-260, 70), (-60, 70), 4.2, 5.6)),
            Thing((24, 172, 44), "box", still(100, -80)),
            Thing((246, 72, 168), "ball", glide((-120, -60), (-120, 20), 7.3, 8.4)),
        ],
        camera=glide((0, 0), (80, 0), 6, 7),
        sounds={1.1: knock(), 4.2: tone(), 8.1: babble()},
    ),
    Scene(
        [
            Thing((250, 128, 8), "box", glide((100, 0), (280, 0), 2.1, 3.6)),
            Thing((146, 36, 214), "ball", glide((-100, 60), (20, 60), 5.4, 6.6)),
            Thing((16, 206, 220), "box", still(-150, -60)),
        ],
        camera=glide((0, 0), (-130, 20), 7, 9),
        sounds={2.1: rush(), 5.4: knock(), 8.0: tone()},
    ),
]


def jpeg(quality: int) -> Callable[[Pixels], Pixels]:
    def spoil(picture: Pixels) -> Pixels:
        _, coded = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
        return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)[..., ::-1]

    return spoil


def noisy(picture: Pixels) -> Pixels:
    noise = np.random.default_rng(int(picture.sum())).normal(0, 4, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def facts(captions: Captions, graph: ContextGraph) -> set[str]:
    entries = (*captions.events, *captions.sounds, *graph.sounds)
    sentences = captions.video_description.split(". ")
    return {each.model_dump_json() for each in entries} | set(captions.objects) | set(sentences)


@pytest.mark.slow
@pytest.mark.parametrize("spoil", [jpeg(85), jpeg(45), noisy], ids=["good jpeg", "poor jpeg", "noise"])
async def test_a_spoiled_copy_has_the_same_facts(asker: Asker, spoil: Callable[[Pixels], Pixels]) -> None:
    same = total = 0
    for scene in SCENES:
        sides: list[set[str]] = []
        for media in (scene.media(), scene.media(spoil)):
            captions = await Asker().captions(media)
            sides.append(facts(captions, await asker.graph(captions)))
        same += len(sides[0] & sides[1])
        total += max(len(side) for side in sides)

    assert total >= 30
    assert same / total >= 0.95
