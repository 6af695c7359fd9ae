"""What the Kubernetes API of the tests can make go wrong, seen through the official client."""

import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException
from kubernetes_api.cluster import Cluster
from kubernetes_api.node import Node
from urllib3.exceptions import HTTPError

pytestmark = pytest.mark.slow

TELLS = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])
print(os.getpid(), child.pid, flush=True)
time.sleep(600)
"""
GPU = {"limits": {"nvidia.com/gpu": "2"}}


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """The API of the tests, with a node of two devices that not everybody may use."""
    taint = {"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}
    with Cluster(node=Node(labels={"pool": "gpu"}, taints=[taint], devices={"nvidia.com/gpu": 2})) as own:
        yield own


@pytest.fixture
def api(cluster: Cluster) -> Iterator[client.CoreV1Api]:
    with config.new_client_from_config(str(cluster.kubeconfig)) as connection:
        yield client.CoreV1Api(connection)


@pytest.fixture
def start(api: client.CoreV1Api) -> Callable[..., str]:
    """Create a pod; returns its name."""

    def create(name: str, program: str = "import time; time.sleep(600)", **more: Any) -> str:
        container = {"name": "base", "image": "egoetl:tests", "command": [sys.executable, "-c", program], **more}
        spec = {"restartPolicy": "Never", "containers": [container], "tolerations": [{"operator": "Exists"}]}
        return api.create_namespaced_pod("default", {"metadata": {"name": name}, "spec": spec}).metadata.name

    return create


def only(cluster: Cluster) -> dict[str, Any]:
    (pod,) = cluster.pods()
    return pod


def phase(cluster: Cluster) -> str:
    return only(cluster)["status"]["phase"]


def waiting(cluster: Cluster) -> str | None:
    return only(cluster)["status"]["containerStatuses"][0]["state"].get("waiting", {}).get("reason")


def processes(cluster: Cluster, api: client.CoreV1Api, patiently: Any) -> list[psutil.Process]:
    """The pod's process and its child."""
    patiently(lambda: phase(cluster) == "Running")
    # A question that is asked more than once.
    read = lambda: api.read_namespaced_pod_log(only(cluster)["metadata"]["name"], "default", _preload_content=False).data  # noqa: E731
    patiently(lambda: read().endswith(b"\n"))
    return [psutil.Process(int(pid)) for pid in read().split()]


def test_an_evicted_pod_stays_as_failed_without_its_processes(cluster, api, start, patiently) -> None:
    name = start("evicted", TELLS)
    group = processes(cluster, api, patiently)
    cluster.evict(name)
    status = only(cluster)["status"]
    assert (status["phase"], status["reason"]) == ("Failed", "Evicted")
    assert {each["type"]: each["status"] for each in status["conditions"]}["DisruptionTarget"] == "True"
    patiently(lambda: not any(process.is_running() for process in group))


def test_a_pod_killed_for_memory_says_so(cluster, start, patiently) -> None:
    name = start("hungry")
    patiently(lambda: phase(cluster) == "Running")
    cluster.kill_for_memory(name)
    patiently(lambda: phase(cluster) == "Failed")
    ended = only(cluster)["status"]["containerStatuses"][0]["state"]["terminated"]
    assert (ended["exitCode"], ended["reason"]) == (137, "OOMKilled")


def test_an_image_that_is_mended_is_pulled(cluster, start, patiently) -> None:
    with cluster.trouble("image_missing", lambda pod: pod["metadata"]["name"] == "early"):
        start("early", "print('here')")
        patiently(lambda: waiting(cluster) == "ErrImagePull")
        patiently(lambda: waiting(cluster) == "ImagePullBackOff")
    patiently(lambda: phase(cluster) == "Succeeded")


def test_a_pod_that_cannot_be_placed_says_why(cluster, api, start, patiently) -> None:
    with cluster.trouble("unschedulable"):
        name = start("patient", "print('here')")
        patiently(lambda: "conditions" in only(cluster)["status"])
        (condition,) = only(cluster)["status"]["conditions"]
        assert (condition["type"], condition["status"], condition["reason"]) == ("PodScheduled", "False", "Unschedulable")
        events = api.list_namespaced_event("default", field_selector=f"involvedObject.name={name},type=Warning").items
        assert [event.reason for event in events] == ["FailedScheduling"]
    patiently(lambda: phase(cluster) == "Succeeded")


