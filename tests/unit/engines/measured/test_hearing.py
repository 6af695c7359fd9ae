"""What the measured engine hears: onsets and classes, and nothing in silence."""

import numpy as np
import pytest
from numpy.typing import NDArray

from egoetl.testing.asking import Asker
from egoetl.testing.scene import START_MS, Scene
from egoetl.testing.synthetic_sound import babble, knock, rush, tone

ONSET_MS = 60


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (knock(), "impact sound"),
        (tone(), "tonal sound"),
        (tone(0.3), "tonal sound"),
        (rush(), "noise-like sound"),
        (rush(2.5), "noise-like sound"),
        (babble(), "speech-like sound"),
    ],
)
@pytest.mark.parametrize("level", [1.0, 0.2])
async def test_a_sound_has_its_class_and_onset(asker: Asker, made: NDArray[np.float64], name: str, level: float) -> None:
    heard = await asker.captions(Scene(sounds={4.33: made * level}, count=1).media())

    (sound,) = heard.sounds
    assert sound.sound == name
    assert abs(sound.start_ms - START_MS - 4_330) <= ONSET_MS
    assert name in heard.sound_description


async def test_sounds_are_told_apart_and_in_order(asker: Asker) -> None:
    heard = await asker.captions(Scene(sounds={6.0: tone(), 1.0: knock(), 3.0: rush(), 1.5: knock()}, count=1).media())

    assert [each.sound for each in heard.sounds] == ["impact sound", "impact sound", "noise-like sound", "tonal sound"]


async def test_a_knock_is_heard_over_a_steady_noise(asker: Asker) -> None:
    heard = await asker.captions(Scene(sounds={0.0: rush(10.0) * 0.3, 5.0: knock() * 3}, count=1).media())

    assert [each.sound for each in heard.sounds] == ["noise-like sound", "impact sound"]
    assert (heard.sounds[0].start_ms, heard.sounds[0].end_ms) == (START_MS, START_MS + 10_000)
    assert abs(heard.sounds[1].start_ms - START_MS - 5_000) <= ONSET_MS


@pytest.mark.parametrize("scene", [Scene(count=1), Scene(count=1, silent_source=True)], ids=["hiss", "no sound track"])
async def test_silence_is_described_as_silence(asker: Asker, scene: Scene) -> None:
    heard = await asker.captions(scene.media())

    assert heard.sounds == ()
    assert heard.sound_description == "The segment is silent."


async def test_the_rest_of_an_earlier_sound_is_not_classed(asker: Asker) -> None:
    heard = await asker.captions(Scene(sounds={0.0: tone(0.3)}, count=1).media())

    assert heard.sounds == ()
