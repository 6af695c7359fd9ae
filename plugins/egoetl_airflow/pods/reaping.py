"""Which pods of this installation have no reason to be there any more."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from egoetl_airflow.pods.cluster import Cluster
from egoetl_airflow.pods.pod_manifest import CONTAINER
from egoetl_airflow.pods.pod_starting import has_finished, is_deleting
from egoetl_airflow.pods.task_identity import TaskIdentity, installation_labels

LIVING = {"running", "deferred", "queued", "scheduled", "restarting", "up_for_retry", "up_for_reschedule"}
"""States of a task instance that a pod may run for: one whose worker died finds its pod again in its next try."""
YOUNG = timedelta(minutes=5)
"""So young a pod is left alone: Airflow's answer about its task may be older than the pod."""

StateOf = Callable[[TaskIdentity], Awaitable[str | None]]


async def reap(cluster: Cluster, installation: str, keep: timedelta, state_of: StateOf) -> dict[str, str]:
    """Delete pods that ended longer than `keep` ago, and those that run for no task. Gives the reason by the pod's name."""
    reaped: dict[str, str] = {}
    for pod in await cluster.pods(installation_labels(installation)):
        if is_deleting(pod):
            continue
        name = pod["metadata"]["name"]
        reason = _old(pod, keep) if has_finished(pod) else await _orphaned(pod, state_of)
        if reason:
            cluster.log(f"Deleting pod {name}: {reason}.")
            await cluster.delete(name)
            reaped[name] = reason
    return reaped


def _old(pod: Mapping[str, Any], keep: timedelta) -> str:
    ended = _ended_at(pod)
    return f"it ended on {ended:%Y-%m-%d at %H:%M} UTC" if datetime.now(UTC) - ended >= keep else ""


async def _orphaned(pod: Mapping[str, Any], state_of: StateOf) -> str:
    if datetime.now(UTC) - _time(pod["metadata"]["creationTimestamp"]) < YOUNG:
        return ""
    try:
        identity = TaskIdentity.read(pod)
    except (KeyError, ValueError):
        return "it has egoetl's labels and belongs to no task"
    state = await state_of(identity)
    where = f"{identity.task_id}[{identity.map_index}] of {identity.dag_id}, run {identity.run_id}"
    return "" if state in LIVING else f"it runs for {where}, which is {state or 'not there any more'}"


def _ended_at(pod: Mapping[str, Any]) -> datetime:
    for container in (pod.get("status") or {}).get("containerStatuses") or ():
        ended = ((container.get("state") or {}).get("terminated") or {}).get("finishedAt")
        if container["name"] == CONTAINER and ended:
            return _time(ended)
    return _time(pod["metadata"]["creationTimestamp"])


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
