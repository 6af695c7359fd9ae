"""Nightly build of the EgoAVU-style dataset."""

from egoetl.recipes.index import load
from egoetl_airflow.dag_factory import build_dag

dag = build_dag(load("egoavu"))
