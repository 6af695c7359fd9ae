"""How a pod ended, read from what Kubernetes says of it: the sentence for the task's failure, and whether to try again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from airflow.sdk.exceptions import AirflowException, AirflowFailException

from egoetl.core.command_process import Ended
from egoetl_airflow.pods.pod_manifest import CONTAINER
from egoetl_airflow.stage_command import check

MOST_CHARACTERS = 4096
DISRUPTIONS = {
    "PreemptionByScheduler": "was preempted by a pod of higher priority",
    "DeletionByTaintManager": "was removed from its node, which is not ready or has a new taint",
    "EvictionByEvictionAPI": "was evicted, as when a node is drained",
    "DeletionByPodGC": "lost its node",
    "TerminationByKubelet": "was evicted by its node",
}
"""Reasons of the condition DisruptionTarget. None is the work's own fault, so all are tried again."""


@dataclass(frozen=True)
class PodEnding:
    """How it ended. `code` is the exit code of the command where it is that which decides; else `trouble` says it all."""

    code: int | None
    trouble: str = ""
    again: bool = True
    last_line: str = ""
    left_running: bool = False
    """The pod has not ended, and is not waited for any longer: whoever reads this deletes it."""


def ending_of(pod: Mapping[str, Any], name: str | None = None) -> PodEnding | None:
    """How the pod ended; None while it has not."""
    status = pod.get("status") or {}
    name = name or pod["metadata"]["name"]
    terminated = _state(status).get("terminated")
    if status.get("phase") == "Failed" and (disrupted := _disrupted(status)):
        return PodEnding(None, f"Pod {name} {disrupted}")
    if status.get("reason") == "DeadlineExceeded":
        return PodEnding(None, f"Pod {name} was stopped at the task's time limit of {pod['spec'].get('activeDeadlineSeconds')} s")
    if terminated:
        return _of_container(pod, name, terminated)
    if status.get("phase") == "Succeeded":
        return PodEnding(0)
    if status.get("phase") == "Failed":
        return PodEnding(None, f"Pod {name} failed before its container started: {_said(status)}")
    if status.get("reason") == "NodeLost":
        return PodEnding(None, f"Pod {name} is on a node that does not answer: {_said(status)}")
    return None


def raise_for(ending: PodEnding, what: str) -> None:
    """Return if it succeeded; raise what its ending means for the task, as `check` does for a process."""
    if ending.trouble:
        last = f"; its last line: {ending.last_line}" if ending.last_line else ""
        raise (AirflowException if ending.again else AirflowFailException)(f"{what}: {ending.trouble}{last}")
    assert ending.code is not None
    check(what, Ended(ending.code, "", ending.last_line))


def gone(name: str, last_seen: Mapping[str, Any] | None) -> PodEnding:
    """The ending of a pod that Kubernetes does not know any more."""
    disrupted = _disrupted((last_seen or {}).get("status") or {})
    why = disrupted or "was deleted before its end was seen: by a person, with its node, or because the task was stopped"
    return PodEnding(None, f"Pod {name} {why}")


def _of_container(pod: Mapping[str, Any], name: str, terminated: Mapping[str, Any]) -> PodEnding:
    code, reason = int(terminated.get("exitCode", 0)), terminated.get("reason")
    last_line = last_line_of(terminated.get("message"))
    if code == 0:
        return PodEnding(0, last_line=last_line)
    if reason == "OOMKilled":
        trouble = f"Pod {name} was killed for memory: its limit is {_memory(pod)}, raise `memory` in the pod settings"
        return PodEnding(None, trouble, last_line=last_line)
    if reason in ("StartError", "ContainerCannotRun"):
        return PodEnding(None, f"Pod {name} could not start its command: {last_line or reason}", again=False)
    return PodEnding(code, last_line=last_line)


def _disrupted(status: Mapping[str, Any]) -> str:
    for condition in status.get("conditions") or ():
        if condition.get("type") == "DisruptionTarget" and condition.get("status") == "True":
            what = DISRUPTIONS.get(condition.get("reason", ""), f"was disrupted ({condition.get('reason')})")
            return f"{what}: {condition.get('message') or _said(status)}"
    if status.get("reason") in ("Evicted", "Preempting", "NodeLost", "NodeShutdown", "Terminated", "NodeAffinity"):
        return f"was taken off its node ({status['reason']}): {_said(status)}"
    return ""


def last_line_of(message: str | None) -> str:
    """The last line that says something: of a termination message, or of the end of a log."""
    lines = [line.strip() for line in (message or "").splitlines() if line.strip()]
    return lines[-1][:MOST_CHARACTERS] if lines else ""


def _said(status: Mapping[str, Any]) -> str:
    return status.get("message") or status.get("reason") or "Kubernetes gives no reason"


def _state(status: Mapping[str, Any]) -> Mapping[str, Any]:
    for container in status.get("containerStatuses") or ():
        if container["name"] == CONTAINER:
            return container.get("state") or {}
    return {}


def _memory(pod: Mapping[str, Any]) -> str:
    for container in pod["spec"]["containers"]:
        if container["name"] == CONTAINER:
            return (container.get("resources") or {}).get("limits", {}).get("memory", "none of its own")
    return "unknown"
