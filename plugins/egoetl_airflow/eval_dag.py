"""A benchmark's DAG: plan, the shards as a build has them, score. And the DAG of several benchmarks."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG, BaseOperator, chain
from airflow.sdk.exceptions import AirflowFailException

from egoetl.core.errors import ConfigError
from egoetl.core.recipe import Recipe
from egoetl.core.settings import load_settings
from egoetl_airflow.dag_factory import BUILD, LONG, SHORT, TASK_DEFAULTS, shards
from egoetl_airflow.eval_params import eval_arguments, eval_params, suite_params, suite_runs
from egoetl_airflow.notifying import deadline, failure_callback
from egoetl_airflow.stage_command import build_name
from egoetl_airflow.stage_operator import StageProcessOperator, shards_of
from egoetl_airflow.where_stages_run import fold_operator

GUIDE, SUITE_GUIDE = (Path(__file__).with_name(name) for name in ("eval_guide.md", "suite_guide.md"))
AT_ONCE = 4
"""Evaluations share nothing but the servers that they ask."""
WHOLE_SUITE = timedelta(hours=48)
"""A bound for what hangs, not an estimate."""


class EvalPlanOperator(StageProcessOperator):
    """Registers the run's evaluation and returns its shards."""

    def __init__(self, *, recipe: str, benchmark: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.recipe = recipe
        self.benchmark = benchmark

    def execute(self, context: Mapping[str, Any]) -> list[dict[str, Any]]:
        try:
            arguments = eval_arguments(self.benchmark, build_name(self.recipe, context["run_id"]), context["params"])
        except ConfigError as error:
            raise AirflowFailException(str(error)) from error
        return shards_of(self.run_command(context, arguments).last_output)


class SuitePlanOperator(BaseOperator):
    """Returns the runs of benchmarks' DAGs that the form asks for."""

    def execute(self, context: Mapping[str, Any]) -> list[dict[str, Any]]:
        try:
            return suite_runs(context["run_id"], context["params"])
        except ConfigError as error:
            raise AirflowFailException(str(error)) from error


def eval_dag(recipe: Recipe) -> DAG:
    """The DAG `eval_<benchmark>`: runs when somebody fills in its form, or the suite does."""
    with DAG(
        dag_id=recipe.name,
        description=f"Evaluate a model on {recipe.evaluates}",
        schedule=None,
        catchup=False,
        max_active_runs=AT_ONCE,
        is_paused_upon_creation=False,  # nothing starts it but a person or the suite, who would find it waiting
        params=eval_params(recipe),
        default_args=TASK_DEFAULTS,
        on_failure_callback=failure_callback(recipe.name, load_settings()),
        deadline=deadline(recipe.name, load_settings()),
        user_defined_macros={"build_name": partial(build_name, recipe.name)},
        doc_md=GUIDE.read_text(encoding="utf-8"),
        tags=["egoetl", "evaluation", recipe.evaluates],
    ) as dag:
        plan = EvalPlanOperator(task_id="plan", recipe=recipe.name, benchmark=recipe.evaluates, execution_timeout=SHORT)
        score = fold_operator(
            "score", task_id="score", arguments=["stage", "run", "--build", BUILD, "--stages", "score"], execution_timeout=LONG
        )
        chain(shards(recipe, plan), score)
    return dag


def suite_dag(benchmarks: Sequence[str]) -> DAG:
    """The DAG `eval_suite`: starts the DAGs of the benchmarks that are chosen in its form, and waits for them."""
    with DAG(
        dag_id="eval_suite",
        description="Evaluate a model on several benchmarks",
        schedule=None,
        catchup=False,
        max_active_runs=AT_ONCE,
        is_paused_upon_creation=False,
        params=suite_params(benchmarks),
        default_args=TASK_DEFAULTS,
        doc_md=SUITE_GUIDE.read_text(encoding="utf-8"),
        tags=["egoetl", "evaluation"],
    ) as dag:
        plan = SuitePlanOperator(task_id="plan", execution_timeout=SHORT)
        TriggerDagRunOperator.partial(
            task_id="evaluate",
            wait_for_completion=True,
            deferrable=True,
            # Its tasks do only what is not done.
            reset_dag_run=True,
            poke_interval=30,
            map_index_template="{{ task.trigger_dag_id }}",
            execution_timeout=WHOLE_SUITE,
        ).expand_kwargs(plan.output)
    return dag
