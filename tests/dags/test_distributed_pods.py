"""Jobs of several pods: a real all-reduce of PyTorch between two of them, and what becomes of the others when one dies."""

import asyncio
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException, TaskDeferred
from kubernetes_api.cluster import Cluster
from pod_files import pod_settings

from egoetl_airflow.pods import pod_group
from egoetl_airflow.pods.distributed_pod_operator import DistributedPodOperator
from egoetl_airflow.pods.pod_group_trigger import PodGroupTrigger

pytestmark = pytest.mark.slow
ALL_REDUCE = """
import os, torch, torch.distributed as distributed
distributed.init_process_group("gloo")
rank, world = distributed.get_rank(), distributed.get_world_size()
total = torch.tensor([10.0 ** rank])
distributed.all_reduce(total)
print(f"rank {rank} of {world} has {int(total)}", flush=True)
distributed.destroy_process_group()
"""
PEERS = """
import os, sys, time
print("up", os.environ["RANK"], os.environ["PET_NODE_RANK"], os.environ["MASTER_ADDR"], flush=True)
if os.environ["RANK"] == os.environ.get("DIES"):
    time.sleep(1)
    open(os.environ["EGOETL_TERMINATION_LOG"], "w").write("CUDA error: device-side assert")
    sys.exit(int(os.environ["CODE"]))
time.sleep(600)
"""


@pytest.fixture
def job(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Callable[..., DistributedPodOperator]:
    """An operator of two pods that run a Python program."""
    cluster.create_secret("egoetl-database", {"url": "postgresql://u:p@h/d"})

    def make(program: str, python: Path | str = sys.executable, pods: int = 2, **environment: str) -> DistributedPodOperator:
        settings = pod_settings(
            access={"kube_config": str(cluster.kubeconfig)},
            defaults__command=[str(python), "-c", program],
            defaults__environment=environment,
        )
        profile = settings.of_fold("publish")
        return DistributedPodOperator(
            task_id="train", profile=profile, settings=settings, arguments=["train", "run"], pods=pods, port=free_port()
        )

    return make


def free_port() -> int:
    """Pods share this machine's address, so that each job needs a port of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def context(try_id: str = "0193-first") -> dict[str, Any]:
    ti = SimpleNamespace(id=try_id, dag_id="train", run_id="r", task_id="train", map_index=-1, try_number=1)
    return {"ti": ti, "run_id": "r"}


def lines_of(operator: DistributedPodOperator, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr(operator.log, "info", lambda text, *values: lines.append(text % values if values else text))
    return lines


@pytest.mark.needs("models")
def test_two_pods_add_up_what_each_has(
    cluster: Cluster, job: Callable[..., DistributedPodOperator], models_python: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = job(ALL_REDUCE, models_python)
    lines = lines_of(operator, monkeypatch)
    operator.execute(context())
    assert {"[rank 0] rank 0 of 2 has 11", "[rank 1] rank 1 of 2 has 11"} <= set(lines)
    assert cluster.pods(lambda pod: not pod["metadata"].get("deletionTimestamp")) == []


@pytest.mark.parametrize(("code", "kind"), [("1", AirflowFailException), ("75", AirflowException)])
@pytest.mark.parametrize("rank", ["0", "1"])
def test_a_rank_that_dies_ends_the_others_with_its_reason(
    rank: str, code: str, kind: type[Exception], cluster: Cluster, job: Callable[..., DistributedPodOperator]
) -> None:
    with pytest.raises(kind, match=rf"train run on 2 pods .*rank {rank} of 2: CUDA error: device-side assert") as raised:
        job(PEERS, DIES=rank, CODE=code).execute(context())
    assert type(raised.value) is kind
    left = cluster.pods(lambda pod: pod["status"]["phase"] != "Failed" and not pod["metadata"].get("deletionTimestamp"))
    assert left == []


def test_where_one_finds_no_node_none_is_left(cluster: Cluster, job: Callable[..., DistributedPodOperator]) -> None:
    operator = job(PEERS)
    operator.settings = operator.settings.model_copy(
        update={"queueing": operator.settings.queueing.model_copy(update={"schedule_seconds": 1.0})}
    )
    second = lambda pod: pod["metadata"]["labels"]["egoetl.io/rank"] == "1"  # noqa: E731 - asked again and again
    with cluster.trouble("unschedulable", second), pytest.raises(AirflowException, match=r"rank 1 of 2: .*waited 1 s for a node"):
        operator.execute(context())
    assert cluster.pods(lambda pod: not pod["metadata"].get("deletionTimestamp")) == []


def test_a_quota_without_room_for_all_is_waited_for_with_none(
    cluster: Cluster, job: Callable[..., DistributedPodOperator], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pod_group, "FIRST_PAUSE", 0.2)
    operator = job(PEERS)
    operator.settings = operator.settings.model_copy(
        update={"queueing": operator.settings.queueing.model_copy(update={"quota_seconds": 0.5})}
    )
    with cluster.quota(pods="1"), pytest.raises(AirflowException, match=r"quota of namespace default had no room for 2 pods: ") as raised:
        operator.execute(context())
    assert not isinstance(raised.value, AirflowFailException)
    assert cluster.pods(lambda pod: not pod["metadata"].get("deletionTimestamp")) == []


def test_another_triggerer_goes_on_the_next_try_starts_anew_and_killing_leaves_nothing(
    cluster: Cluster, job: Callable[..., DistributedPodOperator]
) -> None:
    operator = job(PEERS)
    first, second = (deferred_trigger(operator, context(each)) for each in ("0193-first", "0193-second"))
    begun = asyncio.run(until_both_run(first, cluster, set()))
    # A triggerer that ends cancels its triggers: the pods stay, and another one's trigger finds them.
    assert asyncio.run(until_both_run(first, cluster, set())) == begun
    anew = asyncio.run(until_both_run(second, cluster, begun))
    assert not anew & begun
    asyncio.run(second.on_kill())
    assert cluster.pods() == []


async def until_both_run(trigger: PodGroupTrigger, cluster: Cluster, but: set[str]) -> set[str]:
    """Run the trigger until two pods other than these run; gives their names."""
    work = asyncio.create_task(anext(aiter(trigger.run())))
    deadline = time.monotonic() + 60
    try:
        while True:
            assert time.monotonic() < deadline
            pods = [pod for pod in cluster.pods() if pod["metadata"]["name"] not in but]
            if [pod["status"]["phase"] for pod in pods] == ["Running", "Running"]:
                return {pod["metadata"]["name"] for pod in pods}
            await asyncio.sleep(0.05)
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


def deferred_trigger(operator: DistributedPodOperator, given: dict[str, Any]) -> PodGroupTrigger:
    operator.settings = operator.settings.model_copy(update={"deferrable": True})
    with pytest.raises(TaskDeferred) as deferred:
        operator.execute(given)
    assert isinstance(deferred.value.trigger, PodGroupTrigger)
    assert deferred.value.method_name == "conclude"
    return deferred.value.trigger
