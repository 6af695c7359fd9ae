"""Evaluate a model on egoavu_bench."""

from egoetl.recipes.index import load
from egoetl_airflow.eval_dag import eval_dag

dag = eval_dag(load("eval_egoavu_bench"))
