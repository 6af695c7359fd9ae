"""Evaluate a model on egotextvqa."""

from egoetl.recipes.index import load
from egoetl_airflow.eval_dag import eval_dag

dag = eval_dag(load("eval_egotextvqa"))
