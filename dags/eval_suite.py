"""Evaluate a model on several benchmarks."""

from egoetl.benchmarks.index import names
from egoetl_airflow.eval_dag import suite_dag

dag = suite_dag(names())
