"""Deletes pods that failed long ago, and pods that run for no task. There where EGOETL_EXECUTION is kubernetes."""

from egoetl_airflow.reap_pods_dag import reap_pods_dag

dag = reap_pods_dag()
