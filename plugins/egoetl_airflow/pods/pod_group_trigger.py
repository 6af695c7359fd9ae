"""Starts and follows a group of pods in the triggerer. Taken over by another triggerer, it goes on with the pods that run."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict
from typing import Any

from airflow.triggers.base import TaskSuccessEvent, TriggerEvent

from egoetl_airflow.pods.cluster import ClusterAwayError, ClusterRefusedError
from egoetl_airflow.pods.pod_ending import PodEnding
from egoetl_airflow.pods.pod_group import PodGroup, end_group, run_group
from egoetl_airflow.pods.pod_profile import Queueing
from egoetl_airflow.pods.stage_pod_trigger import PodTrigger


class PodGroupTrigger(PodTrigger):
    """Fires once, with the group's ending."""

    fields = ("group", *PodTrigger.fields)

    def __init__(self, *, group: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.group = dict(group)

    async def run(self) -> AsyncIterator[TriggerEvent]:
        queueing = Queueing.model_validate(self.queueing)
        async with self.cluster() as cluster:
            try:
                ending = await run_group(cluster, PodGroup(**self.group), queueing, self.poll_seconds, self.log_line)
                if ending.code == 0:
                    yield TaskSuccessEvent()
                    return
            except ClusterAwayError as error:
                ending = PodEnding(None, str(error))
            except ClusterRefusedError as error:
                ending = PodEnding(None, str(error), again=False)
        yield TriggerEvent(asdict(ending))

    async def on_kill(self) -> None:
        """Somebody marked the task, or cleared it: all its pods end."""
        async with self.cluster() as cluster:
            await end_group(cluster, self.group["labels"])
