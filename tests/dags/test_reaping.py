"""Which pods the reaper deletes, and which it leaves alone."""

import asyncio
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from airflow.dag_processing.dagbag import DagBag
from kubernetes_api.cluster import Cluster as Api
from pod_files import changed, pod_settings

from egoetl_airflow.pods import reaping
from egoetl_airflow.pods.cluster import Cluster
from egoetl_airflow.pods.pod_manifest import pod_manifest
from egoetl_airflow.pods.pod_settings import Access
from egoetl_airflow.pods.task_identity import TaskIdentity

pytestmark = pytest.mark.slow
SLEEP = "import time; time.sleep(600)"
LONG = timedelta(hours=1)


@pytest.fixture
def run(cluster: Api) -> Callable[[Callable[[Cluster], Any]], Any]:
    """Run something with the namespace's pods."""

    def now(work: Callable[[Cluster], Any]) -> Any:
        async def with_cluster() -> Any:
            async with Cluster(Access(kube_config=str(cluster.kubeconfig)), "default", patience_seconds=30, log=print) as api:
                return await work(api)

        return asyncio.run(with_cluster())

    return now


@pytest.fixture
def pods(cluster: Api, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Make a pod of a task and wait until it runs, or has ended; gives its name."""
    cluster.create_secret("egoetl-database", {"url": "postgresql://u:p@h/d"})
    monkeypatch.setattr(reaping, "YOUNG", timedelta(0))

    def make(task: str, program: str = SLEEP, installation: str = "tests", **labels: str) -> str:
        profile = pod_settings(defaults__command=[sys.executable, "-c", program]).of_fold("publish")
        pod = pod_manifest(profile, "default", TaskIdentity(installation, "build_small", "run 1", task, 3, 1), [], {}, None)
        pod["metadata"]["labels"] |= labels
        run(lambda api: api.create(pod))
        name = pod["metadata"]["name"]
        deadline = time.monotonic() + 60
        while cluster.pods(lambda each: each["metadata"]["name"] == name)[0]["status"]["phase"] in ("Pending", None):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return name

    return make


def answers(**states: str | None) -> Any:
    async def state_of(identity: TaskIdentity) -> str | None:
        assert (identity.dag_id, identity.run_id, identity.map_index) == ("build_small", "run 1", 3)
        return states[identity.task_id]

    return state_of


def test_a_pod_that_runs_for_no_task_is_deleted_and_others_stay(pods: Callable[..., str], run: Callable[..., Any]) -> None:
    names = {task: pods(task) for task in ("running", "deferred", "retrying", "failed", "success", "removed")}
    foreign = pods("other", installation="staging")
    states = answers(running="running", deferred="deferred", retrying="up_for_retry", failed="failed", success="success", removed=None)
    reaped = run(lambda api: reaping.reap(api, "tests", LONG, states))
    assert set(reaped) == {names["failed"], names["success"], names["removed"]}
    assert reaped[names["failed"]] == "it runs for failed[3] of build_small, run run 1, which is failed"
    assert reaped[names["removed"]].endswith("which is not there any more")
    assert foreign not in reaped


def test_a_pod_that_has_ended_is_kept_for_its_time(cluster: Api, pods: Callable[..., str], run: Callable[..., Any]) -> None:
    name = pods("caption", "raise SystemExit(65)")
    while cluster.pods()[0]["status"]["phase"] != "Failed":
        time.sleep(0.05)
    assert run(lambda api: reaping.reap(api, "tests", LONG, answers())) == {}
    assert set(run(lambda api: reaping.reap(api, "tests", timedelta(0), answers()))) == {name}
    assert cluster.pods(lambda pod: not pod["metadata"].get("deletionTimestamp")) == []


def test_a_young_pod_is_left_alone(pods: Callable[..., str], run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    pods("failed")
    monkeypatch.setattr(reaping, "YOUNG", timedelta(minutes=5))
    assert run(lambda api: reaping.reap(api, "tests", LONG, answers(failed="failed"))) == {}


def test_the_dag_asks_airflow_and_reaps(
    airflow_database: None, cluster: Api, pods: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole, on SQLite: a run that Airflow does not know leaves a pod, and the reaper finds that out from Airflow."""
    pods("shard.caption")
    file = tmp_path / "pods.yaml"
    file.write_text(yaml.safe_dump(changed(access={"kube_config": str(cluster.kubeconfig)})))
    monkeypatch.setenv("EGOETL_EXECUTION", "kubernetes")
    monkeypatch.setenv("EGOETL_POD_SETTINGS", str(file))
    ended = DagBag(dag_folder=Path(__file__).parent / "small").dags["reap_pods"].test()
    assert str(ended.state) == "success"
    assert cluster.pods(lambda pod: not pod["metadata"].get("deletionTimestamp")) == []
