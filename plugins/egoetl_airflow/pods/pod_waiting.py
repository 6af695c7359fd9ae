"""What a pod that has not started waits for, for how long that is worth waiting, and what to say when it is not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from egoetl_airflow.pods.pod_ending import PodEnding
from egoetl_airflow.pods.pod_manifest import CONTAINER
from egoetl_airflow.pods.pod_profile import Queueing

NEVER = ("InvalidImageName", "ErrImageNeverPull")
PULLS = ("ErrImagePull", "ImagePullBackOff", "RegistryUnavailable")
NOT_THERE = ("not found", "manifest unknown", "denied", "unauthorized", "couldn't find key")
"""In a message of the kubelet these mean that somebody has to act. Anything else may pass."""
SECOND_TRY_SECONDS = 30.0


@dataclass(frozen=True)
class Waiting:
    """`what` is the phase of waiting, `why` what Kubernetes says, `seconds` how long it may take; `hopeless`: nothing will change."""

    what: str
    why: str
    seconds: float
    hopeless: bool = False

    def given_up(self, name: str) -> PodEnding:
        """The ending of a pod that is not waited for any longer."""
        if self.hopeless:
            return PodEnding(None, f"Pod {name} cannot start: {self.why}", again=False, left_running=True)
        return PodEnding(None, f"Pod {name} waited {self.seconds:.0f} s for {self.what}: {self.why}", left_running=True)


def waiting_of(pod: Mapping[str, Any], queueing: Queueing) -> Waiting | None:
    """What the pod waits for; None once its container has started."""
    status = pod.get("status") or {}
    if status.get("phase") not in (None, "Pending", "Unknown"):
        return None
    container = _container_waiting(status)
    if container is not None and container.get("reason") not in (None, "ContainerCreating", "PodInitializing"):
        return _trouble(container, queueing)
    for condition in status.get("conditions") or ():
        if condition.get("type") == "PodScheduled" and condition.get("status") == "True":
            return Waiting("its container", "it is being created", queueing.start_seconds)
        if condition.get("type") == "PodScheduled":
            why = condition.get("message") or condition.get("reason") or "no node has room"
            return Waiting("a node", why, queueing.schedule_seconds)
    return Waiting("a node", "the scheduler has not looked at it yet", queueing.schedule_seconds)


def _trouble(waiting: Mapping[str, Any], queueing: Queueing) -> Waiting:
    reason = waiting["reason"]
    why = f"{reason}: {waiting.get('message') or 'no message'}"
    not_there = any(each in why.lower() for each in NOT_THERE)
    if reason in NEVER or (reason == "CreateContainerConfigError" and not_there):
        return Waiting("its container", why, 0, hopeless=True)
    if reason in PULLS:
        # Where the registry says no, the kubelet's second try hears it too; where it is away, that may pass.
        seconds = min(SECOND_TRY_SECONDS, queueing.image_seconds) if not_there else queueing.image_seconds
        return Waiting("its image", why, seconds, hopeless=not_there)
    return Waiting("its container", why, queueing.start_seconds)


def _container_waiting(status: Mapping[str, Any]) -> Mapping[str, Any] | None:
    for container in status.get("containerStatuses") or ():
        if container["name"] == CONTAINER:
            return (container.get("state") or {}).get("waiting")
    return None
