"""The DAG that looks for new videos: `egoetl ingest`, and an asset that says that something has arrived."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, Asset, CronTriggerTimetable, Param
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from egoetl.core.recipe import Recipe
from egoetl.core.settings import Settings, load_settings
from egoetl_airflow.assets import arrivals_asset, dataset_of
from egoetl_airflow.build_params import ARRIVALS_VARIABLE
from egoetl_airflow.dag_factory import LONG, TASK_DEFAULTS
from egoetl_airflow.stage_operator import StageProcessOperator

GUIDE = Path(__file__).with_name("ingest_guide.md")


class IngestOperator(StageProcessOperator):
    """Runs `egoetl ingest`. Announces the dataset's arrivals if something new came; otherwise it ends as skipped."""

    def __init__(self, *, recipe: str, arrivals: Asset, **kwargs: Any) -> None:
        super().__init__(outlets=[arrivals], **kwargs)
        self.recipe = recipe
        self.arrivals = arrivals

    def execute(self, context: Mapping[str, Any]) -> None:
        source, dry_run = context["params"]["source"], context["params"]["dry_run"]
        arguments = ["ingest", *([source] if source else []), "--recipe", self.recipe, *(["--dry-run"] if dry_run else []), "--json"]
        found = _found(self.run_command(context, arguments).last_output)
        if not found["new"]:
            raise AirflowSkipException(f"Nothing new below {found['source']}: {found['unchanged']} files are as they were.")
        nights = sorted({each["night"] for each in found["new"]})
        context["outlet_events"][self.arrivals].extra = {"source": found["source"], "videos": len(found["new"]), "nights": nights}


def ingest_dag(recipe: Recipe) -> DAG:
    """The DAG `ingest_videos`: by the clock where EGOETL_ARRIVALS is set, and on demand for any source."""
    with DAG(
        dag_id="ingest_videos",
        description=f"Find new videos for dataset {dataset_of(recipe)} and have them wait for their night",
        schedule=_schedule(load_settings()),
        catchup=False,
        max_active_runs=1,
        params=_params(),
        default_args=TASK_DEFAULTS,
        doc_md=GUIDE.read_text(encoding="utf-8"),
        tags=["egoetl", "ingest", dataset_of(recipe)],
    ) as dag:
        IngestOperator(task_id="ingest", recipe=recipe.name, arrivals=arrivals_asset(recipe), execution_timeout=LONG)
    return dag


def _schedule(settings: Settings) -> CronTriggerTimetable | None:
    return CronTriggerTimetable(settings.arrivals_schedule, timezone="UTC") if settings.arrivals else None


def _params() -> dict[str, Param]:
    return {
        "source": Param(
            None,
            type=["null", "string"],
            title="Source",
            description=f"Folder or s3://bucket/prefix where videos have arrived. Empty: what {ARRIVALS_VARIABLE} names.",
        ),
        "dry_run": Param(False, type="boolean", title="Dry run", description="Only say in the log what would be read."),
    }


def _found(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
        return {name: found[name] for name in ("source", "new", "unchanged")}
    except (ValueError, KeyError, TypeError) as error:
        raise AirflowFailException(
            f"egoetl ingest ended with {line[:200]!r} and not with what it found; is another egoetl installed beside Airflow?"
        ) from error
