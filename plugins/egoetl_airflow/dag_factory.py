"""A recipe's DAG: plan, one mapped task group per shard with a task per stage (or per joint stages), publish, gate."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, CronTriggerTimetable, chain, task_group

from egoetl.core.recipe import Recipe
from egoetl.core.settings import load_settings
from egoetl.core.stage import Stage
from egoetl_airflow.assets import dataset_asset, dataset_of
from egoetl_airflow.build_params import build_params
from egoetl_airflow.notifying import deadline, failure_callback
from egoetl_airflow.pools import pool_of
from egoetl_airflow.stage_command import build_name
from egoetl_airflow.stage_operator import GateOperator, PlanOperator, StageProcessOperator

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
OPERATORS = {"local": StageProcessOperator}
"""By EGOETL_EXECUTION: where a stage's command runs."""


def build_dag(recipe: Recipe) -> DAG:
    """The DAG `build_<recipe>`: nightly, one run at a time, and on demand with a form."""
    with DAG(
        dag_id=f"build_{recipe.name}",
        description=f"Build dataset {dataset_of(recipe)} from video with sound, by recipe {recipe.name}",
        schedule=_nightly(),
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
        plan = PlanOperator(task_id="plan", recipe=recipe.name, execution_timeout=SHORT)
        publish = StageProcessOperator(
            task_id="publish", arguments=["stage", "run", "--build", BUILD, "--stages", "publish"], execution_timeout=LONG
        )
        gate = GateOperator(
            task_id="gate",
            arguments=["stage", "run", "--build", BUILD, "--stages", "gate"],
            recipe=recipe.name,
            dataset=dataset_asset(recipe),
            execution_timeout=SHORT,
        )
        chain(_shards(recipe, plan), publish, gate)
    return dag


def _nightly() -> CronTriggerTimetable:
    """At midnight UTC, for the day that ended. A DAG that is switched on waits for its first midnight.

    `run_immediately=False` would run at once until 2:24; a minute only covers a scheduler that is late at midnight.
    """
    return CronTriggerTimetable("0 0 * * *", timezone="UTC", interval=timedelta(days=1), run_immediately=timedelta(minutes=1))


def _shards(recipe: Recipe, plan: PlanOperator) -> Any:
    """The shards, side by side. One mapped group, not mapped stages: clearing a shard then leaves the others alone."""

    @task_group(group_id="shard", tooltip="One shard: all stages over a few clips")
    def shard_group(shard: Any, label: Any) -> None:
        tasks = {stages[0].name: _stages_task(stages, shard, label) for stages in recipe.tasks()}
        task_of = {stage.name: stages[0].name for stages in recipe.tasks() for stage in stages}
        for stages in recipe.tasks():
            upstream = {name for stage in stages for name in recipe.upstream(stage)}
            nearest = {task_of[name] for name in recipe.nearest(upstream)} - {stages[0].name}
            tasks[stages[0].name].set_upstream([tasks[name] for name in sorted(nearest)])

    return shard_group.expand_kwargs(plan.output)


def _stages_task(stages: tuple[Stage, ...], shard: Any, label: Any) -> StageProcessOperator:
    what = "; ".join(f"stage `{stage.name}`, version {stage.version}, once for every {stage.unit} of the shard" for stage in stages)
    return OPERATORS[load_settings().execution](
        task_id=stages[0].name,
        arguments=["stage", "run", "--build", BUILD, "--stages", ",".join(stage.name for stage in stages), "--shard", shard],
        shard_label=label,
        map_index_template="{{ task.shard_label }}",
        pool=pool_of(stages[0]),
        execution_timeout=LONG,
        doc_md=f"{what[0].upper()}{what[1:]}.",
    )
