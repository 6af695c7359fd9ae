"""The operator that runs one `egoetl` command as a pod."""

import asyncio
import shlex
import time
from collections.abc import Collection, Coroutine, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any, TypeVar

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator
from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from airflow.settings import pod_mutation_hook
from kubernetes.client import ApiClient, ApiException, V1Pod
from urllib3.exceptions import HTTPError

from egoetl.core.settings import load_settings
from egoetl_airflow.pods.cluster import Cluster, ClusterAwayError, ClusterRefusedError, QuotaFullError
from egoetl_airflow.pods.from_workers import cluster_of
from egoetl_airflow.pods.pod_ending import PodEnding, raise_for
from egoetl_airflow.pods.pod_following import follow_pod, tidy_away
from egoetl_airflow.pods.pod_manifest import passed_on, pod_manifest
from egoetl_airflow.pods.pod_profile import PodProfile
from egoetl_airflow.pods.pod_settings import PodSettings
from egoetl_airflow.pods.pod_starting import start_pod
from egoetl_airflow.pods.stage_pod_trigger import StagePodTrigger
from egoetl_airflow.pods.task_identity import TaskIdentity
from egoetl_airflow.stage_command import coordinates

KILL_SECONDS = 3
"""For the request that ends the pod: Airflow kills the task's own process 5 s after it asked it to end."""
FIRST_PAUSE, LONGEST_PAUSE = 30.0, 600.0
Answer = TypeVar("Answer")


