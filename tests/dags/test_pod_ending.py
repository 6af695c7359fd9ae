"""Pods as Kubernetes describes them, and what is made of them: a sentence, and whether to try again."""

from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from egoetl_airflow.pods.pod_ending import PodEnding, ending_of, gone, last_line_of, raise_for
from egoetl_airflow.pods.pod_profile import Queueing
from egoetl_airflow.pods.pod_waiting import waiting_of

QUEUEING = Queueing(schedule_seconds=11, image_seconds=22, start_seconds=33)


def pod(phase: str, *, state: dict[str, Any] | None = None, **status: Any) -> dict[str, Any]:
    containers = [{"name": "sidecar", "state": {}}, {"name": "base", "state": state}] if state else None
    limits = {"limits": {"memory": "64Gi"}}
    spec = {"activeDeadlineSeconds": 43200, "containers": [{"name": "base", "resources": limits}]}
    return {"metadata": {"name": "p"}, "spec": spec, "status": {"phase": phase, "containerStatuses": containers, **status}}


def terminated(code: int, reason: str = "Error", message: str | None = None) -> dict[str, Any]:
    return {"terminated": {"exitCode": code, "reason": reason, "message": message}}


def waiting(reason: str, message: str | None = None) -> dict[str, Any]:
    return {"waiting": {"reason": reason, "message": message}}


def target(reason: str) -> list[dict[str, str]]:
    return [{"type": "DisruptionTarget", "status": "True", "reason": reason, "message": "the scheduler needed room"}]


AGAIN = [
    (pod("Failed", state=terminated(137, "OOMKilled")), "killed for memory: its limit is 64Gi"),
    (pod("Failed", reason="Evicted", message="The node was low on resource: memory."), r"taken off its node \(Evicted\): The node was low"),
    (pod("Failed", state=terminated(143), conditions=target("PreemptionByScheduler")), "preempted by a pod of higher priority: the sched"),
    (pod("Failed", state=terminated(137), conditions=target("DeletionByTaintManager")), "removed from its node, which is not ready"),
    (pod("Failed", conditions=target("SomethingNew")), r"disrupted \(SomethingNew\)"),
    (pod("Failed", state=terminated(143), reason="DeadlineExceeded"), "stopped at the task's time limit of 43200 s"),
    (pod("Failed", reason="DeadlineExceeded"), "stopped at the task's time limit of 43200 s"),
    (pod("Unknown", reason="NodeLost", message="Node n is unresponsive"), "node that does not answer: Node n is unresponsive"),
    (pod("Failed", message="Pod was rejected"), "failed before its container started: Pod was rejected"),
    (pod("Failed", state=terminated(75, message="The database is away.")), "asks to be tried again: The database is away"),
    (pod("Failed", state=terminated(137)), "ended by signal 9"),
]
FOR_GOOD = [
    (pod("Failed", state=terminated(65, message="first\nYield 0.9 is below the floor.\n")), "exit code 65: Yield 0.9 is below"),
    (pod("Failed", state=terminated(79, message="Build b was cancelled.")), "was stopped: Build b was cancelled"),
    (
        pod("Failed", state=terminated(128, "StartError", 'exec: "egoetl": not found')),
        "could not start its command: exec: .egoetl.: not found",
    ),
    (pod("Failed", state=terminated(1)), "exit code 1: it wrote nothing"),
]


@pytest.mark.parametrize(("description", "sentence"), AGAIN, ids=[sentence[:40] for _, sentence in AGAIN])
def test_this_is_tried_again(description: dict[str, Any], sentence: str) -> None:
    ending = ending_of(description)
    assert ending is not None
    with pytest.raises(AirflowException, match=sentence) as raised:
        raise_for(ending, "egoetl stage run")
    assert not isinstance(raised.value, AirflowFailException)


@pytest.mark.parametrize(("description", "sentence"), FOR_GOOD, ids=[sentence[:40] for _, sentence in FOR_GOOD])
def test_this_fails_for_good(description: dict[str, Any], sentence: str) -> None:
    ending = ending_of(description)
    assert ending is not None
    with pytest.raises(AirflowFailException, match=sentence):
        raise_for(ending, "egoetl stage run")


@pytest.mark.parametrize("description", [pod("Succeeded"), pod("Running", state=terminated(0)), pod("Succeeded", state=terminated(0))])
def test_this_has_succeeded(description: dict[str, Any]) -> None:
    assert ending_of(description) == PodEnding(0)


@pytest.mark.parametrize("description", [pod("Pending"), pod("Running", state={"running": {}}), {"metadata": {"name": "p"}}])
def test_this_has_not_ended(description: dict[str, Any]) -> None:
    assert ending_of(description) is None


def test_a_pod_that_is_gone_says_why_if_that_was_seen() -> None:
    seen = pod("Running", state={"running": {}}, conditions=target("EvictionByEvictionAPI"))
    assert gone("p", seen).trouble == "Pod p was evicted, as when a node is drained: the scheduler needed room"
    assert "by a person, with its node, or because the task was stopped" in gone("p", None).trouble


SCHEDULED = [{"type": "PodScheduled", "status": "True"}]
NO_NODE = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes have a GPU."}]
GATED = [{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated", "message": None}]
WAITS = [
    (pod("Pending", conditions=NO_NODE), "a node", 11, False),
    (pod("Pending", conditions=GATED), "a node", 11, False),
    (pod("Pending"), "a node", 11, False),
    (pod("Pending", conditions=SCHEDULED, state=waiting("ContainerCreating")), "its container", 33, False),
    (pod("Pending", conditions=SCHEDULED, state=waiting("ErrImagePull", "dial tcp: connection refused")), "its image", 22, False),
    (pod("Pending", conditions=SCHEDULED, state=waiting("ImagePullBackOff", "manifest unknown")), "its image", 22, True),
    (pod("Pending", conditions=SCHEDULED, state=waiting("ErrImagePull", "pull access denied")), "its image", 22, True),
    (pod("Pending", conditions=SCHEDULED, state=waiting("InvalidImageName")), "its container", 0, True),
    (pod("Pending", conditions=SCHEDULED, state=waiting("CreateContainerConfigError", 'secret "x" not found')), "its container", 0, True),
    (pod("Pending", conditions=SCHEDULED, state=waiting("CreateContainerConfigError", "cache: timed out")), "its container", 33, False),
]


@pytest.mark.parametrize(("description", "what", "seconds", "hopeless"), WAITS)
def test_what_a_pod_waits_for(description: dict[str, Any], what: str, seconds: float, hopeless: bool) -> None:
    waits = waiting_of(description, QUEUEING)
    assert waits is not None
    assert (waits.what, waits.seconds, waits.hopeless) == (what, seconds, hopeless)
    ending = waits.given_up("p")
    assert (ending.again, ending.left_running) == (not hopeless, True)


def test_a_pod_that_runs_waits_for_nothing() -> None:
    assert waiting_of(pod("Running", state={"running": {}}), QUEUEING) is None


@pytest.mark.parametrize(("message", "line"), [(None, ""), ("", ""), ("\n \n", ""), ("a\nb\n\n", "b"), ("x" * 9000, "x" * 4096)])
def test_the_last_line_that_says_something(message: str | None, line: str) -> None:
    assert last_line_of(message) == line
