"""One run of the DAG that faults are played on while it goes, each in a thread of its own that waits for its moment."""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from egoetl.core.errors import TryAgainError
from egoetl.testing.installation import wait_until
from kubernetes_api.pod_installation import DAG, PodInstallation
from kubernetes_api.refusals import Json

T = TypeVar("T")
LEASE = "SELECT token FROM shard_lease AS lease JOIN build ON build.seq = build_seq WHERE name = %s AND stage = %s AND expires_at > now()"
PATIENCE_SECONDS = 1200.0
SLICE_SECONDS = 0.02


@dataclass(frozen=True)
class DisturbedRun:
    """A run, its build, and what a fault looks at and takes hold of."""

    on: PodInstallation
    run_id: str

    @property
    def build(self) -> str:
        """The run's build."""
        return f"egoavu-{self.run_id}"

    def pods(self, task: str) -> list[Json]:
        """The pods of a task that are there now."""
        return self.on.cluster.pods(self.of(task))

    def asked_for(self, task: str) -> list[Json]:
        """Every pod that this task has asked for."""
        return [pod for pod in self.on.cluster.asked_for if self.of(task)(pod)]

    def of(self, task: str) -> Callable[[Json], bool]:
        """Whether a pod is one of this task."""
        return lambda pod: _coordinates(pod) == (self.run_id, f"shard.{task}")

    @contextmanager
    def first_pod(self, task: str) -> Iterator[str]:
        """The task's first pod, frozen before it has done anything; it goes on when this ends."""
        with self.on.cluster.trouble("held", self.of(task)):
            patiently(lambda: any(pod["status"]["phase"] == "Running" for pod in self.pods(task)))
        (pod,) = self.pods(task)
        try:
            yield pod["metadata"]["name"]
        finally:
            self.on.cluster.resume(pod["metadata"]["name"])

    def up_to_its_lease(self, task: str, pod: str) -> None:
        """Let the pod go on, and freeze it again as soon as it has the shard's lease: in the middle of its work."""
        while not self.on.commands.rows(LEASE, self.build, task):
            self.on.cluster.resume(pod)
            time.sleep(SLICE_SECONDS)
            self.on.cluster.pause(pod)
            assert any(found["status"]["phase"] == "Running" for found in self.pods(task)), f"{pod} was too quick"

    def state(self, task: str) -> str | None:
        """The state that Airflow sees the shard's task in; none before it knows the run and its shards."""
        return self._states().get((f"shard.{task}", 0))

    def state_of_gate(self) -> str | None:
        """The state of the run's last task."""
        return self._states().get(("gate", -1))

    def _states(self) -> dict[tuple[str, int], str | None]:
        try:
            instances = self._instances()
        except LookupError:
            return {}
        return {(each["task_id"], each["map_index"]): each["state"] for each in instances}

    def _instances(self) -> list[Json]:
        return _asked(lambda: self.on.local.airflow.api().task_instances(DAG, self.run_id))

    def instance(self, task: str) -> Json:
        """The task's instance as Airflow sees it."""
        name = f"shard.{task}"
        (found,) = [each for each in self._instances() if each["task_id"] == name]
        return found

    def is_deferred(self, task: str) -> bool:
        """Whether the triggerer follows the task's pod; a moment before, Airflow has nobody who could end it."""
        folder = self.on.local.airflow.log_folder / f"dag_id={DAG}" / f"run_id={self.run_id}" / f"task_id=shard.{task}"
        return any(folder.rglob("*.trigger.*.log"))

    def log(self, task: str, attempt: int) -> str:
        """What the interface shows of a try."""
        return "\n".join(_asked(lambda: self.on.local.airflow.api().log(DAG, self.run_id, f"shard.{task}", 0, attempt=attempt)))

    def comes_to(self, task: str, *states: str) -> None:
        """Wait until Airflow sees the task in one of these states."""
        patiently(lambda: self.state(task) in states, every=1.0)

    def ends_well(self, task: str, *, attempt: int | None) -> None:
        """Wait until the task has succeeded, and check at which try (None: at any)."""
        self.comes_to(task, "success", "failed", "upstream_failed")
        found = self.instance(task)
        assert (found["state"], attempt or found["try_number"]) == ("success", found["try_number"]), self.log(task, found["try_number"])


def _asked(question: Callable[[], T]) -> T:
    """What Airflow answers: on a busy machine, with every fault asking, it may let one or two questions time out."""
    for left in range(5, -1, -1):
        try:
            return question()
        except TryAgainError:
            if not left:
                raise
    raise AssertionError


def patiently(happened: Callable[[], Any], *, every: float = 0.25) -> None:
    """Wait until it happens; everything that comes before it in the run may still have to."""
    wait_until(happened, seconds=PATIENCE_SECONDS, every=every)


@contextmanager
def playing(faults: Mapping[str, Callable[[DisturbedRun], None]], run: DisturbedRun) -> Iterator[dict[str, Future[None]]]:
    """Let every fault wait for its moment; what became of it is in its future, by name."""
    with ThreadPoolExecutor(len(faults)) as pool:
        yield {name: pool.submit(fault, run) for name, fault in faults.items()}


def _coordinates(pod: Json) -> tuple[str, str]:
    noted = pod["metadata"].get("annotations") or {}
    return noted.get("egoetl.io/run-id", ""), noted.get("egoetl.io/task-id", "")
