"""Waits for a pod in the triggerer: no worker's slot is held, and the pod's log lines are the task's as they come."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict
from typing import Any, ClassVar

from airflow.triggers.base import BaseTrigger, TaskSuccessEvent, TriggerEvent

from egoetl_airflow.pods.cluster import Cluster, ClusterAwayError, ClusterRefusedError
from egoetl_airflow.pods.pod_ending import PodEnding
from egoetl_airflow.pods.pod_following import follow_pod, tidy_away
from egoetl_airflow.pods.pod_profile import Queueing
from egoetl_airflow.pods.pod_settings import Access


class PodTrigger(BaseTrigger):
    """What triggers need to reach a namespace. Everything is in their arguments, and no secret is."""

    fields: ClassVar[tuple[str, ...]] = ("namespace", "access", "queueing", "poll_seconds", "patience_seconds")

    def __init__(
        self,
        *,
        namespace: str,
        access: Mapping[str, Any],
        queueing: Mapping[str, Any],
        poll_seconds: float,
        patience_seconds: float,
    ) -> None:
        super().__init__()
        self.namespace = namespace
        self.access = dict(access)
        self.queueing = dict(queueing)
        self.poll_seconds = poll_seconds
        self.patience_seconds = patience_seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{type(self).__module__}.{type(self).__qualname__}", {field: getattr(self, field) for field in self.fields}

    def cluster(self) -> Cluster:
        """The namespace, reached from the triggerer."""
        access = Access.model_validate(self.access)
        return Cluster(access, self.namespace, patience_seconds=self.patience_seconds, log=self.log_line)

    def log_line(self, line: str) -> None:
        """A line of the task's log."""
        self.log.info("%s", line)


class StagePodTrigger(PodTrigger):
    """Fires once, with the ending of the pod of this name.

    A success ends here, without another process of a worker. It would cost a second, and Airflow fails a task that is back
    at work before its scheduler has heard that it had deferred.
    """

    fields = ("name", *PodTrigger.fields)

    def __init__(self, *, name: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.name = name

    async def run(self) -> AsyncIterator[TriggerEvent]:
        queueing = Queueing.model_validate(self.queueing)
        async with self.cluster() as cluster:
            try:
                ending = await follow_pod(cluster, self.name, queueing, self.poll_seconds, self.log_line)
                if ending.code == 0:
                    await tidy_away(cluster, self.name)
                    yield TaskSuccessEvent()
                    return
            except ClusterAwayError as error:
                ending = PodEnding(None, str(error))
            except ClusterRefusedError as error:
                ending = PodEnding(None, str(error), again=False)
        yield TriggerEvent({"name": self.name, **asdict(ending)})

    async def on_kill(self) -> None:
        """Somebody marked the task, or cleared it: its pod ends."""
        async with self.cluster() as cluster:
            await cluster.delete(self.name)
