"""An evaluation's DAG, as it is in dags/."""

from egoetl.recipes.index import load
from egoetl_airflow.eval_dag import eval_dag

dag = eval_dag(load("eval_egotempo"))
