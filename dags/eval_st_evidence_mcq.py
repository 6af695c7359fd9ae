"""Evaluate a model on st_evidence_mcq."""

from egoetl.recipes.index import load
from egoetl_airflow.eval_dag import eval_dag

dag = eval_dag(load("eval_st_evidence_mcq"))
