"""The cluster as a test holds it: started and ended as one thing, looked at, and made to fail."""

import asyncio
import copy
import os
import secrets
import shutil
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import yaml

from kubernetes_api.container import Container
from kubernetes_api.node import Node
from kubernetes_api.objects import Objects
from kubernetes_api.pod_life import Machine, PodLife
from kubernetes_api.refusals import Json, RefusedError
from kubernetes_api.selectors import Matching
from kubernetes_api.server import Server
from kubernetes_api.troubles import Kind, Trouble, Troubles

NAMESPACE = "default"
EVICTED = "The node was low on resource: memory. Threshold quantity: 100Mi, available: 92Mi."
PATIENCE_SECONDS = 60.0
T = TypeVar("T")


class Cluster:
    """A Kubernetes API on a loopback port, in a thread of its own; every method may be called from any other thread.

    `entrypoints` says, by the beginning of an image's name, what a container runs that names no command.
    """

    namespace = NAMESPACE
    image = "registry.example/egoetl:tests"
    """Any image is this machine: what a container names is run with the programs of this environment."""

    def __init__(self, *, node: Node | None = None, entrypoints: Mapping[str, Sequence[str]] | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="kubernetes-api-"))
        self.token = secrets.token_urlsafe(24)
        self._node, self._entrypoints = node or Node(), entrypoints or {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="kubernetes-api", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self._do(self._start())
        self.kubeconfig.write_text(yaml.safe_dump(self._configuration()))
        self.kubeconfig.chmod(0o600)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._do(self._server.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        failures = [failure for failure in self._server.api.machine.failures if failure is not None]
        if failures and error is None:
            raise ExceptionGroup("the Kubernetes API of the tests has a fault", [f for f in failures if isinstance(f, Exception)])

    @property
    def kubeconfig(self) -> Path:
        """A configuration file for clients of this cluster, with its token."""
        return self.folder / "kubeconfig"

    @property
    def calls(self) -> Counter[str]:
        """How often was asked for what, in the terms of RBAC: `create pods`, `get pods/log`."""
        return Counter(self._server.api.calls)

    @property
    def asked_for(self) -> list[Json]:
        """Every pod that was ever created, as it was asked for, oldest first."""
        return list(self._server.api.asked_for)

    def pods(self, matching: Matching = lambda _: True) -> list[Json]:
        """Copies of the pods as they are now, oldest first."""
        return self._call(lambda: [copy.deepcopy(pod) for pod in self._objects().all("pods") if matching(pod)])

    def claim(self, name: str) -> Path:
        """The folder behind a persistent volume claim."""
        folder = self.folder / "claims" / NAMESPACE / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def create_secret(self, name: str, values: Mapping[str, str]) -> None:
        """Add a secret to the namespace `default`."""
        self._call(lambda: self._objects().create("secrets", NAMESPACE, {"metadata": {"name": name}, "stringData": dict(values)}))

    def evict(self, name: str, *, grace_seconds: float = 0.0) -> None:
        """End a pod for the node's sake; it stays, failed with the reason Evicted."""
        self._do(self._life(name).evict(EVICTED, grace_seconds))

    def kill_for_memory(self, name: str) -> None:
        """Kill a pod's first container as the kernel does where its memory limit is passed."""
        self._call(lambda: self._first(name).kill("OOMKilled"))

    def lose_node(self, name: str, *, seconds: float) -> None:
        """A pod's processes are gone at once, the pod itself only after so many seconds. Returns then."""
        self._do(self._life(name).lose_node(seconds))

    def pause(self, name: str) -> None:
        """Freeze a pod's first container."""
        self._call(lambda: self._first(name).pause())

    def resume(self, name: str) -> None:
        """Let it run on. A pod that is gone is no trouble."""
        with suppress(RefusedError):
            self._call(lambda: self._first(name).resume())

    @contextmanager
    def trouble(self, kind: Kind, matching: Matching = lambda _: True) -> Iterator[None]:
        """As long as this lasts, pods that match are `unschedulable`, their `image_missing`, or they start `held` (frozen)."""
        trouble, troubles = Trouble(kind, matching), self._server.api.machine.troubles
        self._call(lambda: troubles.add(trouble))
        try:
            yield
        finally:
            self._call(lambda: troubles.mend(trouble))

    @contextmanager
    def quota(self, **hard: str) -> Iterator[None]:
        """As long as this lasts, the namespace has a quota such as `pods="2"`."""
        body: Json = {"metadata": {"name": "of-the-test"}, "spec": {"hard": hard}}
        quota = self._call(lambda: self._objects().create("resourcequotas", NAMESPACE, body))
        try:
            yield
        finally:
            self._call(lambda: self._objects().remove("resourcequotas", quota))

    @contextmanager
    def away(self) -> Iterator[None]:
        """As long as this lasts, connections are reset and refused; pods run on."""
        self._do(self._server.go_away())
        try:
            yield
        finally:
            self._do(self._server.listen())

    async def _start(self) -> Server:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        machine = Machine(Objects(), self._node, Troubles(), self.folder, path, self._entrypoints)
        server = Server(machine, self.token)
        await server.listen()
        return server

    def _configuration(self) -> Json:
        """A kubeconfig. Names are the ones that an administrator's file would have."""
        context = {"cluster": "loopback", "user": "tests", "namespace": NAMESPACE}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "loopback", "cluster": {"server": self._server.address}}],
            "users": [{"name": "tests", "user": {"token": self.token}}],
            "contexts": [{"name": "loopback", "context": context}],
            "current-context": "loopback",
        }

    def _objects(self) -> Objects:
        return self._server.api.machine.objects

    def _life(self, name: str) -> PodLife:
        return self._server.api.life(NAMESPACE, name)

    def _first(self, name: str) -> Container:
        return self._life(name).container(None)

    def _call(self, function: Callable[[], T]) -> T:
        async def called() -> T:
            return function()

        return self._do(called())

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_SECONDS)
