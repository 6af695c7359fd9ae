"""Every benchmark's fixture through tiny real models behind vLLM, end to end: nothing they say is right, and all of it is accounted for."""

import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from benchmark_footage import fixture_with_videos
from inference.servers import ModelServer

from egoetl.benchmarks.index import names
from egoetl.testing.installation import Installation

pytestmark = [pytest.mark.slow, pytest.mark.needs("models"), pytest.mark.timeout(1800)]

QUESTIONS = 3
LOOK = "{ min_pixels = 3136, max_pixels = 12544, pictures = 'container', sound = 'interleaved', processor = 'qwen2.5-omni' }"
# Random weights never end an answer by themselves: the letter e does.
MODELS = """
[models.tiny-omni]
model = "{model}"
revision = "tests"
endpoint = "{endpoint}"
api_key = "TINY_KEY"
extra_body = {{ stop = "e" }}
in_flight = 1
look = {look}

[models.tiny-judge]
model = "{model}"
revision = "tests"
endpoint = "{endpoint}"
api_key = "TINY_KEY"
"""


@pytest.fixture
def extra(omni_server: ModelServer, tmp_path: Path) -> dict[str, str]:
    """The variables that make the tiny Omni a model that answers, and one that judges."""
    file = tmp_path / "models.toml"
    file.write_text(MODELS.format(model=omni_server.model, endpoint=omni_server.endpoint, look=LOOK))
    return {"EGOETL_MODELS": str(file), "TINY_KEY": omni_server.api_key}


@pytest.fixture
def served(installation: Installation, extra: dict[str, str]) -> Installation:
    """The installation with the tiny models."""
    return replace(installation, extra=extra)


@pytest.mark.parametrize("benchmark", names())
def test_a_benchmark_runs_from_its_files_to_its_scores(served: Installation, benchmark: str, tmp_path: Path) -> None:
    data = fixture_with_videos(benchmark, tmp_path)
    settings = [f"--set={each}" for each in ("floor=0", "predict.max_frames=4", "model.max_tokens=64", "judge.max_tokens=96")]
    order = ["eval", "run", benchmark, "--data", str(data), "--model", "tiny-omni", "--judge", "tiny-judge", "--name", "tiny"]
    order += ["--limit", str(QUESTIONS), *settings]
    report = served.json(*order)
    counts = report["counts"]
    assert sum(counts.values()) == QUESTIONS == len(report["items"])
    assert counts["answered"] + counts["unparsed"] + counts["failed"] == QUESTIONS
    assert counts["answered"] + counts["unparsed"] >= 1, report
    assert {each["reason"].partition("_")[0] for each in report["items"] if each["status"] == "failed"} <= {"reply"}
    assert report["refused"]
    for score in report["scores"]:
        assert 0 <= score["scored"] <= score["total"] <= QUESTIONS
        assert (score["value"] is None) == (score["scored"] == 0)
    said = served.run(*order).stdout
    assert f"{benchmark}, version" in said
    assert f"{QUESTIONS} questions: " in said
    scored = served.rows("SELECT measure, task, coverage FROM eval_scores")
    assert len(scored) == len(report["scores"]) > 0


def test_one_that_is_killed_half_way_comes_to_the_numbers_of_one_that_ran_through(
    installations: Callable[[], Installation], extra: dict[str, str], tmp_path: Path, patiently: Callable[..., None]
) -> None:
    # One request at a time: in another batch the last bits of a sum, and with random weights the words, may be others.
    through, killed = (replace(installations(), extra={**extra, "EGOETL_CONCURRENCY": "1"}) for _ in range(2))
    data = fixture_with_videos("egotempo", tmp_path)
    settings = [f"--set={each}" for each in ("floor=0", "predict.max_frames=4", "model.max_tokens=64")]
    order = ["eval", "run", "egotempo", "--data", str(data), "--model", "tiny-omni", "--name", "tiny", "--limit", "8", *settings]
    expected: dict[str, Any] = through.json(*order)

    run = killed.start(*order)
    predicted = "SELECT count(*) FROM build_unit WHERE stage = 'predict' AND state = 'done'"
    patiently(lambda: run.poll() is not None or killed.rows(predicted) >= [(2,)], seconds=120)
    assert run.poll() is None, run.communicate()
    run.send_signal(signal.SIGKILL)
    run.communicate()
    assert killed.json(*order) == expected
    twice = "SELECT unit_id FROM attempt WHERE stage = 'predict' AND state = 'done' GROUP BY unit_id HAVING count(*) > 1"
    assert killed.rows(twice) == []
