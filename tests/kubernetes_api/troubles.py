"""What a test makes go wrong in the cluster: for which pods, until it is mended."""

from dataclasses import dataclass, field
from typing import Literal

from kubernetes_api.objects import Bell
from kubernetes_api.refusals import Json
from kubernetes_api.selectors import Matching

Kind = Literal["unschedulable", "image_missing", "registry_away", "held"]
IMAGE_TROUBLES: tuple[Kind, ...] = ("image_missing", "registry_away")
MESSAGES = {
    "unschedulable": "0/1 nodes are available: 1 node(s) were unschedulable. preemption: 0/1 nodes are available.",
    "image_missing": 'failed to pull and unpack image: failed to resolve reference "{image}": not found',
    "registry_away": 'failed to pull image "{image}": failed to do request: dial tcp 127.0.0.1:5000: connect: connection refused',
    "held": "a test holds the container",
}


@dataclass(frozen=True, eq=False)
class Trouble:
    """One kind of trouble for the pods that match."""

    kind: Kind
    matching: Matching


@dataclass
class Troubles:
    """The troubles of now."""

    changed: Bell = field(default_factory=Bell)
    _now: list[Trouble] = field(default_factory=list[Trouble])

    def add(self, trouble: Trouble) -> None:
        """From now on it is so."""
        self._now.append(trouble)
        self.changed.ring()

    def mend(self, trouble: Trouble) -> None:
        """It is over."""
        self._now.remove(trouble)
        self.changed.ring()

    def concern(self, kind: Kind, pod: Json) -> bool:
        """Whether this pod has that trouble now."""
        return any(trouble.kind == kind and trouble.matching(pod) for trouble in self._now)

    def of_image(self, pod: Json) -> Kind | None:
        """Why this pod's image cannot be had now; None if it can."""
        return next((kind for kind in IMAGE_TROUBLES if self.concern(kind, pod)), None)
