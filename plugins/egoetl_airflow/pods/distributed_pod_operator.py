"""The operator of a job that several pods work on together, such as training over more than one node."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator
from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from airflow.settings import pod_mutation_hook
from kubernetes.client import ApiClient

from egoetl.core.settings import load_settings
from egoetl_airflow.pods.cluster import ClusterAwayError, ClusterRefusedError
from egoetl_airflow.pods.from_workers import cluster_of
from egoetl_airflow.pods.pod_ending import PodEnding, raise_for
from egoetl_airflow.pods.pod_group import PodGroup, end_group, run_group
from egoetl_airflow.pods.pod_group_trigger import PodGroupTrigger
from egoetl_airflow.pods.pod_manifest import passed_on, pod_manifest
from egoetl_airflow.pods.pod_profile import PodProfile
from egoetl_airflow.pods.pod_settings import PodSettings
from egoetl_airflow.pods.task_identity import TaskIdentity
from egoetl_airflow.stage_command import coordinates


class DistributedPodOperator(BaseOperator):
    """Runs one command in `pods` pods of this profile at once, with `processes` in each where torchrun starts them.

    The pods meet at rank 0's address and `port`, by the variables of torch.distributed (RANK, WORLD_SIZE, MASTER_ADDR,
    MASTER_PORT) and those of torchrun (PET_NNODES and its like).
    """

    template_fields: Collection[str] = ("arguments",)
    _work: "asyncio.Task[PodEnding] | None" = None

    def __init__(
        self,
        *,
        profile: PodProfile,
        settings: PodSettings,
        arguments: Sequence[Any],
        pods: int,
        processes: int = 1,
        port: int = 29500,
        **kwargs: Any,
    ) -> None:
        super().__init__(do_xcom_push=False, **kwargs)
        self.arguments = arguments
        self.profile = profile
        self.settings = settings
        self.pods = pods
        self.processes = processes
        self.port = port

    def execute(self, context: Mapping[str, Any]) -> None:
        group = self.group(context)
        if self.settings.deferrable:
            self.defer(trigger=self._trigger(group), method_name="conclude")
        try:
            ending = asyncio.run(self._run(group))
        except ClusterAwayError as error:
            raise AirflowException(str(error)) from error
        except ClusterRefusedError as error:
            raise AirflowFailException(str(error)) from error
        except asyncio.CancelledError as error:
            raise AirflowException("The job was stopped, and its pods with it.") from error
        self.conclude(context, asdict(ending))

    def conclude(self, context: Mapping[str, Any], event: Mapping[str, Any]) -> None:  # noqa: ARG002 - Airflow gives it
        """Raise what the ending means."""
        raise_for(PodEnding(**event), f"{' '.join(map(str, self.arguments[:2]))} on {self.pods} pods")

    def on_kill(self) -> None:
        """End the pods: the task was marked, cleared, or has run out of time. Called in a signal handler."""
        if self._work is not None:
            self._work.get_loop().call_soon_threadsafe(self._work.cancel)

    def group(self, context: Mapping[str, Any]) -> PodGroup:
        """The pods of this try."""
        identity = TaskIdentity.of(self.settings.installation, context)
        seconds = int(self.execution_timeout.total_seconds()) if self.execution_timeout else None
        environment = {**passed_on(), **coordinates(context)}
        arguments = [str(each) for each in self.arguments]
        pod = PodGenerator.deserialize_model_dict(
            pod_manifest(self.profile, self.settings.namespace, identity, arguments, environment, seconds)
        )
        pod_mutation_hook(pod)
        manifest = ApiClient().sanitize_for_serialization(pod)
        return PodGroup(manifest, identity.labels, str(context["ti"].id), self.pods, self.processes, self.port)

    async def _run(self, group: PodGroup) -> PodEnding:
        async with cluster_of(self.settings, self.log.info) as cluster:
            self._work = asyncio.create_task(run_group(cluster, group, self.settings.queueing, self.settings.poll_seconds, self.log.info))
            try:
                return await self._work
            except asyncio.CancelledError:
                await end_group(cluster, group.labels)
                raise

    def _trigger(self, group: PodGroup) -> PodGroupTrigger:
        return PodGroupTrigger(
            group=asdict(group),
            namespace=self.settings.namespace,
            access=self.settings.access.model_dump(),
            queueing=self.settings.queueing.model_dump(),
            poll_seconds=self.settings.poll_seconds,
            patience_seconds=load_settings().patience_seconds,
        )
