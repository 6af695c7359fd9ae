"""A build of the DAG on pods with its store on S3: from the form through LocalExecutor and triggerer to the published version."""

import json
from typing import Any

import pytest
from kubernetes_api.pod_installation import DAG, PodInstallation
from kubernetes_api.published import published_on_s3

from egoetl.testing.installation import Footage, wait_until
from egoetl.testing.s3_server import S3Server

pytestmark = [pytest.mark.slow, pytest.mark.needs("radosgw"), pytest.mark.timeout(2400)]
RUN, BUILD = "night", "egoavu-night"
BUILD_SECONDS = 1500.0
ALLOWED = {"create pods", "get pods", "list pods", "delete pods", "get pods/log"}
"""What docs/kubernetes.md asks for."""


@pytest.fixture(scope="module")
def built(pod_installation: PodInstallation, small_footage: Footage) -> dict[str, Any]:
    """The report of the build over the small footage, which Airflow has made on pods."""
    pod_installation.trigger(RUN, small_footage)
    wait_until(lambda: pod_installation.has_ended(RUN), seconds=BUILD_SECONDS, every=1.0)
    assert pod_installation.states(RUN) == {}
    return pod_installation.commands.json("build", "show", BUILD)


def test_pods_publish_what_a_local_build_publishes(
    built: dict[str, Any], undisturbed: Any, small_footage: Footage, radosgw: S3Server
) -> None:
    local, published = undisturbed(BUILD, small_footage)
    assert built["counts"] == local["counts"]
    assert built["version_state"] == "published"
    assert published_on_s3(radosgw, built) == published


@pytest.mark.usefixtures("built")
def test_the_log_of_a_pod_is_the_log_of_its_task(pod_installation: PodInstallation) -> None:
    lines = pod_installation.local.airflow.api().log(DAG, RUN, "shard.caption", 0)
    assert any(line.startswith(f"Running egoetl stage run --build {BUILD} --stages caption --shard 0") for line in lines)
    assert any(line.startswith("caption shard 0: ") and "failed 0" in line for line in lines), lines


@pytest.mark.usefixtures("built")
def test_each_stage_is_one_pod_of_one_container_and_none_is_left(pod_installation: PodInstallation) -> None:
    asked_for = pod_installation.cluster.asked_for
    tasks = pod_installation.local.airflow.api().task_instances(DAG, RUN)
    ran = sorted(each["task_id"] for each in tasks if each["task_id"] not in ("plan", "gate"))
    assert sorted({pod["metadata"]["annotations"]["egoetl.io/task-id"] for pod in asked_for}) == ran
    assert all([container["name"] for container in pod["spec"]["containers"]] == ["base"] for pod in asked_for)
    assert not any(pod["spec"].get("initContainers") for pod in asked_for)
    assert pod_installation.cluster.pods() == []


@pytest.mark.usefixtures("built")
def test_no_secret_is_in_a_pod_or_a_log(pod_installation: PodInstallation) -> None:
    secrets = pod_installation.secrets()
    specifications = json.dumps(pod_installation.cluster.asked_for)
    logs = "".join(file.read_text(errors="replace") for file in pod_installation.local.airflow.log_folder.rglob("*.log"))
    logs += "".join(file.read_text(errors="replace") for file in (pod_installation.local.home.root / "logs").glob("*.log"))
    for name, value in secrets.items():
        assert name in specifications, "the reference"
        assert value not in specifications, name
        assert value not in logs, name
    password = pod_installation.local.home.secret("postgres.password")
    assert password not in specifications + logs


@pytest.mark.usefixtures("built")
def test_airflow_asks_kubernetes_for_no_more_than_it_is_allowed(pod_installation: PodInstallation) -> None:
    asked = {call for call in pod_installation.cluster.calls if not call.endswith("secrets")}
    assert asked <= ALLOWED
