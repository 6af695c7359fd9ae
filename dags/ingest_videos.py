"""Find new videos for the EgoAVU-style dataset."""

from egoetl.recipes.index import load
from egoetl_airflow.ingest_dag import ingest_dag

dag = ingest_dag(load("egoavu"))