def test_devices_labels_and_taints_decide_where_a_pod_runs(cluster, api, start, patiently) -> None:
    first = start("first", resources=GPU)
    patiently(lambda: phase(cluster) == "Running")
    start("second", resources=GPU)
    why = lambda: [each["message"] for each in cluster.pods()[-1]["status"].get("conditions", [])]  # noqa: E731 - asked again and again
    patiently(lambda: why() == ["0/1 nodes are available: 1 Insufficient nvidia.com/gpu."])
    api.delete_namespaced_pod(first, "default", grace_period_seconds=0)
    patiently(lambda: [pod["status"]["phase"] for pod in cluster.pods()] == ["Running"])
    container = {"name": "base", "image": "egoetl:tests", "command": ["true"]}
    for name, spec in {"elsewhere": {"nodeSelector": {"pool": "cpu"}, "tolerations": [{"operator": "Exists"}]}, "shy": {}}.items():
        api.create_namespaced_pod(
            "default", {"metadata": {"name": name}, "spec": {"restartPolicy": "Never", "containers": [container], **spec}}
        )
    patiently(lambda: "conditions" in cluster.pods()[-1]["status"])
    said = [pod["status"]["conditions"][0]["message"] for pod in cluster.pods()[-2:]]
    assert "node affinity/selector" in said[0]
    assert "untolerated taint {nvidia.com/gpu: present}" in said[1]


def test_a_quota_refuses_and_lets_pass_when_it_is_gone(cluster, start) -> None:
    with cluster.quota(pods="1"):
        start("one")
        with pytest.raises(ApiException, match="exceeded quota: of-the-test, requested: pods=1, used: pods=1, limited: pods=1") as caught:
            start("two")
        assert caught.value.status == 403
    start("two")


def test_an_api_that_is_away_cuts_what_it_answers_and_comes_back(cluster, api, start, patiently) -> None:
    name = start("lasting")
    patiently(lambda: phase(cluster) == "Running")
    following = api.read_namespaced_pod_log(name, "default", follow=True, _preload_content=False)
    with cluster.away():
        with pytest.raises(HTTPError):
            following.read()
        port = int(api.api_client.configuration.host.rpartition(":")[2])
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))
        assert phase(cluster) == "Running"
    assert api.read_namespaced_pod(name, "default").status.phase == "Running"


def test_a_lost_node_takes_the_processes_and_later_the_pod(cluster, api, start, patiently) -> None:
    name = start("lost", TELLS)
    group = processes(cluster, api, patiently)
    began = time.monotonic()
    cluster.lose_node(name, seconds=1.0)
    assert time.monotonic() - began >= 1.0
    assert cluster.pods() == []
    patiently(lambda: not any(process.is_running() for process in group))


def test_a_held_pod_runs_and_does_nothing_until_it_is_resumed(cluster, api, start, patiently) -> None:
    with cluster.trouble("held"):
        name = start("held", "print('at last')")
        patiently(lambda: phase(cluster) == "Running")
    time.sleep(0.5)
    assert phase(cluster) == "Running"
    cluster.resume(name)
    patiently(lambda: phase(cluster) == "Succeeded")


def test_nothing_is_left_when_the_cluster_ends(patiently) -> None:
    with Cluster() as short:
        with config.new_client_from_config(str(short.kubeconfig)) as connection:
            container = {"name": "base", "image": "egoetl:tests", "command": [sys.executable, "-c", TELLS]}
            body = {"metadata": {"name": "left"}, "spec": {"restartPolicy": "Never", "containers": [container]}}
            client.CoreV1Api(connection).create_namespaced_pod("default", body)
            group = processes(short, client.CoreV1Api(connection), patiently)
        folder = short.folder
    patiently(lambda: not any(process.is_running() for process in group))
    assert not Path(folder).exists()
