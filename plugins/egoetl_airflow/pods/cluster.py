"""The Kubernetes API as this package uses it: pods as plain values, and an API server that is away is waited for."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self, TypeVar

import aiohttp
from airflow.providers.cncf.kubernetes.hooks.kubernetes import AsyncKubernetesHook
from airflow.sdk.exceptions import AirflowException
from kubernetes_asyncio.client import ApiClient, ApiException, CoreV1Api
from kubernetes_asyncio.config import ConfigException

from egoetl_airflow.pods.pod_manifest import CONTAINER
from egoetl_airflow.pods.pod_settings import Access
from egoetl_airflow.pods.task_identity import selector

Log = Callable[[str], None]
Answer = TypeVar("Answer")
PASSING = {408, 429, 500, 502, 503, 504}
LONGEST_PAUSE = 15.0
UNAUTHORISED_TRIES = 2


class ClusterAwayError(Exception):
    """The API server has not answered for as long as one may wait for it."""


class ClusterRefusedError(Exception):
    """The API server will not do it, and would not later either."""


class QuotaFullError(Exception):
    """The namespace has used up its quota: later there may be room."""


class NameTakenError(Exception):
    """There is a pod of that name already."""


class Cluster:
    """One namespace. Use it with `async with`; what it says about waiting goes to `log`."""

    def __init__(
        self, access: Access, namespace: str, *, patience_seconds: float, log: Log, connection: Mapping[str, Any] | None = None
    ) -> None:
        self.namespace = namespace
        self.log = log
        self._patience = patience_seconds
        self._access, self._extras = access, connection
        self._connection = AsyncExitStack()
        self._client: ApiClient | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._disconnect()

    async def pod(self, name: str) -> dict[str, Any] | None:
        """The pod of that name; None if there is none."""
        try:
            return await self._plain(lambda api: api.read_namespaced_pod(name, self.namespace))
        except ApiException as error:
            if error.status == 404:
                return None
            raise self._refused(f"read pod {name}", error) from error

    async def pods(self, labels: Mapping[str, str]) -> list[dict[str, Any]]:
        """All pods with these labels."""
        try:
            found = await self._plain(lambda api: api.list_namespaced_pod(self.namespace, label_selector=selector(labels)))
        except ApiException as error:
            raise self._refused("list pods", error) from error
        return found["items"]

    async def create(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        """Make the pod. Raises NameTakenError, QuotaFullError."""
        name = manifest["metadata"]["name"]
        try:
            return await self._plain(lambda api: api.create_namespaced_pod(self.namespace, manifest))
        except ApiException as error:
            if error.status == 409:  # not a conflict, which is tried again
                raise NameTakenError(name) from error
            if error.status == 403 and "exceeded quota" in str(error.body):
                raise QuotaFullError(_said(error)) from error
            raise self._refused(f"create pod {name}", error) from error

    async def delete(self, name: str) -> None:
        """Have the pod ended, within its own grace period. One that is gone already is no trouble."""
        try:
            await self._patiently(lambda api: api.delete_namespaced_pod(name, self.namespace))
        except ApiException as error:
            if error.status != 404:
                raise self._refused(f"delete pod {name}", error) from error

    async def log_lines(self, name: str, since_seconds: int | None) -> list[str] | None:
        """Lines of the container's log, each after its timestamp and a space; None where its node does not give them now."""
        more = {} if since_seconds is None else {"since_seconds": since_seconds}

        async def read(api: CoreV1Api) -> bytes | None:
            answer = await api.read_namespaced_pod_log(
                name, self.namespace, container=CONTAINER, timestamps=True, _preload_content=False, **more
            )
            if answer.status >= 500:
                return None  # what is wrong with a node, its pod's state says
            if answer.status >= 300:
                raise ApiException(http_resp=_Answer(answer.status, answer.reason, await answer.read(), answer.headers))
            return await answer.read()

        try:
            text = await self._patiently(read)
        except ApiException as error:
            if error.status in (400, 404):
                return []  # the container is not there yet, or not any more
            raise self._refused(f"read the log of pod {name}", error) from error
        return None if text is None else text.decode("utf-8", errors="replace").splitlines()

    async def _plain(self, call: Callable[[CoreV1Api], Awaitable[Any]]) -> Any:
        async def plain(api: CoreV1Api) -> Any:
            return api.api_client.sanitize_for_serialization(await call(api))

        return await self._patiently(plain)

    async def _patiently(self, call: Callable[[CoreV1Api], Awaitable[Answer]]) -> Answer:
        """Repeat the call until the API server answers. Raises ClusterAwayError, and ApiException for an answer that is a no."""
        deadline, pause, unauthorised = time.monotonic() + self._patience, 0.5, 0
        while True:
            try:
                return await call(await self._api())
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                said = str(error) or type(error).__name__
            except ApiException as error:
                unauthorised += error.status == 401
                if not (_passes(error) or (error.status == 401 and unauthorised < UNAUTHORISED_TRIES)):
                    raise
                said = _said(error)
            await self._disconnect()  # the next try connects anew, with credentials that may be new too
            if time.monotonic() + pause > deadline:
                raise ClusterAwayError(f"The Kubernetes API has not answered for {self._patience:.0f} s: {said}")
            self.log(f"The Kubernetes API does not answer ({said}); trying again.")
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _api(self) -> CoreV1Api:
        if self._client is None:
            _require(self._access.kube_config)
            try:
                # A hook keeps the credentials that it has read, so each connection has its own.
                hook = _hook(self._access, self._extras)
                self._client = await self._connection.enter_async_context(hook.get_conn())
            except (ConfigException, AirflowException) as error:
                raise ClusterRefusedError(f"`access` in the pod settings leads to no Kubernetes API: {error}") from error
        return CoreV1Api(self._client)

    async def _disconnect(self) -> None:
        # Replaced first: other requests of this process may connect anew meanwhile.
        connection, self._connection, self._client = self._connection, AsyncExitStack(), None
        await connection.aclose()

    def _refused(self, what: str, error: ApiException) -> ClusterRefusedError:
        return ClusterRefusedError(f"The Kubernetes API refuses to {what} in namespace {self.namespace}: {_said(error)} ({error.status})")


