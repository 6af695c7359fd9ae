"""Several pods that work on one job together: started all or none, and ended together when one of them dies."""

import asyncio
import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from egoetl_airflow.pods.cluster import Cluster, Log, NameTakenError, QuotaFullError
from egoetl_airflow.pods.pod_ending import PodEnding, ending_of
from egoetl_airflow.pods.pod_following import follow_pod
from egoetl_airflow.pods.pod_manifest import CONTAINER
from egoetl_airflow.pods.pod_profile import Queueing
from egoetl_airflow.pods.pod_starting import has_finished, is_overdue
from egoetl_airflow.pods.task_identity import RANK, TRY, TaskIdentity

FIRST_PAUSE, LONGEST_PAUSE = 30.0, 600.0
PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class PodGroup:
    """One try of a job: `pods` alike but for their rank, each with so many `processes`, meeting at rank 0's `port`."""

    manifest: Mapping[str, Any]
    labels: Mapping[str, str]
    try_id: str
    pods: int
    processes: int
    port: int

    def name(self, rank: int) -> str:
        """The name of a rank's pod: another one in each try."""
        return TaskIdentity.group_pod_name(self.manifest["metadata"]["name"], self.try_id, rank)

    def pod(self, rank: int, master: str | None) -> dict[str, Any]:
        """The pod of a rank, with the variables that `torch.distributed` and torchrun read. Rank 0 is its own `master`."""
        pod = copy.deepcopy(dict(self.manifest))
        pod["metadata"] |= {"name": self.name(rank), "labels": {**pod["metadata"]["labels"], RANK: str(rank), TRY: self.try_id}}
        address = {"valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}} if master is None else {"value": master}
        plain = {
            "MASTER_PORT": self.port,
            "WORLD_SIZE": self.pods,
            "RANK": rank,
            "LOCAL_RANK": 0,
            "PET_MASTER_PORT": self.port,
            "PET_NNODES": self.pods,
            "PET_NODE_RANK": rank,
            "PET_NPROC_PER_NODE": self.processes,
        }
        container = next(each for each in pod["spec"]["containers"] if each["name"] == CONTAINER)
        container["env"] = [
            *container.get("env", []),
            *({"name": name, "value": str(value)} for name, value in plain.items()),
            *({"name": name, **address} for name in ("MASTER_ADDR", "PET_MASTER_ADDR")),
        ]
        return pod


async def run_group(cluster: Cluster, group: PodGroup, queueing: Queueing, poll_seconds: float, log: Log) -> PodEnding:
    """Start what of the group does not run, and follow it to its end: it has succeeded when every rank has.

    Pods of an earlier try are ended first. May be called again for the same try, as when a triggerer takes over.
    """
    waited, pause = 0.0, FIRST_PAUSE
    while True:
        await end_group(cluster, group.labels, keep_try=group.try_id)
        try:
            ending = await _Run(cluster, group, queueing, poll_seconds, log).to_its_end()
            break
        except QuotaFullError as full:
            await end_group(cluster, group.labels)
            if waited >= queueing.quota_seconds:
                return PodEnding(None, f"The quota of namespace {cluster.namespace} had no room for {group.pods} pods: {full}")
            pause = min(pause, queueing.quota_seconds - waited)
            log(f"The quota of namespace {cluster.namespace} has no room for {group.pods} pods, trying again in {pause:.0f} s: {full}")
            await asyncio.sleep(pause)
            waited, pause = waited + pause, min(2 * pause, LONGEST_PAUSE)
    await end_group(cluster, group.labels, with_succeeded=ending.code == 0)
    return ending


async def end_group(cluster: Cluster, labels: Mapping[str, str], *, keep_try: str | None = None, with_succeeded: bool = False) -> None:
    """Delete the pods that have not ended (and the succeeded ones), and wait until they are gone. Failed ones stay to be looked at."""
    asked: set[str] = set()
    while True:
        pods = [pod for pod in await cluster.pods(labels) if keep_try is None or pod["metadata"]["labels"].get(TRY) != keep_try]
        live = [pod for pod in pods if not has_finished(pod) and not is_overdue(pod)]
        done = [pod for pod in pods if with_succeeded and has_finished(pod)]
        names = [pod["metadata"]["name"] for pod in (*live, *done)]
        for name in (each for each in names if each not in asked):
            await cluster.delete(name)
        asked.update(names)
        if not live:
            return
        await asyncio.sleep(PAUSE_SECONDS)


class _Run:
    """The pods of one try, from their start on."""

    def __init__(self, cluster: Cluster, group: PodGroup, queueing: Queueing, poll_seconds: float, log: Log) -> None:
        self._cluster, self._group, self._queueing, self._poll, self._log = cluster, group, queueing, poll_seconds, log
        self._following: dict[int, asyncio.Task[PodEnding]] = {}

    async def to_its_end(self) -> PodEnding:
        try:
            await self._start(0, None)
            master = await self._master()
            for rank in range(1, self._group.pods if master is not None else 1):
                await self._start(rank, master)
            ending = await self._end()
            if ending.code == 0 and len(self._following) < self._group.pods:
                return PodEnding(None, f"rank 0 of {self._group.pods} ended before the others could be started", again=False)
            return ending
        finally:
            for task in self._following.values():
                task.cancel()
            await asyncio.gather(*self._following.values(), return_exceptions=True)

    async def _start(self, rank: int, master: str | None) -> None:
        name = self._group.name(rank)
        try:
            await self._cluster.create(self._group.pod(rank, master))
        except NameTakenError:
            self._log(f"Pod {name} runs already; following it.")

        def log(line: str) -> None:
            self._log(f"[rank {rank}] {line}")

        self._following[rank] = asyncio.create_task(follow_pod(self._cluster, name, self._queueing, self._poll, log))

    async def _master(self) -> str | None:
        """The address of rank 0; None if it ended before it had one."""
        while True:
            pod = await self._cluster.pod(self._group.name(0))
            if pod and (address := pod.get("status", {}).get("podIP")):
                return address
            if self._following[0].done():
                return None
            await asyncio.sleep(self._poll)

    async def _end(self) -> PodEnding:
        """When all ranks have succeeded, or one has not."""
        while waiting := [task for task in self._following.values() if not task.done()]:
            if any(task.done() and task.result().code != 0 for task in self._following.values()):
                break
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        endings = {rank: task.result() for rank, task in self._following.items() if task.done()}
        bad = {rank: ending for rank, ending in endings.items() if ending.code != 0}
        return await self._cause(bad) if bad else PodEnding(0)

    async def _cause(self, bad: dict[int, PodEnding]) -> PodEnding:
        """The ending that the others followed from: ranks that lose a peer fail soon after it, with an error about a connection."""
        finished: dict[int, str] = dict.fromkeys(bad, "")
        for rank in self._following:
            pod = await self._cluster.pod(self._group.name(rank))
            if pod and (ending := ending_of(pod)) and ending.code != 0:
                bad.setdefault(rank, ending)
                finished[rank] = _finished_at(pod)
        rank = min(bad, key=lambda each: (not bad[each].trouble, finished.get(each, ""), each))
        where = f"rank {rank} of {self._group.pods}"
        if bad[rank].trouble:
            return replace(bad[rank], trouble=f"{where}: {bad[rank].trouble}")
        return replace(bad[rank], last_line=f"{where}: {bad[rank].last_line}")


def _finished_at(pod: Mapping[str, Any]) -> str:
    for container in pod["status"].get("containerStatuses") or ():
        if container["name"] == CONTAINER:
            return str(((container.get("state") or {}).get("terminated") or {}).get("finishedAt") or "")
    return ""
