"""Make failed, dropped or outdated units of the EgoAVU-style dataset again."""

from egoetl.recipes.index import load
from egoetl_airflow.backfill_dag import backfill_dag

dag = backfill_dag(load("egoavu"), "backfill_failed")