class _Answer:
    """What ApiException reads of a response that was not loaded beforehand."""

    def __init__(self, status: int, reason: str, data: bytes, headers: Any) -> None:
        self.status, self.reason, self.data, self._headers = status, reason, data, headers

    def getheaders(self) -> Any:
        return self._headers


def _require(file: str | None) -> None:
    if file and not Path(file).is_file():
        raise ClusterRefusedError(f"`access` in the pod settings names {file}, and there is no such file")


def _hook(access: Access, connection: Mapping[str, Any] | None) -> AsyncKubernetesHook:
    if access.connection:
        extras = None if connection is None else dict(connection)
        return AsyncKubernetesHook(conn_id=access.connection, connection_extras=extras, cluster_context=access.context)
    extras = {"kube_config_path": access.kube_config} if access.kube_config else {}
    return AsyncKubernetesHook(connection_extras=extras, in_cluster=access.in_cluster, cluster_context=access.context)


def _passes(error: ApiException) -> bool:
    """Whether the same request may succeed a little later. A conflict is somebody's change in between, such as of a quota's count."""
    return error.status in PASSING or (error.status == 409 and _field(error, "reason") == "Conflict")


def _said(error: ApiException) -> str:
    return _field(error, "message") or str(error.reason or error.body or "no reason given")


def _field(error: ApiException, name: str) -> str:
    """A field of the API's answer, which is JSON unless something in between has answered."""
    try:
        return str(json.loads(error.body)[name])
    except (TypeError, ValueError, KeyError):
        return ""
