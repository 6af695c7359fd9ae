"""The DAGs in dags/: they load, serialise, and have the shape that operators rely on."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG, BaseOperator
from airflow.serialization.serialized_objects import DagSerialization
from airflow.timetables.base import TimeRestriction

from egoetl.recipes.index import evaluations, load, names

REPOSITORY = Path(__file__).parents[2]
POOLS = json.loads((REPOSITORY / "plugins" / "egoetl_airflow" / "pools.json").read_text())


@pytest.fixture(scope="module")
def dags() -> DagBag:
    return DagBag(dag_folder=REPOSITORY / "dags")


@pytest.fixture
def egoavu(dags: DagBag) -> DAG:
    return dags.dags["build_egoavu"]


def tasks(dag: DAG) -> list[BaseOperator]:
    return list(dag.tasks)


def test_every_file_loads_and_every_recipe_has_its_dag(dags: DagBag) -> None:
    assert dags.import_errors == {}
    assert {f"build_{name}" for name in names()} | set(evaluations()) <= set(dags.dag_ids)


def test_every_dag_survives_serialisation_unchanged(dags: DagBag) -> None:
    for dag in dags.dags.values():
        once = DagSerialization.serialize_dag(dag)
        assert DagSerialization.deserialize_dag(json.loads(json.dumps(once))).task_ids == dag.task_ids


def test_parsing_twice_gives_the_same_dag_version(dags: DagBag) -> None:
    again = DagBag(dag_folder=REPOSITORY / "dags")
    for name, dag in dags.dags.items():
        assert json.dumps(DagSerialization.serialize_dag(dag)) == json.dumps(DagSerialization.serialize_dag(again.dags[name]))


def test_there_is_one_task_per_stage_or_qa_task_and_its_arrows_are_the_recipes_joins(egoavu: DAG) -> None:
    recipe = load("egoavu")
    task_of = {stage.name: f"shard.{stages[0].name}" for stages in recipe.tasks() for stage in stages}
    assert {task.task_id for task in tasks(egoavu)} == {"plan", "publish", "gate", *task_of.values()}
    for stages in recipe.tasks():
        task = egoavu.get_task(task_of[stages[0].name])
        upstream = {name for stage in stages for name in recipe.upstream(stage)}
        assert task.upstream_task_ids - {"plan"} == {task_of[name] for name in recipe.nearest(upstream)} - {task.task_id}
        assert {task_of[name] for name in upstream} - {task.task_id} <= task.get_flat_relative_ids(upstream=True)


def test_joint_stages_run_in_one_command_in_their_order(egoavu: DAG) -> None:
    commands = {task.task_id: list(task.arguments) for task in tasks(egoavu) if task.task_id.startswith("shard.")}
    named = {name: command[command.index("--stages") + 1] for name, command in commands.items()}
    assert named["shard.qa_avsn"] == "qa_avsn,qa_avsn_clip"
    assert ",".join(named.values()).split(",") == [stage.name for stage in load("egoavu").stages]


def test_qa_tasks_run_side_by_side_and_verify_after_all_of_them(egoavu: DAG) -> None:
    qa = {task.task_id for task in tasks(egoavu) if task.task_id.startswith("shard.qa_")}
    assert len(qa) == 8
    assert egoavu.get_task("shard.verify").upstream_task_ids - {"plan"} == qa
    assert all(not egoavu.get_task(name).upstream_task_ids & qa for name in qa)


def test_the_gate_is_the_only_leaf_and_announces_the_dataset(egoavu: DAG) -> None:
    assert [task.task_id for task in egoavu.leaves] == ["gate"]
    assert [task.task_id for task in egoavu.roots] == ["plan"]
    assert {task.task_id: [asset.uri for asset in task.outlets] for task in tasks(egoavu) if task.outlets} == {
        "gate": ["egoetl://dataset/egoavu"]
    }


def test_a_failed_shard_must_make_the_run_red(dags: DagBag) -> None:
    for dag in dags.dags.values():
        assert {(task.trigger_rule, task.depends_on_past) for task in tasks(dag)} == {("all_success", False)}


def test_every_task_is_bounded_retried_and_waits_in_a_pool_that_exists(dags: DagBag) -> None:
    for dag in dags.dags.values():
        for task in tasks(dag):
            assert task.execution_timeout
            assert task.retries
            assert task.pool in {"default_pool", *POOLS}


def test_decoding_and_models_have_pools_of_their_own(egoavu: DAG) -> None:
    by_pool = Counter(task.pool for task in tasks(egoavu))
    assert by_pool["egoetl_decode"] >= 1
    assert egoavu.get_task("shard.frames").pool == "egoetl_decode"
    assert egoavu.get_task("shard.caption").pool == "egoetl_model"


def test_nights_queue_and_the_past_is_not_caught_up(egoavu: DAG) -> None:
    assert (egoavu.max_active_runs, egoavu.catchup) == (1, False)


def test_a_dag_switched_on_waits_for_midnight_and_then_builds_the_day_that_ended(egoavu: DAG) -> None:
    timetable = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(egoavu)).timetable
    first = timetable.next_dagrun_info(last_automated_data_interval=None, restriction=TimeRestriction(None, None, catchup=False))
    assert first.data_interval.end == first.run_after
    assert (first.data_interval.end - first.data_interval.start).total_seconds() == 86400
    assert first.run_after.hour == first.run_after.minute == 0
    assert (datetime.now(UTC) - first.run_after).total_seconds() < 120