class StagePodOperator(KubernetesPodOperator):
    """Runs `egoetl ARGUMENTS` in a pod of this profile. `shard_label` names a mapped task's shard in the grid.

    Connection and hooks are the provider's; how a pod is made, found again, followed and judged is egoetl's, since a retry
    must not put a second pod beside one that runs. Deferred or not, the same code follows the pod.
    """

    template_fields: Collection[str] = ("arguments", "shard_label")

    def __init__(
        self, *, profile: PodProfile, pods: PodSettings, arguments: Sequence[Any] = (), shard_label: Any = "", **kwargs: Any
    ) -> None:
        super().__init__(
            namespace=pods.namespace,
            image=profile.image,
            kubernetes_conn_id=pods.access.connection,
            in_cluster=pods.access.in_cluster,
            config_file=pods.access.kube_config,
            cluster_context=pods.access.context,
            do_xcom_push=False,
            deferrable=pods.deferrable,
            durable=False,
            **kwargs,
        )
        self.arguments = arguments
        self.shard_label = shard_label
        self.profile = profile
        self.pods = pods

    # The provider's signature, whose dry run asks nothing of the API; neither does this.
    def build_pod_request_obj(self, context: Mapping[str, Any] | None = None, *, dry_run: bool = False) -> V1Pod:  # noqa: ARG002
        """The pod of this task instance, after the installation's own `pod_mutation_hook`."""
        assert context is not None
        seconds = int(self.execution_timeout.total_seconds()) if self.execution_timeout else None
        arguments = [str(each) for each in self.arguments]
        environment = {**passed_on(), **coordinates(context)}
        pod = PodGenerator.deserialize_model_dict(
            pod_manifest(self.profile, self.pods.namespace, self._identity(context), arguments, environment, seconds)
        )
        pod_mutation_hook(pod)
        return pod

    def execute(self, context: Mapping[str, Any]) -> None:
        self.launch(context)

    # Airflow hands the event of the quota's pause over; it holds nothing.
    def launch(self, context: Mapping[str, Any], event: Any = None, waiting_since: float | None = None, pause: float = FIRST_PAUSE) -> None:  # noqa: ARG002
        """Start the pod or find it, and see it through; come back later where the quota is full."""
        request = self.build_pod_request_obj(context)
        self.log.info("Running %s in a pod", shlex.join([*self.profile.command, *map(str, self.arguments)]))
        while True:
            try:
                self.pod = self._run(self._started(request, context))
                break
            except QuotaFullError as error:
                waiting_since = waiting_since or time.time()
                self._wait_for_quota(error, waiting_since, pause)
                pause = min(2 * pause, LONGEST_PAUSE)
        if self._killed:
            self.on_kill()
        name = self.pod.metadata.name
        self.log.info("Its pod is %s in namespace %s", name, self.pods.namespace)
        if self.deferrable:
            self.defer(trigger=self._trigger(name), method_name="conclude")
        ending = self._run(self._followed(name))
        self.conclude(context, {"name": name, **asdict(ending)})

    def conclude(self, context: Mapping[str, Any], event: Mapping[str, Any]) -> None:  # noqa: ARG002 - Airflow gives it
        """Delete the pod unless it is worth looking at, and raise what its ending means. The event has its `name` and PodEnding."""
        name, ending = event["name"], PodEnding(**{field: value for field, value in event.items() if field != "name"})
        if ending.code == 0 or ending.left_running:
            self._run(self._tidied(name))
        raise_for(ending, f"egoetl {' '.join(map(str, self.arguments[:2]))}")

    def on_kill(self) -> None:
        """End the pod: the task was marked, cleared, or has run out of time. Called in a signal handler, so it is brief."""
        self._killed = True
        if self.pod is None:
            return
        try:
            self.client.delete_namespaced_pod(self.pod.metadata.name, self.pod.metadata.namespace, _request_timeout=KILL_SECONDS)
        except ApiException as error:
            if error.status != 404:
                self.log.warning("Pod %s could not be deleted, the DAG reap_pods will: %s", self.pod.metadata.name, error.reason)
        except HTTPError as error:
            self.log.warning("Pod %s could not be deleted, the DAG reap_pods will: %s", self.pod.metadata.name, error)

    async def _started(self, request: V1Pod, context: Mapping[str, Any]) -> V1Pod:
        async with self._cluster() as cluster:
            pod = await start_pod(cluster, self._identity(context), ApiClient().sanitize_for_serialization(request))
        return PodGenerator.deserialize_model_dict(pod)

    async def _followed(self, name: str) -> PodEnding:
        async with self._cluster() as cluster:
            return await follow_pod(cluster, name, self.pods.queueing, self.pods.poll_seconds, self.log.info)

    async def _tidied(self, name: str) -> None:
        async with self._cluster() as cluster:
            await tidy_away(cluster, name)

    def _run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        try:
            return asyncio.run(work)
        except ClusterAwayError as error:
            raise AirflowException(str(error)) from error
        except ClusterRefusedError as error:
            raise AirflowFailException(str(error)) from error

    def _cluster(self) -> Cluster:
        return cluster_of(self.pods, self.log.info)

    def _identity(self, context: Mapping[str, Any]) -> TaskIdentity:
        return TaskIdentity.of(self.pods.installation, context)

    def _trigger(self, name: str) -> StagePodTrigger:
        return StagePodTrigger(
            name=name,
            namespace=self.pods.namespace,
            access=self.pods.access.model_dump(),
            queueing=self.pods.queueing.model_dump(),
            poll_seconds=self.pods.poll_seconds,
            patience_seconds=load_settings().patience_seconds,
        )

    def _wait_for_quota(self, full: QuotaFullError, since: float, pause: float) -> None:
        """Return after a pause, or come back to `launch` after one. Raises AirflowException where the wait has been too long."""
        waited = time.time() - since
        if waited >= self.pods.queueing.quota_seconds:
            raise AirflowException(f"The quota of namespace {self.pods.namespace} has been full for {waited:.0f} s: {full}")
        pause = min(pause, self.pods.queueing.quota_seconds - waited)
        self.log.info("The quota of namespace %s is full, trying again in %.0f s: %s", self.pods.namespace, pause, full)
        if self.deferrable:
            kwargs = {"waiting_since": since, "pause": min(2 * pause, LONGEST_PAUSE)}
            self.defer(trigger=TimeDeltaTrigger(timedelta(seconds=pause)), method_name="launch", kwargs=kwargs)
        time.sleep(pause)
