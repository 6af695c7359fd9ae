"""Every pod that a recipe's DAG would start, held to the schema of Kubernetes, strictly, and to the rules of this house."""

import json
import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from pod_files import pod_settings

from egoetl.recipes.index import load, names
from egoetl_airflow.pods.pod_manifest import CONTAINER, passed_on, pod_manifest
from egoetl_airflow.pods.pod_profile import PodProfile
from egoetl_airflow.pods.pod_settings import PodSettings, parse_pod_settings
from egoetl_airflow.pods.quantity import amount
from egoetl_airflow.pods.task_identity import TaskIdentity

PAGE = Path(__file__).parents[2] / "docs" / "kubernetes.md"
OLDEST, NEWEST = "1.30", "1.36"
IDENTITY = TaskIdentity("tests", "build_egoavu", "scheduled__2026-01-02T00:00:00+00:00", "shard.tr_before_after", 7, 2)


def documented() -> PodSettings:
    (example,) = [block for block in re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL) if "defaults:" in block]
    return parse_pod_settings(yaml.safe_load(example), "docs/kubernetes.md")


def profiles(pods: PodSettings) -> dict[str, PodProfile]:
    found = {f"{name}.{task[0].name}": pods.of_stages(task) for name in names() for task in load(name).tasks()}
    return {**found, "publish": pods.of_fold("publish")}


def manifest(profile: PodProfile, **environment: str) -> dict[str, Any]:
    return pod_manifest(profile, "egoetl", IDENTITY, ["stage", "run", "--shard", "7"], environment, 43200)


EVERY_POD = [pytest.param(profile, id=name) for name, profile in profiles(documented()).items()]


@pytest.mark.parametrize("profile", EVERY_POD)
def test_every_pod_is_one_that_kubernetes_takes(profile: PodProfile) -> None:
    for version in (OLDEST, NEWEST):
        kubernetes_validate.validate(manifest(profile), version, strict=True)


@pytest.mark.parametrize("profile", EVERY_POD)
def test_every_pod_keeps_the_rules_that_a_schema_does_not_know(profile: PodProfile) -> None:
    pod = manifest(profile)
    spec, (container,) = pod["spec"], pod["spec"]["containers"]
    assert (spec["restartPolicy"], spec["activeDeadlineSeconds"], container["name"]) == ("Never", 43200, CONTAINER)
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    limits, requests = container["resources"]["limits"], container["resources"]["requests"]
    assert all(amount(requests[name]) <= amount(limits[name]) for name in limits)
    assert {name for name in limits if "/" in name} == {name for name in requests if "/" in name}
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in spec["volumes"]}
    assert all(len(name) <= 63 for name in (pod["metadata"]["name"], *pod["metadata"]["labels"].values()))
    sources = {each["name"]: each for each in container["env"]}
    assert len(sources) == len(container["env"])
    assert set(sources["EGOETL_DATABASE_URL"]) == {"name", "valueFrom"}


def test_the_documented_example_uses_every_setting_that_a_pod_has() -> None:
    used = json.dumps([manifest(profile) for profile in profiles(documented()).values()])
    for word in ("nvidia.com/gpu", "priorityClassName", "runtimeClassName", "nodeSelector", "/dev/shm", "imagePullSecrets", "fsGroup"):
        assert word in used


def test_a_node_folder_can_hold_the_models() -> None:
    profile = pod_settings(defaults__model_cache={"host_path": "/data/models", "read_only": True}).of_fold("publish")
    pod = manifest(profile)
    kubernetes_validate.validate(pod, NEWEST, strict=True)
    assert {"name": "model-cache", "hostPath": {"path": "/data/models", "type": "DirectoryOrCreate"}} in pod["spec"]["volumes"]
    assert {"name": "HF_HOME", "value": "/models"} in pod["spec"]["containers"][0]["env"]


def test_settings_of_a_worker_reach_its_pods_and_secrets_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "EGOETL_DATABASE_URL": "postgresql://u:secret-word@h/d",
        "EGOETL_STORE_URL": "s3://b/x",
        "EGOETL_HOME": "/h",
        "EGOETL_CACHE_FOLDER": "/c",
        "EGOETL_LEASE_SECONDS": "9",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    passed = passed_on()
    assert passed["EGOETL_STORE_URL"] == "s3://b/x"
    assert passed["EGOETL_LEASE_SECONDS"] == "9"
    assert not {"EGOETL_HOME", "EGOETL_CACHE_FOLDER", "EGOETL_DATABASE_URL", "EGOETL_EXECUTION", "EGOETL_POD_SETTINGS"} & set(passed)
    assert "secret-word" not in json.dumps(manifest(pod_settings().of_fold("publish"), **passed))
