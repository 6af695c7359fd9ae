"""The reaper, where EGOETL_EXECUTION is kubernetes: in a folder of its own, since `DAG.test` parses all that it finds."""

from egoetl_airflow.reap_pods_dag import reap_pods_dag

dag = reap_pods_dag()
