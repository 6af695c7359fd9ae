"""The DAG `reap_pods`: pods that failed long ago, and pods that run for no task, are deleted."""

from datetime import timedelta

from airflow.sdk import DAG

from egoetl.core.settings import load_settings

EVERY = timedelta(minutes=15)


def reap_pods_dag() -> DAG | None:
    """The DAG where stages run as pods; None where they do not, for then there is nothing to reap."""
    if load_settings().execution != "kubernetes":
        return None
    # Only here, so that the file parses without a Kubernetes client where nothing runs on Kubernetes.
    from egoetl_airflow.pods.pod_settings import load_pod_settings
    from egoetl_airflow.pods.reap_pods_operator import ReapPodsOperator

    with DAG(
        dag_id="reap_pods",
        description="Delete pods that failed long ago, and pods that run for no task",
        schedule=EVERY,
        catchup=False,
        max_active_runs=1,
        default_args={"owner": "egoetl", "retries": 1},
        tags=["egoetl", "operations"],
    ) as dag:
        ReapPodsOperator(task_id="reap", pods=load_pod_settings(), execution_timeout=timedelta(minutes=10))
    return dag
