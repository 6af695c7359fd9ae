"""The DAG that looks for new videos: its schedule, its asset between ingest and build, and whole runs on SQLite."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG, Asset
from airflow.serialization.serialized_objects import DagSerialization

from egoetl.recipes.index import load
from egoetl_airflow.dag_factory import build_dag
from egoetl_airflow.ingest_dag import ingest_dag

SMALL = Path(__file__).parent / "small"
ARRIVALS = "egoetl://arrivals/egoavu"

PROGRAM = """
import os, pathlib, sys
with pathlib.Path(os.environ["CALLS"]).open("a") as calls:
    calls.write(" ".join(sys.argv[1:]) + "\\n")
print(os.environ["FOUND"])
"""


def timetable_of(dag: DAG) -> Any:
    """When it runs, as the scheduler sees it."""
    return DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag)).timetable


def triggers_of(dag: DAG) -> set[str]:
    """The assets whose events start a run."""
    return {key.uri for key, _ in timetable_of(dag).asset_condition.iter_assets()}


def test_it_looks_by_the_clock_where_something_may_arrive_and_only_on_demand_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = load("egoavu")
    assert timetable_of(ingest_dag(recipe)).summary == "None"
    monkeypatch.setenv("EGOETL_ARRIVALS", "s3://in/new")
    assert timetable_of(ingest_dag(recipe)).summary == "*/15 * * * *"
    monkeypatch.setenv("EGOETL_ARRIVALS_SCHEDULE", "5 * * * *")
    assert timetable_of(ingest_dag(recipe)).summary == "5 * * * *"


def test_the_arrivals_asset_goes_from_ingest_into_the_build_and_the_datasets_asset_out_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = load("egoavu")
    assert [asset.uri for asset in ingest_dag(recipe).get_task("ingest").outlets] == [ARRIVALS]
    build = build_dag(recipe)
    assert [asset.uri for asset in build.get_task("plan").inlets if isinstance(asset, Asset)] == [ARRIVALS]
    assert [asset.uri for asset in build.get_task("gate").outlets] == ["egoetl://dataset/egoavu"]
    assert triggers_of(build) == set()
    monkeypatch.setenv("EGOETL_BUILD_ON", "arrivals")
    assert triggers_of(build_dag(recipe)) == {ARRIVALS}


@pytest.fixture
def run_ingest(
    airflow_database: None, fake_egoetl: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[str, list[str]]]:
    """Run the DAG with an `egoetl` that finds so much; how the task ended, and the commands that ran."""

    def run(found: object, **conf: object) -> tuple[str, list[str]]:
        calls = tmp_path / "calls"
        calls.unlink(missing_ok=True)
        monkeypatch.setenv("CALLS", str(calls))
        monkeypatch.setenv("FOUND", found if isinstance(found, str) else json.dumps(found))
        fake_egoetl(PROGRAM)
        ended = DagBag(dag_folder=SMALL).dags["ingest_videos"].test(run_conf=conf)
        (task,) = ended.get_task_instances()
        return str(task.state), calls.read_text().splitlines()

    return run


def announced() -> list[dict[str, Any]]:
    """What events of the arrivals' asset carry."""
    from airflow.models.asset import AssetEvent, AssetModel
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        query = select(AssetEvent.extra).join(AssetModel, AssetEvent.asset_id == AssetModel.id).where(AssetModel.uri == ARRIVALS)
        return list(session.execute(query).scalars())


@pytest.mark.slow
def test_only_something_new_is_announced(run_ingest: Callable[..., tuple[str, list[str]]]) -> None:
    new = [{"night": "2026-11-18"}, {"night": "2026-11-18"}]
    assert run_ingest({"source": "s3://in", "new": new, "unchanged": 7}) == ("success", ["ingest --recipe egoavu --json"])
    assert announced() == [{"source": "s3://in", "videos": 2, "nights": ["2026-11-18"]}]
    nothing = {"source": "/inbox", "new": [], "unchanged": 9}
    assert run_ingest(nothing, source="/inbox", dry_run=True) == ("skipped", ["ingest /inbox --recipe egoavu --dry-run --json"])
    assert len(announced()) == 1
