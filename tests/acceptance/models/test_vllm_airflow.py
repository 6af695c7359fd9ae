"""A build through Airflow whose models are served by the tasks themselves: the stages of one model are one task, which loads it once."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from inference.tiny import Checkpoints

from egoetl.local.home import Home
from egoetl.local.installation import Installation as LocalInstallation

pytestmark = [pytest.mark.slow, pytest.mark.needs("models"), pytest.mark.timeout(2400)]

DAG, RUN = "build_egoavu", "random-weights"
SECONDS = 2000
CAPTIONING, WRITING = "shard.caption", "shard.mcg_to_qa_tr_event_ordering_segment"
TASKS = "SELECT DISTINCT stage, task_id FROM attempt JOIN worker ON worker.id = worker_id WHERE model LIKE '%%@%%' AND state <> 'blocked'"
MODELS = """
[roles]
omni = "tiny-omni"
vision = "tiny-omni"
text = "tiny-llama"

[models.tiny-omni]
checkpoint = "{omni}"
launch = {{ gpus = 0 }}
look = {{ max_pixels = 200704, pictures = "container", sound = "interleaved", processor = "qwen2.5-omni" }}

[models.tiny-llama]
checkpoint = "{llama}"
launch = {{ gpus = 0 }}
"""


@pytest.fixture
def local(home: Home, tiny_checkpoints: Checkpoints, models_python: Path, tmp_path: Path) -> Iterator[LocalInstallation]:
    """PostgreSQL and Airflow, up, with a file of models that tasks serve themselves."""
    file = tmp_path / "models.toml"
    file.write_text(MODELS.format(omni=tiny_checkpoints.omni, llama=tiny_checkpoints.llama))
    local = LocalInstallation(home)
    settings = {"EGOETL_HOME": str(home.root), "EGOETL_MODELS": str(file), "EGOETL_VLLM_PYTHON": str(models_python)}
    try:
        command = [str(Path(sys.executable).with_name("egoetl")), "local", "up"]
        subprocess.run(command, env={**os.environ, **settings}, check=True)
        local.airflow.wait_for_dag(DAG)
        yield local
    finally:
        local.remove()


def test_the_stages_of_a_model_are_one_task(
    local: LocalInstallation, make_installation: Callable[..., Any], patiently: Callable[..., None]
) -> None:
    installation = make_installation(local.postgres.url("egoetl"), local.home.root / "store")
    api, footage = local.airflow.api(), installation.footage
    api.unpause(DAG)
    form = {"manifest": str(footage.manifest), "videos": str(footage.folder), "limit": 1, "settings": ["floor=0"]}
    api.trigger(DAG, form, run_id=RUN)
    patiently(lambda: api.run(DAG, RUN)["state"] in ("success", "failed"), seconds=SECONDS, every=1.0)
    states = {each["task_id"]: each["state"] for each in api.task_instances(DAG, RUN)}
    assert {task: state for task, state in states.items() if state != "success"} == {}
    assert {CAPTIONING, WRITING} <= states.keys()

    asked = dict(installation.rows(TASKS))
    assert asked["caption"] == CAPTIONING
    assert {task for stage, task in asked.items() if stage != "caption"} == {WRITING}
    shown = installation.json("build", "show", f"egoavu-{RUN}")
    assert shown["version_state"] == "published"
    for stage, counts in shown["counts"].items():
        assert counts["total"] == counts["done"] + counts["dropped"] + counts["failed"] + counts["blocked"], stage
    logs = {each.name: each.read_text() for each in (local.home.root / "logs").glob("vllm-*.log")}
    assert {name: text.count("Application startup complete") for name, text in logs.items()} == dict.fromkeys(logs, 1)
    assert len(logs) == 2
