"""The operator that deletes the pods of this installation that have no reason to be there any more."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance

from egoetl_airflow.pods.cluster import ClusterAwayError, ClusterRefusedError
from egoetl_airflow.pods.from_workers import cluster_of
from egoetl_airflow.pods.pod_settings import PodSettings
from egoetl_airflow.pods.reaping import reap
from egoetl_airflow.pods.task_identity import TaskIdentity


class ReapPodsOperator(BaseOperator):
    """Reaps the pods of this installation, by its labels and in its namespace."""

    def __init__(self, *, pods: PodSettings, **kwargs: Any) -> None:
        super().__init__(do_xcom_push=False, **kwargs)
        self.pods = pods

    def execute(self, context: Mapping[str, Any]) -> None:  # noqa: ARG002 - Airflow gives it
        try:
            reaped = asyncio.run(self._reap())
        except ClusterAwayError as error:
            raise AirflowException(str(error)) from error
        except ClusterRefusedError as error:
            raise AirflowFailException(str(error)) from error
        self.log.info("%d pods deleted", len(reaped))

    async def _reap(self) -> dict[str, str]:
        async with cluster_of(self.pods, self.log.info) as cluster:
            return await reap(cluster, self.pods.installation, timedelta(hours=self.pods.keep_failed_hours), state_of)


async def state_of(identity: TaskIdentity) -> str | None:
    """What Airflow says of a task instance; None if it has none such."""
    mapped = identity.map_index >= 0
    states = await asyncio.to_thread(
        RuntimeTaskInstance.get_task_states,
        dag_id=identity.dag_id,
        task_ids=[identity.task_id],
        run_ids=[identity.run_id],
        map_index=identity.map_index if mapped else None,
    )
    key = f"{identity.task_id}_{identity.map_index}" if mapped else identity.task_id
    return states.get(identity.run_id, {}).get(key)
