"""The one node of the cluster, and whether a pod may run on it, in the scheduler's words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kubernetes_api.admission import ENDED, usage_of
from kubernetes_api.refusals import Json

COUNTED = ("nvidia.com/gpu", "amd.com/gpu")


@dataclass(frozen=True)
class Node:
    """A node with labels, taints and so many devices."""

    name: str = "loopback"
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    taints: Sequence[Mapping[str, str]] = ()
    devices: Mapping[str, int] = field(default_factory=lambda: {"nvidia.com/gpu": 8})

    def refusal(self, pod: Json, others: Sequence[Json]) -> str | None:
        """Why the pod cannot be placed here now; None if it can."""
        wanted: Mapping[str, str] = pod["spec"].get("nodeSelector") or {}
        if any(self.labels.get(name) != value for name, value in wanted.items()):
            return "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."
        for taint in self.taints:
            if taint["effect"] != "PreferNoSchedule" and not any(_tolerates(each, taint) for each in pod["spec"].get("tolerations") or []):
                return f"0/1 nodes are available: 1 node(s) had untolerated taint {{{taint['key']}: {taint.get('value', '')}}}."
        placed = [usage_of(other) for other in others if other["spec"].get("nodeName") and other["status"]["phase"] not in ENDED]
        for device in COUNTED:
            asked = usage_of(pod)[f"limits.{device}"]
            if asked and asked + sum(usage[f"limits.{device}"] for usage in placed) > self.devices.get(device, 0):
                return f"0/1 nodes are available: 1 Insufficient {device}."
        return None


def _tolerates(toleration: Json, taint: Mapping[str, str]) -> bool:
    if toleration.get("effect") not in (None, "", taint["effect"]):
        return False
    if toleration.get("operator", "Equal") == "Exists":
        return toleration.get("key") in (None, "", taint["key"])
    return toleration.get("key") == taint["key"] and toleration.get("value", "") == taint.get("value", "")
