"""The DAG that makes failed units again: its first task answers or plans, the rest is what a build's DAG does."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from airflow.sdk import DAG

from egoetl.core.recipe import Recipe
from egoetl.core.settings import load_settings
from egoetl_airflow.assets import dataset_of
from egoetl_airflow.backfill_params import backfill_arguments, backfill_params
from egoetl_airflow.dag_factory import SHORT, TASK_DEFAULTS, shards_to_gate
from egoetl_airflow.notifying import deadline, failure_callback
from egoetl_airflow.stage_command import build_name
from egoetl_airflow.stage_operator import StageProcessOperator, shards_of

GUIDE = Path(__file__).with_name("backfill_guide.md")
AT_ONCE = 4
"""Backfills over the same units share the work, and a dry run need not wait for anything."""


class BackfillPlanOperator(StageProcessOperator):
    """Answers a dry run in its log, or registers the backfill as the run's build; returns the shards, none for a dry run."""

    def __init__(self, *, recipe: str, prefix: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.recipe = recipe
        self.prefix = prefix

    def execute(self, context: Mapping[str, Any]) -> list[dict[str, Any]]:
        arguments = backfill_arguments(self.recipe, build_name(self.prefix, context["run_id"]), context["params"])
        ended = self.run_command(context, arguments)
        return [] if context["params"]["dry_run"] else shards_of(ended.last_output)


def backfill_dag(recipe: Recipe, dag_id: str) -> DAG:
    """A DAG that runs when somebody fills in its form."""
    prefix = f"{recipe.name}-backfill"
    with DAG(
        dag_id=dag_id,
        description=f"Make failed, dropped or outdated units of dataset {dataset_of(recipe)} again",
        schedule=None,
        catchup=False,
        max_active_runs=AT_ONCE,
        is_paused_upon_creation=False,  # nothing starts it but a person, who would find it waiting
        params=backfill_params(recipe),
        default_args=TASK_DEFAULTS,
        on_failure_callback=failure_callback(prefix, load_settings()),
        deadline=deadline(prefix, load_settings()),
        user_defined_macros={"build_name": partial(build_name, prefix)},
        doc_md=GUIDE.read_text(encoding="utf-8"),
        tags=["egoetl", "backfill", dataset_of(recipe)],
    ) as dag:
        shards_to_gate(recipe, BackfillPlanOperator(task_id="plan", recipe=recipe.name, prefix=prefix, execution_timeout=SHORT), prefix)
    return dag
