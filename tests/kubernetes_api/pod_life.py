"""One pod from its admission to its end, as scheduler and kubelet lead it."""

import asyncio
import shutil
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kubernetes_api.container import Container
from kubernetes_api.container_setting import Places, environment_of, expanded, places_of
from kubernetes_api.events import note
from kubernetes_api.node import Node
from kubernetes_api.objects import Objects, now
from kubernetes_api.refusals import Json, RefusedError
from kubernetes_api.troubles import MESSAGES, Troubles

DEFAULT_GRACE = 30
PULL_SECONDS = 0.5


@dataclass(frozen=True)
class Machine:
    """What all pods share: the objects, the node, the troubles, folders, and what images hold."""

    objects: Objects
    node: Node
    troubles: Troubles
    folder: Path
    path: str
    entrypoints: Mapping[str, Sequence[str]]
    """By the beginning of an image's name: the command that a container without one of its own runs."""
    failures: list[BaseException | None] = field(default_factory=list[BaseException | None])
    """How the leading of each pod ended: None unless this API itself has a fault."""


class PodLife:
    """Leads one pod. The pod's object is changed in place, and every change saved."""

    def __init__(self, pod: Json, address: str, machine: Machine) -> None:
        self.pod = pod
        self.folder = machine.folder / pod["metadata"]["uid"]
        self._address = address
        self._machine = machine
        self._going = False
        self._init = [self._container(spec) for spec in pod["spec"].get("initContainers") or []]
        self._main = [self._container(spec) for spec in pod["spec"]["containers"]]
        self._task = self._led(self._lead())

    def container(self, name: str | None) -> Container:
        """A container by name; without one the first. Raises RefusedError."""
        for container in (*self._main, *self._init):
            if name in (None, "", container.spec["name"]):
                return container
        raise RefusedError(400, f"container {name} is not valid for pod {self.pod['metadata']['name']}")

    def beside(self, container: Container, command: Sequence[str]) -> tuple[list[str], dict[str, str]]:
        """A command line and an environment for another command in the same container."""
        machine = self._machine
        places = places_of(container.spec, self.pod, self.folder, machine.folder / "claims", machine.objects)
        return [places.here(each) for each in command], self._surroundings(
            environment_of(container.spec, self.pod, machine.objects), places
        )

    async def evict(self, message: str, grace_seconds: float) -> None:
        """The node ends the pod for its own sake."""
        self._condition("DisruptionTarget", "True", reason="TerminationByKubelet", message=message)
        await self.end("Evicted", message, grace_seconds)

    async def end(self, reason: str, message: str, grace_seconds: float) -> None:
        """End the pod from outside; it stays as failed, with this reason."""
        await self._stop(grace_seconds)
        if self.pod["status"]["phase"] in ("Pending", "Running"):
            self._conclude("Failed", reason=reason, message=message)

    async def delete(self, grace_seconds: float) -> None:
        """End the pod and remove it; while its containers have their grace it is still there, as terminating."""
        metadata = self.pod["metadata"]
        metadata.setdefault("deletionTimestamp", now())
        metadata["deletionGracePeriodSeconds"] = int(grace_seconds)
        self._save()
        if grace_seconds and self._going:
            return
        self._going = True
        await self.end("", "", grace_seconds)
        self._machine.objects.remove("pods", self.pod)
        shutil.rmtree(self.folder, ignore_errors=True)

    async def lose_node(self, seconds: float) -> None:
        """The node is gone with all that ran there: for a while the pod seems to run, then it is removed."""
        self._going = True
        self._task.cancel()
        for container in self._main:
            container.vanish()
        self._condition("Ready", "False", reason="NodeNotReady")
        self._condition(
            "DisruptionTarget", "True", reason="DeletionByTaintManager", message="Taint manager: deleting due to NoExecute taint"
        )
        note(self._machine.objects, self.pod, "NodeNotReady", "Node is not ready", kind="Warning")
        await asyncio.sleep(seconds)
        self._machine.objects.remove("pods", self.pod)

    async def _lead(self) -> None:
        await self._schedule()
        try:
            async with asyncio.timeout(self.pod["spec"].get("activeDeadlineSeconds")):
                failed = await self._run()
        except TimeoutError:
            self._task = self._led(self._exceed_deadline())
            return
        self._conclude("Failed" if failed else "Succeeded")

    def _led(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        task.add_done_callback(lambda done: done.cancelled() or self._machine.failures.append(done.exception()))
        return task

    async def _exceed_deadline(self) -> None:
        await self._stop_containers(self.pod["spec"].get("terminationGracePeriodSeconds", DEFAULT_GRACE))
        said = "Pod was active on the node longer than the specified deadline"
        note(self._machine.objects, self.pod, "DeadlineExceeded", said)
        self._conclude("Failed", reason="DeadlineExceeded", message=said)

    async def _schedule(self) -> None:
        told = None
        while (reason := self._refusal()) is not None:
            if reason != told:
                told = reason
                self._condition("PodScheduled", "False", reason="Unschedulable", message=reason)
                note(self._machine.objects, self.pod, "FailedScheduling", reason, kind="Warning")
            await self._machine.troubles.changed.wait()
        self.pod["spec"]["nodeName"] = self._machine.node.name
        self.pod["status"] |= {"startTime": now(), "podIP": self._address, "podIPs": [{"ip": self._address}], "hostIP": "127.0.0.1"}
        note(self._machine.objects, self.pod, "Scheduled", f"Successfully assigned to {self._machine.node.name}")
        self._condition("PodScheduled", "True")

    def _refusal(self) -> str | None:
        if self._machine.troubles.concern("unschedulable", self.pod):
            return MESSAGES["unschedulable"]
        return self._machine.node.refusal(self.pod, self._machine.objects.all("pods"))

    async def _run(self) -> bool:
        """Run all containers to their end; whether one failed."""
        self.folder.mkdir(parents=True)
        for container in self._init:
            await self._start(container)
            await container.ended.wait()
            if container.exit_code:
                return True
        self._condition("Initialized", "True")
        for container in self._main:
            await self._start(container)
        self.pod["status"]["phase"] = "Running"
        self._condition("ContainersReady", "True")
        self._condition("Ready", "True")
        await asyncio.gather(*(container.ended.wait() for container in self._main))
        return any(container.exit_code for container in self._main)

    async def _start(self, container: Container) -> None:
        await self._pull(container)
        environment = await self._environment(container)
        spec, machine = container.spec, self._machine
        places = places_of(spec, self.pod, self.folder, machine.folder / "claims", machine.objects)
        command = [places.here(expanded(each, environment)) for each in (*self._entrypoint(spec), *(spec.get("args") or []))]
        held = machine.troubles.concern("held", self.pod)
        await container.start(command, self._surroundings(environment, places), self.folder, held=held)
        note(machine.objects, self.pod, "Started", f"Started container {spec['name']}")

    async def _pull(self, container: Container) -> None:
        """Wait until the image can be had, as the kubelet does: a try, then ever longer pauses."""
        image, tries, troubles = container.spec["image"], 0, self._machine.troubles
        while (trouble := troubles.of_image(self.pod)) is not None:
            said = MESSAGES[trouble].format(image=image)
            container.wait_for("ImagePullBackOff" if tries % 2 else "ErrImagePull", said)
            note(self._machine.objects, self.pod, "Failed", f'Failed to pull image "{image}": {said}', kind="Warning")
            tries += 1
            await troubles.changed.wait(PULL_SECONDS * 2 ** min(tries, 4))
        note(self._machine.objects, self.pod, "Pulled", f'Container image "{image}" already present on machine')

    async def _environment(self, container: Container) -> dict[str, str]:
        """The container's variables, as soon as what they refer to is there."""
        while True:
            try:
                return environment_of(container.spec, self.pod, self._machine.objects)
            except RefusedError as missing:
                container.wait_for("CreateContainerConfigError", str(missing))
                note(self._machine.objects, self.pod, "Failed", f"Error: {missing}", kind="Warning")
                await asyncio.sleep(PULL_SECONDS)

    def _surroundings(self, environment: Mapping[str, str], places: Places) -> dict[str, str]:
        """A container's whole environment: what an image and a container engine give, and what its spec names."""
        temporary = self.folder / "tmp"
        temporary.mkdir(exist_ok=True)
        given = {"PATH": self._machine.path, "HOME": str(self.folder), "TMPDIR": str(temporary), "HOSTNAME": self.pod["metadata"]["name"]}
        return {**given, **{name: places.here(value) for name, value in environment.items()}}

    def _entrypoint(self, spec: Json) -> Sequence[str]:
        if spec.get("command"):
            return spec["command"]
        return next((command for image, command in self._machine.entrypoints.items() if spec["image"].startswith(image)), ())

    def _container(self, spec: Json) -> Container:
        return Container(spec, self.folder / f"{spec['name']}.termination", self._save)

    async def _stop(self, grace_seconds: float) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._stop_containers(grace_seconds)

    async def _stop_containers(self, grace_seconds: float) -> None:
        await asyncio.gather(*(container.stop(grace_seconds) for container in (*self._init, *self._main)))

    def _conclude(self, phase: str, *, reason: str = "", message: str = "") -> None:
        self.pod["status"] |= {"phase": phase, **({"reason": reason, "message": message} if reason else {})}
        self._condition("Ready", "False", reason="PodCompleted")

    def _condition(self, name: str, status: str, *, reason: str = "", message: str = "") -> None:
        conditions: list[Json] = self.pod["status"].setdefault("conditions", [])
        conditions[:] = [each for each in conditions if each["type"] != name]
        conditions.append({"type": name, "status": status, "reason": reason, "message": message, "lastTransitionTime": now()})
        self._save()

    def _save(self) -> None:
        self.pod["status"]["containerStatuses"] = [container.status for container in self._main]
        if self._init:
            self.pod["status"]["initContainerStatuses"] = [container.status for container in self._init]
        self._machine.objects.save("pods", self.pod)
