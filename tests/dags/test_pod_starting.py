"""Never two pods for one task instance: found again, waited for, or named alike so that only one can be."""

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from kubernetes_api.cluster import Cluster as Api
from pod_files import pod_settings

from egoetl_airflow.pods import pod_starting
from egoetl_airflow.pods.cluster import Cluster
from egoetl_airflow.pods.pod_ending import PodEnding
from egoetl_airflow.pods.pod_following import follow_pod
from egoetl_airflow.pods.pod_manifest import pod_manifest
from egoetl_airflow.pods.pod_profile import Queueing
from egoetl_airflow.pods.pod_settings import Access
from egoetl_airflow.pods.pod_starting import start_pod
from egoetl_airflow.pods.task_identity import TaskIdentity

pytestmark = pytest.mark.slow
SLEEP = "import time; time.sleep(600)"
# Ends, but not at once: as a worker does that commits what it has.
LINGER = (
    "import signal, time; signal.signal(signal.SIGTERM, lambda *_: (time.sleep(2), exit(75))); print('up', flush=True); time.sleep(600)"
)


def identity(try_number: int = 1, **other: Any) -> TaskIdentity:
    names = {"installation": "tests", "dag_id": "build_small", "run_id": "r", "task_id": "shard.caption", "map_index": 3, **other}
    return TaskIdentity(try_number=try_number, **names)


@pytest.fixture
def start(cluster: Api) -> Callable[..., Coroutine[Any, Any, str]]:
    """Start a pod as a worker of its own does; gives the pod's name."""
    cluster.create_secret("egoetl-database", {"url": "postgresql://u:p@h/d"})

    async def started(of: TaskIdentity, program: str = SLEEP) -> str:
        pods = pod_settings(defaults__command=[sys.executable, "-c", program])
        manifest = pod_manifest(pods.of_fold("publish"), "default", of, [], {}, None)
        access = Access(kube_config=str(cluster.kubeconfig))
        async with Cluster(access, "default", patience_seconds=30, log=print) as api:
            return (await start_pod(api, of, manifest))["metadata"]["name"]

    return started


def wait_for_phase(cluster: Api, phase: str) -> None:
    deadline = time.monotonic() + 60
    while [pod["status"]["phase"] for pod in cluster.pods()] != [phase]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_retry_follows_the_pod_that_still_runs(cluster: Api, start: Callable[..., Coroutine[Any, Any, str]]) -> None:
    first = asyncio.run(start(identity(1)))
    assert asyncio.run(start(identity(2))) == first
    assert len(cluster.pods()) == 1


def test_two_workers_at_once_get_one_pod(cluster: Api, start: Callable[..., Coroutine[Any, Any, str]]) -> None:
    async def both() -> list[str]:
        return await asyncio.gather(*(start(identity(number)) for number in (1, 2, 3)))

    assert len(set(asyncio.run(both()))) == 1
    assert len(cluster.pods()) == 1


def test_another_shard_run_or_installation_has_a_pod_of_its_own(cluster: Api, start: Callable[..., Coroutine[Any, Any, str]]) -> None:
    others = [{}, {"map_index": 4}, {"run_id": "r2"}, {"installation": "staging"}, {"task_id": "shard.mcg"}]
    assert len({asyncio.run(start(identity(**other))) for other in others}) == len(others)


def test_a_pod_that_ends_is_waited_for(cluster: Api, start: Callable[..., Coroutine[Any, Any, str]], patiently: Any) -> None:
    async def ended_and_started(first: str) -> str:
        async with Cluster(Access(kube_config=str(cluster.kubeconfig)), "default", patience_seconds=30, log=print) as api:
            await api.delete(first)
        return await start(identity(2))

    first = asyncio.run(start(identity(1), LINGER))
    wait_for_phase(cluster, "Running")
    time.sleep(1)  # for the handler to be in place
    asked = time.monotonic()
    second = asyncio.run(ended_and_started(first))
    assert time.monotonic() - asked > 1
    assert [pod["metadata"]["name"] for pod in cluster.pods()] == [second]


def test_a_pod_that_failed_stays_and_the_next_has_another_name(cluster: Api, start: Callable[..., Coroutine[Any, Any, str]]) -> None:
    first = asyncio.run(start(identity(1), "raise SystemExit(75)"))
    wait_for_phase(cluster, "Failed")
    second = asyncio.run(start(identity(2)))
    assert (first.rpartition("-")[2], second.rpartition("-")[2]) == ("0", "1")
    assert {pod["metadata"]["name"] for pod in cluster.pods()} == {first, second}


def test_a_pod_that_only_a_sidecar_keeps_running_is_over(cluster: Api, start: Callable[..., Coroutine[Any, Any, str]]) -> None:
    async def followed() -> PodEnding:
        pods = pod_settings(defaults__command=[sys.executable, "-c", "print('bad'); raise SystemExit(65)"])
        manifest = pod_manifest(pods.of_fold("publish"), "default", identity(1), [], {}, None)
        sidecar = {"name": "proxy", "image": "registry.example/proxy:1", "command": [sys.executable, "-c", SLEEP]}
        manifest["spec"]["containers"].append(sidecar)
        async with Cluster(Access(kube_config=str(cluster.kubeconfig)), "default", patience_seconds=30, log=print) as api:
            name = (await start_pod(api, identity(1), manifest))["metadata"]["name"]
            return await follow_pod(api, name, Queueing(), 0.1, print)

    ending = asyncio.run(followed())
    assert (ending.code, ending.last_line, ending.left_running) == (65, "bad", True)
    # Where whoever followed it has died before it could delete the pod, the next try does.
    asyncio.run(start(identity(2)))
    (second,) = cluster.pods()
    assert [container["name"] for container in second["spec"]["containers"]] == ["base"]


def test_an_answer_after_a_token_was_renewed_is_taken_for_what_it_is(cluster: Api, tmp_path: Path) -> None:
    right = cluster.kubeconfig.read_text(encoding="utf-8")
    file = tmp_path / "kubeconfig"
    file.write_text(right.replace(cluster.token, "expired"), encoding="utf-8")
    said: list[str] = []

    def log(line: str) -> None:
        said.append(line)
        file.write_text(right, encoding="utf-8")

    async def asked() -> object:
        async with Cluster(Access(kube_config=str(file)), "default", patience_seconds=20, log=log) as api:
            return await api.pod("none")

    assert asyncio.run(asked()) is None
    assert len(said) == 1


def test_a_pod_on_a_node_that_does_not_answer_is_not_waited_for_for_ever() -> None:
    pod = {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}, "status": {"phase": "Running"}}
    assert pod_starting.is_overdue(pod)
    assert not pod_starting.is_overdue({"metadata": {"deletionTimestamp": "2999-01-01T00:00:00Z"}})
    assert not pod_starting.is_overdue({"metadata": {}})
