"""Start the pod of a task, or find the one that runs already: never two at once for the same task instance."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from egoetl_airflow.pods.cluster import Cluster, NameTakenError
from egoetl_airflow.pods.pod_ending import ending_of
from egoetl_airflow.pods.task_identity import TaskIdentity, generation_of

OVERDUE = timedelta(seconds=120)
"""A pod that should have been gone for so long is on a node that does not answer: nobody can use its GPU, and the
ledger's lease keeps it from committing."""
PAUSE_SECONDS = 1.0


async def start_pod(cluster: Cluster, identity: TaskIdentity, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The running pod of the task, made if there is none. Raises QuotaFullError.

    The name holds how many pods the task has had. So two workers that both see none running want the same name, and
    the API server gives it to one of them.
    """
    said = False
    while True:
        pods = await cluster.pods(identity.labels)
        live = [pod for pod in pods if not has_finished(pod) and not is_overdue(pod)]
        for pod in (each for each in live if outlives_its_command(each) and not is_deleting(each)):
            await cluster.delete(pod["metadata"]["name"])
        if not live:
            name = identity.pod_name(1 + max(map(generation_of, pods), default=-1))
            try:
                return await cluster.create({**manifest, "metadata": {**manifest["metadata"], "name": name}})
            except NameTakenError:
                cluster.log(f"Another worker is starting pod {name}.")
        elif running := [pod for pod in live if not is_deleting(pod) and not outlives_its_command(pod)]:
            pod = max(running, key=generation_of)
            cluster.log(f"Pod {pod['metadata']['name']} of an earlier try is still there; following it.")
            return pod
        elif not said:
            said = True
            cluster.log(f"Pod {live[0]['metadata']['name']} of an earlier try is ending; waiting until it is gone.")
        await asyncio.sleep(PAUSE_SECONDS)


def has_finished(pod: Mapping[str, Any]) -> bool:
    """Whether all its containers have ended and will not run again."""
    return (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")


def outlives_its_command(pod: Mapping[str, Any]) -> bool:
    """Whether its command has ended and another container, which an admission webhook may have added, keeps it running."""
    return len(pod["spec"]["containers"]) > 1 and not has_finished(pod) and ending_of(pod) is not None


def is_deleting(pod: Mapping[str, Any]) -> bool:
    """Whether somebody has asked for its end."""
    return bool(pod["metadata"].get("deletionTimestamp"))


def is_overdue(pod: Mapping[str, Any]) -> bool:
    """Whether it should have been gone for a while, which it is not where its node does not answer."""
    until = pod["metadata"].get("deletionTimestamp")
    return bool(until) and datetime.now(UTC) > datetime.fromisoformat(until) + OVERDUE
