"""A shard that is cleared in Airflow does only what is outstanding in it, and leaves the other shards alone."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from egoetl.local.home import Home
from egoetl.local.installation import Installation as LocalInstallation
from egoetl.recipes.index import load

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
DAG, RUN, BUILD = "build_egoavu", "disk-trouble", "egoavu-disk-trouble"
MADE_BEFORE = "register,split,frames"
TRIES = "SELECT DISTINCT task_id, map_index, try_number FROM attempt JOIN worker ON worker.id = worker_id ORDER BY 1, 2, 3"


@pytest.fixture
def local(home: Home) -> Iterator[LocalInstallation]:
    """PostgreSQL and Airflow, up."""
    local = LocalInstallation(home)
    egoetl = str(Path(sys.executable).with_name("egoetl"))
    try:
        subprocess.run([egoetl, "local", "up"], env={**os.environ, "EGOETL_HOME": str(home.root)}, check=True)
        local.airflow.wait_for_dag(DAG)
        yield local
    finally:
        local.remove()


@pytest.fixture
def installation(local: LocalInstallation, make_installation: Callable[..., Any]) -> Any:
    """The command line on the same database and store."""
    return make_installation(local.postgres.url("egoetl"), local.home.root / "store")


def test_clearing_a_shard_does_what_is_outstanding_in_it_alone(local: LocalInstallation, installation: Any, patiently: Any) -> None:
    api = local.airflow.api()
    ended = lambda: api.run(DAG, RUN)["state"] in ("success", "failed")  # noqa: E731 - a condition, passed on twice
    _make_frames(installation)
    container = _container_of_shard(installation, 1)
    hidden = container.rename(container.with_suffix(".away"))
    api.unpause(DAG)
    form = {"manifest": str(installation.footage.manifest), "videos": str(installation.footage.folder), "clips_per_shard": 1}
    api.trigger(DAG, form, run_id=RUN)
    patiently(ended, seconds=300, every=1.0)
    assert _states(api) == {"failed": {("gate", -1)}}
    assert installation.json("build", "show", BUILD)["version_state"] == "candidate"
    before = {shard: _attempts(installation, shard) for shard in (0, 1)}
    captions = {unit for stage, unit in before[1] if stage == "caption"}
    assert captions

    hidden.rename(container)
    assert api.clear(DAG, RUN, "shard.caption", 1) == 15  # caption to verify of that shard, publish and gate
    patiently(ended, seconds=300, every=1.0)
    assert _states(api) == {}
    assert installation.json("build", "show", BUILD)["version_state"] == "published"
    after = {shard: _attempts(installation, shard) for shard in (0, 1)}
    assert after[0] == before[0]
    assert {unit for (stage, unit), count in after[1].items() if count == 2} == captions
    assert {stage for (stage, _), count in after[1].items() if count == 2} == {"caption"}
    tried = installation.rows(TRIES)
    assert {row[:2] for row in tried if row[2] == 2} == {(f"shard.{task}", 1) for task in _tasks_from_captions_on(after[1])}, tried


def _make_frames(installation: Any) -> None:
    """The build that the run will find under its name, up to the sampled containers."""
    installation.run("build", "plan", *installation.order(BUILD), "--set", "clips_per_shard=1")
    for shard in ("0", "1"):
        installation.run("stage", "run", "--build", BUILD, "--stages", MADE_BEFORE, "--shard", shard)


def _container_of_shard(installation: Any, shard: int) -> Path:
    ((path,),) = installation.rows(
        "SELECT path FROM artifact JOIN build_unit AS unit ON unit.key = artifact.result WHERE unit.shard = %s AND unit.stage = 'frames'",
        shard,
    )
    return installation.store / path


def _states(api: Any) -> dict[str, set[tuple[str, int]]]:
    """The run's task instances that did not succeed, by state."""
    found: dict[str, set[tuple[str, int]]] = {}
    for each in api.task_instances(DAG, RUN):
        if each["state"] != "success":
            found.setdefault(each["state"], set()).add((each["task_id"], each["map_index"]))
    return found


def _attempts(installation: Any, shard: int) -> dict[tuple[str, str], int]:
    rows = installation.rows("SELECT stage, unit_id, count(*) FROM attempt WHERE shard = %s GROUP BY stage, unit_id", shard)
    return {(stage, unit): count for stage, unit, count in rows}


def _tasks_from_captions_on(attempts: dict[tuple[str, str], int]) -> set[str]:
    """The Airflow tasks of those stages that tried something and depend on captions, or make them."""
    recipe, tried = load("egoavu"), {stage for stage, _ in attempts}
    later = {stage.name for stage in recipe.stages if stage.name == "caption" or "caption" in recipe.upstream(stage)}
    return {task[0].name for task in recipe.tasks() for stage in task if stage.name in tried & later}
