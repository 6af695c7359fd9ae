"""The namespace as a task reaches it from a worker."""

from airflow.providers.cncf.kubernetes.hooks.kubernetes import KubernetesHook

from egoetl.core.settings import load_settings
from egoetl_airflow.pods.cluster import Cluster, Log
from egoetl_airflow.pods.pod_settings import PodSettings


def cluster_of(pods: PodSettings, log: Log) -> Cluster:
    """The namespace of the pod settings. A connection of Airflow is looked up here, since a worker cannot do that in a coroutine."""
    extras = KubernetesHook(conn_id=pods.access.connection).conn_extras if pods.access.connection else None
    return Cluster(pods.access, pods.namespace, patience_seconds=load_settings().patience_seconds, log=log, connection=extras)
