"""Whole runs of a small recipe's DAG: Airflow's own scheduling and templates on SQLite, scripts in the place of `egoetl`."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag

pytestmark = pytest.mark.slow

# Plans SHARDS shards, writes every call down, and fails where FAIL says so.
PROGRAM = """
import json, os, pathlib, sys
arguments = sys.argv[1:]
task = os.environ["EGOETL_AIRFLOW_TASK_ID"] + "@" + os.environ["EGOETL_AIRFLOW_MAP_INDEX"]
with pathlib.Path(os.environ["CALLS"]).open("a") as calls:
    calls.write(json.dumps([task, arguments]) + "\\n")
if task in os.environ["FAIL"].split():
    print("It was told to fail.", file=sys.stderr)
    sys.exit(65)
if arguments[1] == "plan":
    shards = [{"shard": n + 5, "label": f"shard {n:03d} (2 clips)"} for n in range(int(os.environ["SHARDS"]))]
    print(json.dumps({"build": "x", "shards": shards}))
"""


@dataclass(frozen=True)
class Run:
    """How a DAG run ended: state by (task, map index), labels of mapped tasks, and the commands that ran, in order."""

    run_id: str
    state: str
    tasks: dict[tuple[str, int], str]
    labels: dict[int, set[str]]
    calls: list[tuple[str, list[str]]]


@pytest.fixture
def run_small(
    airflow_database: None, fake_egoetl: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Run]:
    """Run the small recipe's DAG with so many shards, where tasks fail that are named `task@map_index`."""

    def run(*, shards: int = 2, fail: str = "", conf: dict[str, object] | None = None) -> Run:
        calls = tmp_path / "calls.jsonl"
        calls.unlink(missing_ok=True)
        for name, value in {"CALLS": calls, "SHARDS": shards, "FAIL": fail, "EGOETL_MANIFEST": "m.csv", "EGOETL_VIDEOS": "v"}.items():
            monkeypatch.setenv(name, str(value))
        fake_egoetl(PROGRAM)
        dag = DagBag(dag_folder=Path(__file__).parent / "small").dags["build_small"]
        ended = dag.test(run_conf=conf)
        instances = ended.get_task_instances()
        return Run(
            run_id=ended.run_id,
            state=str(ended.state),
            tasks={(each.task_id.removeprefix("shard."), each.map_index): str(each.state) for each in instances},
            labels={index: {str(each.rendered_map_index) for each in instances if each.map_index == index} for index in range(shards)},
            calls=[json.loads(line) for line in calls.read_text().splitlines()],
        )

    return run


def announced() -> list[tuple[str, dict[str, object]]]:
    """All asset events so far, as (uri, extra)."""
    from airflow.models.asset import AssetEvent, AssetModel
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        query = select(AssetModel.uri, AssetEvent.extra).join(AssetEvent, AssetEvent.asset_id == AssetModel.id)
        return [(uri, extra) for uri, extra in session.execute(query)]


def test_a_green_run_works_every_shard_through_every_stage_and_announces_the_dataset(run_small: Callable[..., Run]) -> None:
    run = run_small(conf={"limit": 4, "settings": ["floor=0.5"]})
    name = "small-" + run.run_id.replace(":", "-").replace("+", "-")
    assert run.state == "success"
    assert set(run.tasks.values()) == {"success"}
    assert run.labels == {0: {"shard 000 (2 clips)"}, 1: {"shard 001 (2 clips)"}}
    commands = [" ".join(arguments) for _, arguments in run.calls]
    assert commands[0] == (f"build plan small --name {name} --manifest m.csv --videos v --engine measured --limit 4 --set floor=0.5 --json")
    stages = ("register", "split", "frames", "caption", "mcg", "av_narration", "qa_one", "qa_two", "verify")
    # The plan numbers its shards itself: 5 and 6 here, whatever Airflow's map index is.
    expected = {f"stage run --build {name} --stages {stage} --shard {shard}" for stage in stages for shard in (5, 6)}
    assert set(commands[1:-2]) == expected
    assert commands[-2:] == [f"stage run --build {name} --stages {fold}" for fold in ("publish", "gate")]
    assert announced()[-1] == ("egoetl://dataset/small-set", {"build": name})


def test_a_red_gate_makes_the_run_red_and_announces_nothing(run_small: Callable[..., Run]) -> None:
    before = announced()
    run = run_small(shards=1, fail="gate@-1")
    assert run.state == "failed"
    assert {task for task, state in run.tasks.items() if state != "success"} == {("gate", -1)}
    assert announced() == before


def test_a_night_without_rows_is_green_and_announces_nothing(run_small: Callable[..., Run]) -> None:
    before = announced()
    run = run_small(shards=0)
    assert run.state == "success"
    assert [arguments[:2] for _, arguments in run.calls] == [["build", "plan"]]
    assert announced() == before


def test_a_shard_that_fails_is_red_alone_and_clearing_it_takes_it_and_the_folds(run_small: Callable[..., Run]) -> None:
    run = run_small(shards=3, fail="shard.caption@1")
    assert run.state == "failed"
    below = {"mcg", "av_narration", "qa_one", "qa_two", "verify"}
    assert {task: state for task, state in run.tasks.items() if state != "success"} == {
        ("caption", 1): "failed",
        **{(name, 1): "upstream_failed" for name in below},
        ("publish", -1): "upstream_failed",
        ("gate", -1): "upstream_failed",
    }
    assert cleared_with_downstream(run.run_id, "shard.caption", 1) == {
        *((f"shard.{name}", 1) for name in {"caption", *below}),
        ("publish", -1),
        ("gate", -1),
    }


def test_clearing_a_stage_takes_it_and_what_is_below_it_in_every_shard(run_small: Callable[..., Run]) -> None:
    run = run_small(shards=2)
    mapped = {(f"shard.{name}", shard) for name in ("qa_one", "verify") for shard in (0, 1)}
    assert cleared_with_downstream(run.run_id, "shard.qa_one") == {*mapped, ("publish", -1), ("gate", -1)}


def cleared_with_downstream(run_id: str, task_id: str, map_index: int | None = None) -> set[tuple[str, int]]:
    """What Airflow's REST interface says it would clear: the same request as a click on one square of the grid, or on a stage's name."""
    from airflow.api_fastapi.app import create_app
    from fastapi.testclient import TestClient

    with TestClient(create_app(apps="core")) as client:
        token = client.get("/auth/token").json()["access_token"]
        answer = client.post(
            "/api/v2/dags/build_small/clearTaskInstances",
            json={
                "dag_run_id": run_id,
                "task_ids": [task_id if map_index is None else [task_id, map_index]],
                "include_downstream": True,
                "only_failed": False,
                "dry_run": True,
            },
            headers={"Authorization": f"Bearer {token}"},
        )
    assert answer.status_code == 200, answer.text
    return {(each["task_id"], each["map_index"]) for each in answer.json()["task_instances"]}
