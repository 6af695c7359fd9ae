"""EGOETL_EXECUTION=kubernetes: which tasks of a DAG are pods, what doctor says of it, and how a bad file shows."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from airflow.dag_processing.dagbag import DagBag
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes_api.cluster import Cluster
from pod_files import changed

from egoetl_airflow.checks import airflow_checks
from egoetl_airflow.pods.pod_checks import pod_checks
from egoetl_airflow.pods.stage_pod_operator import StagePodOperator

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def pods_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "pods.yaml"
    monkeypatch.setenv("EGOETL_EXECUTION", "kubernetes")
    monkeypatch.setenv("EGOETL_POD_SETTINGS", str(file))
    return file


def write(file: Path, **changes: Any) -> None:
    file.write_text(yaml.safe_dump(changed(**changes)))


def test_stages_and_publish_are_pods_in_the_same_pools(pods_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(pods_file)
    bag = DagBag(dag_folder=REPOSITORY / "dags")
    assert bag.import_errors == {}
    assert "reap_pods" in bag.dags
    build = bag.dags["build_egoavu"]
    processes = {task.task_id for task in build.tasks if not isinstance(task, StagePodOperator)}
    assert processes == {"plan", "gate"}
    assert build.get_task("shard.caption").profile.gpu.count == 1
    monkeypatch.setenv("EGOETL_EXECUTION", "local")
    local = DagBag(dag_folder=REPOSITORY / "dags")
    assert "reap_pods" not in local.dags
    assert local.dags["build_egoavu"].task_ids == build.task_ids
    pools = {task.task_id: task.pool for task in local.dags["build_egoavu"].tasks}
    assert {task.task_id: task.pool for task in build.tasks} == pools


def test_a_bad_file_shows_as_an_import_error_with_its_sentence(pods_file: Path) -> None:
    write(pods_file, defaults__memory="16 gigs")
    errors = DagBag(dag_folder=REPOSITORY / "dags").import_errors
    assert errors
    assert all("defaults.memory: '16 gigs' is no quantity" in error for error in errors.values())


def test_only_stage_pods_are_made_with_the_providers_operator() -> None:
    assert KubernetesPodOperator.__subclasses__() == [StagePodOperator]


def test_doctor_says_that_the_namespace_answers(pods_file: Path, cluster: Cluster) -> None:
    write(pods_file, access={"kube_config": str(cluster.kubeconfig)})
    checks = {check["name"]: check for check in airflow_checks()}
    assert checks["pod settings"]["ok"]
    assert (checks["kubernetes"]["ok"], checks["kubernetes"]["detail"]) == (True, "namespace default answers, 0 pods of egoetl in it")


@pytest.mark.parametrize(
    ("changes", "name", "detail"),
    [
        ({"defaults__memory": "1 GB"}, "pod settings", "'1 GB' is no quantity"),
        ({"roles__onmi": {}}, "pod settings", "roles.onmi, which no recipe has"),
        ({}, "kubernetes", "/nowhere/kubeconfig"),
    ],
)
def test_doctor_says_what_is_wrong(changes: dict[str, Any], name: str, detail: str, pods_file: Path) -> None:
    write(pods_file, **changes)
    (check,) = (each for each in pod_checks() if not each["ok"])
    assert check["name"] == name
    assert detail in check["detail"]


def test_doctor_does_not_wait_long_for_an_api_server_that_is_away(pods_file: Path, cluster: Cluster) -> None:
    write(pods_file, access={"kube_config": str(cluster.kubeconfig)})
    with cluster.away():
        *_, check = pod_checks()
    assert (check["name"], check["ok"]) == ("kubernetes", False)
    assert "has not answered for 2 s" in check["detail"]


def test_doctor_says_when_it_may_not_look(pods_file: Path, cluster: Cluster) -> None:
    configuration = yaml.safe_load(cluster.kubeconfig.read_text())
    configuration["users"][0]["user"]["token"] = "not-the-token"
    (pods_file.parent / "kubeconfig").write_text(yaml.safe_dump(configuration))
    write(pods_file, access={"kube_config": str(pods_file.parent / "kubeconfig")})
    *_, check = pod_checks()
    assert "refuses to list pods in namespace default" in check["detail"]
