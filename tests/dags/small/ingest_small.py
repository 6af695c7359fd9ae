"""The DAG that looks for new videos, as it is in dags/."""

from egoetl.recipes.index import load
from egoetl_airflow.ingest_dag import ingest_dag

dag = ingest_dag(load("egoavu"))
