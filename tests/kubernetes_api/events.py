"""Events: what happened to an object, for people who ask why."""

import uuid
from typing import Literal

from kubernetes_api.objects import Objects, now
from kubernetes_api.refusals import Json


def note(objects: Objects, pod: Json, reason: str, message: str, *, kind: Literal["Normal", "Warning"] = "Normal") -> None:
    """Add an event about a pod."""
    metadata, at = pod["metadata"], now()
    about = {"apiVersion": "v1", "kind": "Pod", "name": metadata["name"], "namespace": metadata["namespace"], "uid": metadata["uid"]}
    said = {"reason": reason, "message": message, "type": kind, "firstTimestamp": at, "lastTimestamp": at, "count": 1}
    name = {"name": f"{metadata['name']}.{uuid.uuid4().hex[:16]}"}
    objects.create("events", metadata["namespace"], {"metadata": name, "involvedObject": about, **said})
