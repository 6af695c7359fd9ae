"""All objects of the cluster, and every change to them, in the order of their resource versions."""

import asyncio
import copy
import uuid
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

from kubernetes_api.refusals import Json, RefusedError, not_found

KINDS = {
    "configmaps": "ConfigMap",
    "endpoints": "Endpoints",
    "events": "Event",
    "persistentvolumeclaims": "PersistentVolumeClaim",
    "pods": "Pod",
    "resourcequotas": "ResourceQuota",
    "secrets": "Secret",
    "services": "Service",
}
REMEMBERED = 5_000
"""Changes that a watch can still be told of; an older resource version is answered with 410."""


class Bell:
    """Wakes everybody who waits. For one event loop: what is waited for is looked at before, without an await between."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake those who wait now."""
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self, seconds: float = 1.0) -> None:
        """Wait for the next ring, and no longer than so."""
        waiting = asyncio.create_task(self._event.wait())
        await asyncio.wait([waiting], timeout=seconds)
        waiting.cancel()


@dataclass(frozen=True)
class Change:
    """One change of one object: what it was (None: it is new) and what it became (None: it is gone)."""

    version: int
    plural: str
    before: Json | None
    after: Json | None


class Objects:
    """Objects by kind, namespace and name. Whoever changes one in place calls `save`."""

    def __init__(self) -> None:
        self.version = 100
        self.changed = Bell()
        self.changes: deque[Change] = deque(maxlen=REMEMBERED)
        self._live: dict[tuple[str, str, str], Json] = {}
        self._saved: dict[tuple[str, str, str], Json] = {}

    def create(self, plural: str, namespace: str, body: Json) -> Json:
        """Add an object, completed with what the API gives each. Raises RefusedError 409 if the name is taken."""
        metadata = body.setdefault("metadata", {})
        name = metadata.get("name") or f"{metadata['generateName']}{uuid.uuid4().hex[:5]}"
        if (plural, namespace, name) in self._live:
            raise RefusedError(409, f'{plural} "{name}" already exists', reason="AlreadyExists")
        metadata.update(name=name, namespace=namespace, uid=str(uuid.uuid4()), creationTimestamp=now())
        body.update(apiVersion="v1", kind=KINDS[plural])
        self._live[plural, namespace, name] = body
        self.save(plural, body)
        return body

    def get(self, plural: str, namespace: str, name: str) -> Json:
        """The object itself, not a copy. Raises RefusedError 404."""
        if (plural, namespace, name) not in self._live:
            raise not_found(plural, name)
        return self._live[plural, namespace, name]

    def all(self, plural: str, namespace: str | None = None) -> list[Json]:
        """The objects of a kind, oldest first, in one namespace or in all."""
        return [found for (kind, place, _), found in self._live.items() if kind == plural and namespace in (None, place)]

    def save(self, plural: str, changed: Json) -> None:
        """Note that an object is new or has changed. One that was removed meanwhile stays removed."""
        key = (plural, changed["metadata"]["namespace"], changed["metadata"]["name"])
        if self._live.get(key) is not changed:
            return
        self.version += 1
        changed["metadata"]["resourceVersion"] = str(self.version)
        self._note(key, copy.deepcopy(changed))

    def remove(self, plural: str, gone: Json) -> None:
        """Note that an object is no more."""
        key = (plural, gone["metadata"]["namespace"], gone["metadata"]["name"])
        if self._live.get(key) is gone:
            del self._live[key]
            self.version += 1
            self._note(key, None)

    def _note(self, key: tuple[str, str, str], after: Json | None) -> None:
        before = self._saved.pop(key, None)
        if after is not None:
            self._saved[key] = after
        self.changes.append(Change(self.version, key[0], before, after))
        self.changed.ring()


def now() -> str:
    """The time as Kubernetes writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
