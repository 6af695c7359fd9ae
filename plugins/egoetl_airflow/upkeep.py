"""The DAG that looks after the lineage database once a day: partitions ahead, retention, statistics."""

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable, Param

from egoetl_airflow.dag_factory import TASK_DEFAULTS
from egoetl_airflow.stage_operator import OwnerProcessOperator

GUIDE = """
Runs `egoetl db maintain`: makes partitions for builds to come (`EGOETL_PARTITIONS_AHEAD`), forgets attempts and units of builds that
no version refers to (`EGOETL_KEEP_ATTEMPTS_DAYS`, by default for ever kept), and makes statistics anew where tables have changed much.

It needs the login of the database's owner, `EGOETL_DATABASE_OWNER_URL`, in the environment of Airflow's workers. While it is paused
builds go on: each makes the partitions that it needs.
"""


def maintain_ledger_dag() -> DAG:
    """The DAG `maintain_ledger`: daily at 02:30 UTC, and on demand."""
    with DAG(
        dag_id="maintain_ledger",
        description="Upkeep of the lineage database",
        schedule=CronTriggerTimetable("30 2 * * *", timezone="UTC"),
        catchup=False,
        max_active_runs=1,
        params={"dry_run": Param(False, type="boolean", title="Dry run", description="Only say what would be done.")},
        default_args=TASK_DEFAULTS,
        doc_md=GUIDE,
        tags=["egoetl", "upkeep"],
    ) as dag:
        OwnerProcessOperator(
            task_id="maintain",
            arguments=["db", "maintain", "--json", "{{ '--dry-run' if params.dry_run else '' }}"],
            execution_timeout=timedelta(hours=2),
        )
    return dag
