"""PostgreSQL and Airflow of this machine, a store on S3, and a cluster that the stages run on."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from egoetl.local.home import Home
from egoetl.local.installation import Installation as LocalInstallation
from egoetl.testing.installation import Footage, Installation
from egoetl.testing.s3_server import S3Server
from kubernetes_api.cluster import Cluster
from kubernetes_api.real_cluster import RealCluster

DAG = "build_egoavu"
SECRET = "egoetl-tests"
# A worker that died is noticed by its missing heartbeat: within five minutes if this were not set.
AIRFLOW_CONFIGURATION = """
[scheduler]
task_instance_heartbeat_timeout = 45
task_instance_heartbeat_timeout_detection_interval = 2
"""
# What tasks import is imported once, before their processes are forked. And pods share the network and the footage of this
# machine: without that, none of a cluster on it would reach PostgreSQL.
LOCAL_SETTINGS = """
import sys

if "scheduler" in sys.argv:
    import airflow.providers.cncf.kubernetes.operators.pod
    import egoetl_airflow.dag_factory
    import kubernetes_asyncio.client


def pod_mutation_hook(pod):
    from kubernetes.client import V1HostPathVolumeSource, V1Volume, V1VolumeMount

    pod.spec.host_network = True
    for number, folder in enumerate({folders!r}):
        pod.spec.volumes.append(V1Volume(name=f"footage-{{number}}", host_path=V1HostPathVolumeSource(path=folder)))
        mount = V1VolumeMount(name=f"footage-{{number}}", mount_path=folder, read_only=True)
        pod.spec.containers[0].volume_mounts.append(mount)
"""


@dataclass(frozen=True)
class PodInstallation:
    """What a test of builds on Kubernetes works with."""

    cluster: Any  # Cluster, or RealCluster, which skips a test that asks it for a fault
    local: LocalInstallation
    commands: Installation
    server: S3Server
    pod_settings: Path

    def configure(self, *, deferrable: bool = True, stages: Mapping[str, Any] | None = None) -> None:
        """Write the pod settings; tasks that start from now on read them."""
        settings = {**_settings(self.cluster), "deferrable": deferrable, "stages": dict(stages or {})}
        partial = self.pod_settings.with_suffix(".partial")
        partial.write_text(yaml.safe_dump(settings))
        partial.replace(self.pod_settings)

    def secrets(self) -> dict[str, str]:
        """What must not be read anywhere, by the variable that holds it in a pod."""
        return _secrets(self.commands.database_url, self.server)

    def trigger(self, run_id: str, footage: Footage) -> None:
        """Start a run of the DAG over the footage, in one shard."""
        api = self.local.airflow.api()
        api.unpause(DAG)
        form = {"manifest": str(footage.manifest), "videos": str(footage.folder)}
        api.trigger(DAG, form, run_id=run_id)

    def has_ended(self, run_id: str) -> bool:
        """Whether a run is over."""
        return self.local.airflow.api().run(DAG, run_id)["state"] in ("success", "failed")

    def states(self, run_id: str) -> dict[str, set[str]]:
        """The run's task instances that did not succeed, by state, as `task` or `task[shard]`."""
        found: dict[str, set[str]] = {}
        for each in self.local.airflow.api().task_instances(DAG, run_id):
            if each["state"] != "success":
                name = each["task_id"] + (f"[{each['map_index']}]" if each["map_index"] >= 0 else "")
                found.setdefault(str(each["state"]), set()).add(name)
        return found


@contextmanager
def running(home: Home, cluster: Cluster | RealCluster, server: S3Server, footage: list[Footage]) -> Generator[PodInstallation]:
    """`egoetl local up` with a store on S3 and stages on the cluster, for as long as this lasts."""
    local = LocalInstallation(home)
    store = {"EGOETL_STORE_URL": f"s3://{server.make_bucket()}/night", **server.environment()}
    pod_settings = home.root / "pods.yaml"
    own = {"EGOETL_HOME": str(home.root), "EGOETL_EXECUTION": "kubernetes", "EGOETL_POD_SETTINGS": str(pod_settings)}
    commands = Installation("", home.root, footage[0], {**store, **own})
    installation = PodInstallation(cluster, local, commands, server, pod_settings)
    installation.configure()
    _write_airflow_files(home, footage)
    try:
        commands.run("local", "up")
        commands.database_url = local.settings()["EGOETL_DATABASE_URL"]
        cluster.create_secret(SECRET, installation.secrets())
        local.airflow.wait_for_dag(DAG)
        yield installation
    finally:
        local.remove()


def _write_airflow_files(home: Home, footage: list[Footage]) -> None:
    folder = home.root / "airflow"
    (folder / "config").mkdir(parents=True)
    (folder / "airflow.cfg").write_text(AIRFLOW_CONFIGURATION)
    local_settings = LOCAL_SETTINGS.format(folders=[str(each.folder) for each in footage])
    (folder / "config" / "airflow_local_settings.py").write_text(local_settings)


def _settings(cluster: Cluster | RealCluster) -> dict[str, Any]:
    names = ("EGOETL_DATABASE_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    return {
        "namespace": cluster.namespace,
        "installation": "tests",
        "access": {"kube_config": str(cluster.kubeconfig)},
        "poll_seconds": 0.5,
        "defaults": {
            "image": cluster.image,
            "cpu": "100m",
            "memory": "1Gi",
            "scratch": "1Gi",
            "grace_seconds": 10,
            "environment": {"AWS_EC2_METADATA_DISABLED": "true"},
            "secrets": {name: {"secret": SECRET, "key": name} for name in names},
        },
    }


def _secrets(database_url: str, server: S3Server) -> dict[str, str]:
    keys = {"AWS_ACCESS_KEY_ID": server.access_key, "AWS_SECRET_ACCESS_KEY": server.secret_key}
    return {"EGOETL_DATABASE_URL": database_url, **keys}
