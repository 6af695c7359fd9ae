"""The demo with `--engine replay` builds the footage that was recorded, byte for byte."""

import hashlib
from typing import Any

from egoetl.engines.replay.recording import SAMPLE, SAMPLE_RECORDING, read_recording
from egoetl.footage.truth import FootageTruth
from egoetl.local.demo import Demo
from egoetl.local.home import Home
from egoetl.local.installation import Installation


class Api:
    """Takes down what is triggered."""

    def __init__(self) -> None:
        self.conf: dict[str, Any] = {}

    def running(self, _: str) -> list[str]:
        return []

    def trigger(self, _: str, conf: dict[str, Any], *, run_id: str) -> str:
        self.conf = conf
        return run_id


def test_the_replayed_demo_takes_the_footage_beside_the_recording(home: Home) -> None:
    demo, api = Demo(Installation(home), "replay"), Api()
    demo.__dict__["api"] = api
    assert demo.trigger(limit=None).startswith("demo-")
    assert (api.conf["engine"], api.conf["videos"], api.conf["manifest"]) == ("replay", str(SAMPLE), str(SAMPLE / "manifest.csv"))
    assert Demo(Installation(home)).folder != SAMPLE


def test_the_footage_and_its_recording_are_whole() -> None:
    truth = FootageTruth.model_validate_json((SAMPLE / "truth.json").read_bytes())
    for video in truth.videos.values():
        assert hashlib.sha256((SAMPLE / video.file).read_bytes()).hexdigest() == video.sha256
    recording = read_recording(SAMPLE_RECORDING)
    assert {each and each.model for each in recording.header.roles.values()} == {"scripted-captioner", "scripted-writer"}
    assert {each.status for each in recording.replies.values()} == {"ok"}
