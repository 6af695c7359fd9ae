"""Airflow's Kubernetes provider on the Kubernetes API of the tests: what every operator of it is built on."""

import asyncio
import gc
import sys
from typing import Any

import pytest
from kubernetes import client

XCOM = {"name": "xcom", "mountPath": "/airflow/xcom"}
SAYS = "import json; print('working', flush=True); json.dump({'rows': 42}, open('/airflow/xcom/return.json', 'w'))"


@pytest.fixture
def manager(cluster: Any, airflow_database: None) -> Any:
    """The provider's own pod manager, on its own hook."""
    from airflow.providers.cncf.kubernetes.hooks.kubernetes import KubernetesHook
    from airflow.providers.cncf.kubernetes.utils.pod_manager import PodManager

    hook = KubernetesHook(conn_id=None, config_file=str(cluster.kubeconfig), in_cluster=False)
    return PodManager(kube_client=hook.core_v1_client)


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_a_pod_is_followed_to_its_end_and_its_xcom_read(cluster: Any, manager: Any) -> None:
    from airflow.providers.cncf.kubernetes.utils.xcom_sidecar import PodDefaults

    python = "python" if cluster.image.startswith("python") else sys.executable
    base = {"name": "base", "image": cluster.image, "command": [python, "-c", SAYS], "volumeMounts": [XCOM]}
    sidecar = client.ApiClient().sanitize_for_serialization(PodDefaults.SIDECAR_CONTAINER)
    spec = {"restartPolicy": "Never", "containers": [base, sidecar], "volumes": [{"name": "xcom", "emptyDir": {}}]}
    metadata = {"name": "provider", "namespace": cluster.namespace}
    pod = manager.create_pod(_model({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}))
    asyncio.run(manager.await_pod_start(pod=pod, schedule_timeout=60, startup_timeout=60, check_interval=0.1))
    manager.fetch_container_logs(pod, "base", follow=True)
    manager.await_container_completion(pod, "base", polling_time=0.2)
    manager.await_xcom_sidecar_container_start(pod)
    assert manager.extract_xcom(pod) == '{"rows": 42}'
    assert manager.await_pod_completion(pod).status.phase == "Succeeded"
    manager.delete_pod(pod)
    gc.collect()  # the provider leaves its websockets open, which is told when they are collected


def _model(pod: dict[str, Any]) -> client.V1Pod:
    from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator

    return PodGenerator.deserialize_model_dict(pod)
