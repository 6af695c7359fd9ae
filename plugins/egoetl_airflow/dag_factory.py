"""A recipe's DAG: plan, one mapped task group per shard with a task per stage (or per joint stages), publish, gate."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, BaseOperator, CronTriggerTimetable, chain, task_group

from egoetl.core.recipe import Recipe
from egoetl.core.settings import load_settings
from egoetl_airflow.assets import arrivals_asset, dataset_asset, dataset_of
from egoetl_airflow.build_params import build_params
from egoetl_airflow.notifying import deadline, failure_callback
from egoetl_airflow.pools import pool_of
from egoetl_airflow.role_tasks import RoleTask, role_tasks
from egoetl_airflow.stage_command import build_name
from egoetl_airflow.stage_operator import GateOperator, PlanOperator
from egoetl_airflow.where_stages_run import fold_operator, stages_operator

GUIDE = Path(__file__).with_name("build_guide.md")
SHORT = timedelta(minutes=30)
"""For tasks that only ask the database."""
LONG = timedelta(hours=12)
"""For tasks that work through a shard or a dataset: a bound for what hangs, not an estimate."""
TASK_DEFAULTS: dict[str, Any] = {
    "owner": "egoetl",
    "retries": 4,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=15),
    # Shards that have begun are finished before others begin, so that results and errors show early.
    "weight_rule": "upstream",
}
BUILD = "{{ build_name(run_id) }}"


def build_dag(recipe: Recipe) -> DAG:
    """The DAG `build_<recipe>`: nightly or as videos arrive, one run at a time, and on demand with a form."""
    with DAG(
        dag_id=f"build_{recipe.name}",
        description=f"Build dataset {dataset_of(recipe)} from video with sound, by recipe {recipe.name}",
        schedule=[arrivals_asset(recipe)] if load_settings().build_on == "arrivals" else _nightly(),
        catchup=False,
        max_active_runs=1,
        params=build_params(recipe),
        default_args=TASK_DEFAULTS,
        on_failure_callback=failure_callback(recipe.name, load_settings()),
        deadline=deadline(recipe.name, load_settings()),
        user_defined_macros={"build_name": partial(build_name, recipe.name)},
        doc_md=GUIDE.read_text(encoding="utf-8"),
        tags=["egoetl", "build", dataset_of(recipe)],
    ) as dag:
        plan = PlanOperator(task_id="plan", recipe=recipe.name, inlets=[arrivals_asset(recipe)], execution_timeout=SHORT)
        shards_to_gate(recipe, plan, recipe.name)
    return dag


def shards_to_gate(recipe: Recipe, plan: BaseOperator, prefix: str) -> None:
    """What follows the task that plans a run's build, in the DAG at hand; `prefix` begins the names of its builds."""
    publish = fold_operator(
        "publish", task_id="publish", arguments=["stage", "run", "--build", BUILD, "--stages", "publish"], execution_timeout=LONG
    )
    gate = GateOperator(
        task_id="gate",
        arguments=["stage", "run", "--build", BUILD, "--stages", "gate"],
        prefix=prefix,
        dataset=dataset_asset(recipe),
        execution_timeout=SHORT,
    )
    chain(shards(recipe, plan), publish, gate)


def _nightly() -> CronTriggerTimetable:
    """At midnight UTC, for the day that ended. A DAG that is switched on waits for its first midnight.

    `run_immediately=False` would run at once until 2:24; a minute only covers a scheduler that is late at midnight.
    """
    return CronTriggerTimetable("0 0 * * *", timezone="UTC", interval=timedelta(days=1), run_immediately=timedelta(minutes=1))


def shards(recipe: Recipe, plan: BaseOperator) -> Any:
    """The shards, side by side. One mapped group, not mapped stages: clearing a shard then leaves the others alone."""

    @task_group(group_id="shard", tooltip="One shard: all stages over a few clips")
    def shard_group(shard: Any, label: Any) -> None:
        planned = role_tasks(recipe)
        tasks = {each.name: _stages_task(each, shard, label) for each in planned}
        task_of = {stage.name: each.name for each in planned for stage in each.stages}
        for each in planned:
            upstream = {name for stage in each.stages for name in recipe.upstream(stage)}
            nearest = {task_of[name] for name in _nearest(recipe, upstream, each)} - {each.name}
            tasks[each.name].set_upstream([tasks[name] for name in sorted(nearest)])

    return shard_group.expand_kwargs(plan.output)


def _nearest(recipe: Recipe, upstream: set[str], task: RoleTask) -> set[str]:
    """Of the stages that a task's stages depend on and that are not its own, those that no other of them depends on."""
    return recipe.nearest(upstream - {stage.name for stage in task.stages})


def _stages_task(task: RoleTask, shard: Any, label: Any) -> BaseOperator:
    what = "; ".join(f"stage `{each.name}`, version {each.version}, once for every {each.unit} of the shard" for each in task.stages)
    serves = "" if task.gpus is None else " The model that they ask is served by the task itself, and loaded once for all of them."
    return stages_operator(
        task.stages,
        gpus=task.gpus,
        task_id=task.name,
        arguments=["stage", "run", "--build", BUILD, "--stages", ",".join(each.name for each in task.stages), "--shard", shard],
        shard_label=label,
        map_index_template="{{ task.shard_label }}",
        pool=pool_of(task),
        execution_timeout=LONG,
        doc_md=f"{what[0].upper()}{what[1:]}.{serves}",
    )
