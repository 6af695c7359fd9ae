"""The token arithmetic equals the real processors, over edges and over hundreds of random cases."""

import json
import os
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest
from inference.tiny import Checkpoints

from egoetl.algorithms.look_cost import segment_cost, shown_size
from egoetl.algorithms.picture_tokens import TEMPORAL_PATCH, smart_resize, video_tokens
from egoetl.algorithms.sound_tokens import sound_tokens
from egoetl.core.models import FramePolicy

pytestmark = [pytest.mark.slow, pytest.mark.needs("models")]
TESTS = Path(__file__).parents[1]
SEED = 5
LIMITS = [(100_352, 200_704), (3136, 12_544), (100_352, 602_112), (784, 1_003_520)]
KINDS: dict[str, dict[str, Any]] = {
    "images": {"pictures": "images", "sound": "separate"},
    "separate": {"pictures": "frames", "sound": "separate"},
    "interleaved": {"pictures": "container", "sound": "interleaved"},
}


def cases() -> dict[str, list[Any]]:
    """Equal in every run."""
    draw = random.Random(SEED)
    edges = [(28, 28), (1, 1), (27, 29), (14, 14), (42, 70), (448, 252), (252, 448), (1920, 1080), (5601, 28), (28, 5600), (16, 3201)]
    sides = [*edges, *((draw.randint(1, 3000), draw.randint(1, 3000)) for _ in range(300))]
    around = [n + step for n in (320, 640, 1280, 16_000, 160_000, 479_999) for step in (-1, 0, 1)]
    sounds = [*around, *(draw.randint(321, 479_000) for _ in range(24)), 4_799_999, 4_800_000, 4_900_000]
    return {
        "sizes": [[*side, *limits] for side in sides for limits in LIMITS],
        "sounds": sounds,
        "omni": [shown(draw, kind, seconds) for kind in KINDS for seconds in (0.1, 0.5, 3.0, 10.0)],
        "vl": [
            {"pictures": pictures, "width": 140, "height": 84, "rate": rate, "low": 3136, "high": 12_544}
            for pictures, rate in [(1, 1.0), (2, 2.0), (5, 4.0), (20, 2.0), (10, 4 / 3), (40, 4.0)]
        ],
    }


def policy(kind: str, rate: float, low: int, high: int) -> FramePolicy:
    return FramePolicy(fps=rate, max_frames=64, min_pixels=low, max_pixels=high, processor="qwen2.5-omni", **KINDS[kind])


def shown(draw: random.Random, kind: str, seconds: float) -> dict[str, Any]:
    """What the policy sends of a segment of some size: the processor must leave it as it is."""
    rate, (low, high) = draw.choice([1.0, 2.0, 4.0]), draw.choice([(784, 12_544), (3136, 100_352)])
    width, height = draw.randint(40, 300), draw.randint(40, 300)
    look = policy(kind, rate, low, high)
    size = shown_size(look, width, height)
    pictures = segment_cost(look, width, height, round(seconds * 1000), has_sound=True).pictures
    sent = {"pictures": pictures, "width": size.width, "height": size.height, "samples": round(seconds * 16_000)}
    return {**sent, "rate": rate, "kind": kind, "low": low, "high": high}


@pytest.fixture(scope="module")
def answers(models_python: Path, tiny_checkpoints: Checkpoints) -> dict[str, list[Any]]:
    command = [str(models_python), "-m", "inference.token_counts", str(tiny_checkpoints.omni), str(tiny_checkpoints.vl)]
    quiet = {"TRANSFORMERS_VERBOSITY": "error", "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(TESTS)}
    ended = subprocess.run(command, input=json.dumps(cases()), env={**os.environ, **quiet}, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_sizes(answers: dict[str, list[Any]]) -> None:
    for (width, height, low, high), found in zip(cases()["sizes"], answers["sizes"], strict=True):
        if found is None:
            with pytest.raises(ValueError, match="stretched"):
                smart_resize(width, height, low, high)
        else:
            assert list(smart_resize(width, height, low, high)) == found, (width, height, low, high)


def test_sound(answers: dict[str, list[Any]]) -> None:
    assert [sound_tokens(samples) for samples in cases()["sounds"]] == answers["sounds"]


def test_prompts_of_qwen_omni(answers: dict[str, list[Any]]) -> None:
    for case, found in zip(cases()["omni"], answers["omni"], strict=True):
        look = policy(case["kind"], case["rate"], case["low"], case["high"])
        cost = segment_cost(look, case["width"], case["height"], case["samples"] // 16, has_sound=True)
        markers = 2 * (case["pictures"] if case["kind"] == "images" else 1)
        assert (cost.pictures, tuple(cost.size)) == (case["pictures"], (case["width"], case["height"]))
        assert cost.picture_tokens == found["pictures"] + markers, case
        assert cost.sound_tokens == found["sound"] + 2, case
        assert cost.tokens == found["all"], case


def test_videos_of_qwen_vl_and_their_place_in_time(answers: dict[str, list[Any]]) -> None:
    for case, found in zip(cases()["vl"], answers["vl"], strict=True):
        size = smart_resize(case["width"], case["height"], case["low"], case["high"])
        assert video_tokens(case["pictures"], size) == found["pictures"]
        assert found["all"] == found["pictures"] + 2
        assert found["layer_seconds"] == pytest.approx(TEMPORAL_PATCH / case["rate"])
