"""The recorded build that ships: played back it is what the scripted models say now, and an edited prompt has no recording."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from scripted_models.record_sample import record

import egoetl.stages
from egoetl.engines.replay.recording import SAMPLE, SAMPLE_RECORDING, read_recording
from egoetl.footage.truth import FootageTruth
from egoetl.qa.index import TASKS
from egoetl.testing.installation import Footage, Installation

AGAIN = "make it again: PYTHONPATH=tests python -m scripted_models.record_sample"
PROMPTS = Path(egoetl.stages.__file__).with_name("prompts")
LARGEST_BYTES = 500_000


def test_the_recording_is_small_and_names_its_models() -> None:
    header = read_recording(SAMPLE_RECORDING).header
    assert SAMPLE_RECORDING.stat().st_size < LARGEST_BYTES
    assert {each.model for each in header.roles.values() if each} == {"scripted-captioner", "scripted-writer"}


def test_the_footage_beside_it_is_whole() -> None:
    truth = FootageTruth.model_validate_json((SAMPLE / "truth.json").read_bytes())
    assert all((SAMPLE / video.file).exists() for video in truth.videos.values())


@pytest.mark.slow
def test_played_back_it_publishes_what_the_scripted_models_say_now(installations: Callable[[], Installation], tmp_path: Path) -> None:
    recorded, played = (replace(installations(), footage=Footage(SAMPLE), extra={}) for _ in range(2))
    file = tmp_path / "now.jsonl.zst"
    record(recorded, file)
    assert file.read_bytes() == SAMPLE_RECORDING.read_bytes(), AGAIN
    report = played.json("build", "run", *played.order("sample"), "--engine", "replay")
    assert report["failures"] == []
    assert played.published(report) == recorded.published(recorded.json("build", "show", "sample"))
    assert set(report["qa"]) == set(TASKS)

    prompts = shutil.copytree(PROMPTS, tmp_path / "prompts")
    (prompts / "mcg.md").write_text((prompts / "mcg.md").read_text().replace("Rules", "Some rules"))
    ((segment,),) = played.rows("SELECT unit_id FROM build_unit WHERE stage = 'mcg' ORDER BY unit_id LIMIT 1")
    tried = played.run("try", "mcg", "--segment", segment, "--prompt", str(prompts / "mcg.md"))
    assert f"The recording has mcg of {segment}, but for another request: its prompt" in " ".join(tried.stdout.split())
