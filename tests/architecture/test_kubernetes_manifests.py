"""deploy/kubernetes and the values of Airflow's chart: Kubernetes takes them, they fit each other and the code, and hold no secret."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import airflow.configuration
import kubernetes_validate
import pytest
import yaml

from egoetl import __version__
from egoetl.recipes.index import load
from egoetl_airflow.pods.pod_settings import PodSettings, parse_pod_settings
from egoetl_airflow.pods.quantity import amount

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "kubernetes"
KUSTOMIZATION = yaml.safe_load((FOLDER / "kustomization.yaml").read_text(encoding="utf-8"))
VALUES: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "helm" / "values.yaml").read_text(encoding="utf-8"))
PODS: dict[str, Any] = yaml.safe_load((FOLDER / "pods.yaml").read_text(encoding="utf-8"))
MANIFESTS = [
    (file, manifest) for file in KUSTOMIZATION["resources"] for manifest in yaml.safe_load_all((FOLDER / file).read_text(encoding="utf-8"))
]
KUBERNETES = ("1.30", "1.37")
"""The oldest and the newest release that the manifests are held to."""


def named(kind: str, name: str) -> dict[str, Any]:
    return next(manifest for _, manifest in MANIFESTS if (manifest["kind"], manifest["metadata"]["name"]) == (kind, name))


def settings() -> PodSettings:
    return parse_pod_settings(PODS, "deploy/kubernetes/pods.yaml")


def walked(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every leaf of nested mappings and lists with its path."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from walked(each, (*path, str(key)))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from walked(each, (*path, str(index)))
    else:
        yield path, value


@pytest.mark.parametrize("release", KUBERNETES)
@pytest.mark.parametrize(("file", "manifest"), MANIFESTS, ids=lambda each: each if isinstance(each, str) else each["kind"])
def test_kubernetes_takes_it(file: str, manifest: dict[str, Any], release: str) -> None:
    kubernetes_validate.validate(manifest, release, strict=True)


def test_every_manifest_is_in_the_kustomization() -> None:
    files = {file.name for file in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}
    generated = {name for each in KUSTOMIZATION["configMapGenerator"] for name in each["files"]}
    assert files == set(KUSTOMIZATION["resources"]) | generated


def test_the_pod_settings_are_usable_for_every_stage() -> None:
    recipe = load("egoavu")
    profiles = [settings().of_stages(stages) for stages in recipe.tasks()] + [settings().of_fold("publish")]
    assert {profile.service_account for profile in profiles} == {"egoetl-worker"}
    assert {profile.image.rpartition(":")[2] for profile in profiles} == {__version__}
    assert {profile.run_as_user for profile in profiles} == {50000}


def test_caches_leave_room_in_the_scratch_of_their_pod() -> None:
    recipe = load("egoavu")
    for profile in [settings().of_stages(stages) for stages in recipe.tasks()]:
        caches = [profile.environment[name] for name in ("EGOETL_CACHE_GIGABYTES", "EGOETL_VIDEO_CACHE_GIGABYTES")]
        assert sum(map(float, caches)) * 1e9 <= amount(profile.scratch) / 2


def test_what_the_pod_settings_name_is_there() -> None:
    profile = settings().of_fold("publish")
    assert named("ServiceAccount", profile.service_account)["metadata"]["namespace"] == settings().namespace
    assert profile.priority_class is not None
    assert named("PriorityClass", profile.priority_class)
    assert named("PersistentVolumeClaim", "model-cache")["metadata"]["namespace"] == settings().namespace


def test_the_accounts_that_may_start_pods_are_those_of_the_chart() -> None:
    binding = named("RoleBinding", "egoetl-pods")
    assert binding["metadata"]["namespace"] == settings().namespace
    accounts = {(each["namespace"], each["name"]) for each in binding["subjects"]}
    assert accounts == {("airflow", VALUES[part]["serviceAccount"]["name"]) for part in ("scheduler", "triggerer")}


def test_the_role_has_the_verbs_of_the_page_and_no_more() -> None:
    page = (ROOT / "docs" / "kubernetes.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z/]+)` \| ((?:`[a-z]+`(?:, )?)+) \|", page, re.MULTILINE)
    written = {resource: set(re.findall(r"[a-z]+", verbs)) for resource, verbs in rows}
    given = {rule["resources"][0]: set(rule["verbs"]) for rule in named("Role", "egoetl-pods")["rules"]}
    assert given == written
    assert not any(resource.startswith("pods/exec") for resource in given)


def test_no_value_of_the_chart_is_a_secret() -> None:
    word = re.compile(r"password|secret|token|_key", re.IGNORECASE)
    for path, value in walked(VALUES):
        if word.search(path[-1]) and not path[-1].lower().endswith(("secretname", "secretkey")):
            pytest.fail(f"{'.'.join(path)} stands in the file")
        assert not re.search(r"://[^/\s]*:[^/\s]*@", str(value))
    assert [each["name"] for each in VALUES["env"] if word.search(each["name"])] == []


def test_the_chart_makes_no_user_and_no_database() -> None:
    assert VALUES["createUserJob"] == {"enabled": False}
    assert VALUES["webserver"]["defaultUser"] == {"enabled": False}
    assert VALUES["postgresql"] == {"enabled": False}


def test_the_chart_mounts_the_pod_settings_where_the_setting_says() -> None:
    generated = KUSTOMIZATION["configMapGenerator"][0]
    volume, mount = VALUES["volumes"][0], VALUES["volumeMounts"][0]
    named_by_setting = next(each["value"] for each in VALUES["env"] if each["name"] == "EGOETL_POD_SETTINGS")
    assert volume["configMap"]["name"] == generated["name"]
    assert volume["name"] == mount["name"]
    assert named_by_setting == f"{mount['mountPath']}/{generated['files'][0]}"


def test_airflow_and_pods_read_the_same_secrets() -> None:
    chart = {each["envName"]: (each["secretName"], each["secretKey"]) for each in VALUES["secret"]}
    pods = {name: (each["secret"], each["key"]) for name, each in PODS["defaults"]["secrets"].items()}
    job = named("Job", "egoetl-db-upgrade")["spec"]["template"]["spec"]["containers"][0]["env"]
    upgrade = {each["name"]: (each["valueFrom"]["secretKeyRef"]["name"], each["valueFrom"]["secretKeyRef"]["key"]) for each in job}
    assert chart == pods | upgrade
    assert pods.keys().isdisjoint(upgrade)


def test_the_chart_runs_our_image_of_the_airflow_that_is_locked() -> None:
    locked = re.findall(r"^apache-airflow==(\S+)", (ROOT / "locks" / "server.txt").read_text(), re.MULTILINE)
    assert [VALUES["airflowVersion"]] == locked
    assert VALUES["defaultAirflowTag"] == __version__


def test_every_option_of_airflow_in_the_values_is_one() -> None:
    file = Path(airflow.configuration.__file__).parent / "config_templates" / "config.yml"
    known = {name: set(section["options"]) for name, section in yaml.safe_load(file.read_text()).items()}
    assert [
        f"{section}.{option}" for section, options in VALUES["config"].items() for option in options if option not in known[section]
    ] == []


def test_every_container_of_a_job_is_closed() -> None:
    pod = named("Job", "egoetl-db-upgrade")["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    for container in pod["containers"]:
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["image"].endswith(f":{__version__}")
        assert container["resources"]["limits"]["memory"]
