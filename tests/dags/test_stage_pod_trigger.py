"""A deferred task's pod, followed in the triggerer."""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowException, TaskDeferred
from airflow.triggers.base import TaskSuccessEvent, TriggerEvent
from kubernetes_api.cluster import Cluster
from pod_files import pod_settings

from egoetl_airflow.pods.stage_pod_operator import StagePodOperator
from egoetl_airflow.pods.stage_pod_trigger import StagePodTrigger

pytestmark = pytest.mark.slow


def context() -> dict[str, Any]:
    ti = SimpleNamespace(dag_id="build_small", run_id="manual__1", task_id="shard.caption", map_index=3, try_number=1)
    return {"ti": ti, "run_id": "manual__1"}


@pytest.fixture
def deferred(cluster: Cluster) -> Callable[[str], tuple[StagePodOperator, StagePodTrigger]]:
    """Start a pod with this program; gives the operator and the trigger that it deferred to, as another process would get it."""
    cluster.create_secret("egoetl-database", {"url": "postgresql://u:pass-word@h/d"})

    def start(program: str) -> tuple[StagePodOperator, StagePodTrigger]:
        command = [sys.executable, "-c", program]
        pods = pod_settings(access={"kube_config": str(cluster.kubeconfig)}, defaults__command=command, deferrable=True)
        operator = StagePodOperator(task_id="caption", arguments=["stage", "run"], profile=pods.of_fold("caption"), pods=pods)
        with pytest.raises(TaskDeferred) as raised:
            operator.execute(context())
        assert (raised.value.method_name, raised.value.timeout) == ("conclude", None)
        path, arguments = raised.value.trigger.serialize()
        assert path == "egoetl_airflow.pods.stage_pod_trigger.StagePodTrigger"
        text = json.dumps(arguments)
        assert "pass-word" not in text
        assert "token" not in text
        return operator, StagePodTrigger(**json.loads(text))

    return start


async def event_of(trigger: StagePodTrigger) -> TriggerEvent:
    return await anext(aiter(trigger.run()))


def test_a_success_ends_in_the_triggerer_with_every_line_once_and_no_pod(
    cluster: Cluster, deferred: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, trigger = deferred("import time\nfor n in range(6): print('line', n, flush=True); time.sleep(0.2)")
    lines: list[str] = []
    monkeypatch.setattr(trigger, "log_line", lines.append)
    assert isinstance(asyncio.run(event_of(trigger)), TaskSuccessEvent)
    assert [line for line in lines if line.startswith("line")] == [f"line {n}" for n in range(6)]
    assert cluster.pods(lambda pod: not pod["metadata"].get("deletionTimestamp")) == []


def test_a_failure_goes_back_to_the_task_whole_even_if_the_pod_is_gone_by_then(cluster: Cluster, deferred: Callable[..., Any]) -> None:
    operator, trigger = deferred("import sys; print('The store is away.'); sys.exit(75)")
    event = asyncio.run(event_of(trigger))
    payload = json.loads(json.dumps(event.payload))
    operator.client.delete_namespaced_pod(payload["name"], "default", grace_period_seconds=0)
    with pytest.raises(AirflowException, match=r"asks to be tried again: The store is away\."):
        operator.conclude(context(), payload)


def test_a_task_that_somebody_marks_leaves_no_pod(cluster: Cluster, deferred: Callable[..., Any]) -> None:
    _, trigger = deferred("import time; time.sleep(600)")
    asyncio.run(trigger.on_kill())
    deadline = time.monotonic() + 30
    while cluster.pods():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_an_api_server_that_stays_away_is_tried_again_and_the_pod_found_then(cluster: Cluster, deferred: Callable[..., Any]) -> None:
    operator, trigger = deferred("import time; time.sleep(600)")
    trigger.patience_seconds = 1
    with cluster.away():
        event = asyncio.run(event_of(trigger))
    with pytest.raises(AirflowException, match="The Kubernetes API has not answered for 1 s"):
        operator.conclude(context(), event.payload)
    with pytest.raises(TaskDeferred) as again:
        operator.execute(context())
    assert again.value.trigger.name == trigger.name
    assert len(cluster.pods()) == 1
