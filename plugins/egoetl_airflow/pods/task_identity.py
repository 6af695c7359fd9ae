"""Which task of Airflow a pod belongs to: its labels, by which it is found again, and a name that only one pod can have."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

INSTALLATION = "app.kubernetes.io/instance"
PART_OF = "app.kubernetes.io/part-of"
TASK = "egoetl.io/task"
RANK = "egoetl.io/rank"
TRY = "egoetl.io/try"
COORDINATES = ("dag-id", "run-id", "task-id", "map-index", "try-number")
"""Exact in annotations; labels may not hold every character of a run's id."""


@dataclass(frozen=True)
class TaskIdentity:
    """One task instance of one Airflow: the same for all its tries."""

    installation: str
    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    try_number: int

    @classmethod
    def of(cls, installation: str, context: Mapping[str, Any]) -> "TaskIdentity":
        """The identity of the task that runs."""
        ti = context["ti"]
        return cls(installation, ti.dag_id, ti.run_id, ti.task_id, -1 if ti.map_index is None else ti.map_index, ti.try_number)

    @classmethod
    def read(cls, pod: Mapping[str, Any]) -> "TaskIdentity":
        """The identity that a pod was made with. Raises KeyError, ValueError for a pod that is not one of ours."""
        metadata = pod["metadata"]
        dag_id, run_id, task_id, map_index, try_number = (metadata["annotations"][f"egoetl.io/{name}"] for name in COORDINATES)
        return cls(metadata["labels"][INSTALLATION], dag_id, run_id, task_id, int(map_index), int(try_number))

    @property
    def digest(self) -> str:
        """The same for every try of this task instance, and for no other."""
        parts = (self.installation, self.dag_id, self.run_id, self.task_id, str(self.map_index))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]

    @property
    def labels(self) -> dict[str, str]:
        """What all its pods have, and the pods of nothing else."""
        return {**installation_labels(self.installation), TASK: self.digest}

    @property
    def annotations(self) -> dict[str, str]:
        """For people, and for the reaper."""
        values = (self.dag_id, self.run_id, self.task_id, str(self.map_index), str(self.try_number))
        return {f"egoetl.io/{name}": value for name, value in zip(COORDINATES, values, strict=True)}

    def pod_name(self, generation: int) -> str:
        """The name of its n-th pod. Two workers that want to start one at once want the same name, and only one gets it."""
        stem = re.sub(r"[^a-z0-9]+", "-", self.task_id.rpartition(".")[2].lower()).strip("-")[:20].strip("-")
        return f"egoetl-{stem}-{self.digest}-{generation}"

    @staticmethod
    def group_pod_name(name: str, try_id: str, rank: int) -> str:
        """The name of a rank's pod, from that of a single pod: each try has its own."""
        return f"{name.rpartition('-')[0]}-{hashlib.sha256(try_id.encode()).hexdigest()[:8]}-{rank}"


def installation_labels(installation: str) -> dict[str, str]:
    """What every pod of this installation has."""
    return {PART_OF: "egoetl", INSTALLATION: installation}


def selector(labels: Mapping[str, str]) -> str:
    """The label selector that finds pods with all of these labels."""
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


def generation_of(pod: Mapping[str, Any]) -> int:
    """Which of its task's pods this is."""
    return int(pod["metadata"]["name"].rpartition("-")[2])
