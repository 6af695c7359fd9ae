"""The pod settings: what a mistake in the file is answered with, and which section decides."""

from pathlib import Path
from typing import Any

import pytest
from pod_files import changed, pod_settings

from egoetl.core.errors import ConfigError
from egoetl.recipes.index import load
from egoetl_airflow.pods.pod_checks import check_names
from egoetl_airflow.pods.pod_settings import load_pod_settings, parse_pod_settings

TOLERATION = {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}

# Schemas of Kubernetes let most of these pass.
MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"defaults__memory": "16 gigs"}, "defaults.memory: '16 gigs' is no quantity"),
    ({"defaults__memory": "16"}, "defaults.memory: '16' is less than a mebibyte; is its unit missing, as in 16Gi"),
    ({"defaults__cpu": "0"}, "defaults.cpu: '0' is no amount of cores"),
    ({"defaults__cpu_limit": "50m"}, "defaults: cpu_limit 50m is below cpu 100m"),
    ({"roles__omni__memory_request": "65Gi"}, "roles.omni: memory_request 65Gi is above memory 64Gi"),
    ({"roles__omni__shared_memory": "1Ti"}, "roles.omni: shared_memory 1Ti is above memory 64Gi"),
    ({"roles__omni__gpu": {"count": 0}}, "roles.omni.gpu.count: Input should be greater than or equal to 1"),
    ({"roles__omni__gpu": {"resource": "nvidia gpu"}}, "roles.omni.gpu.resource: 'nvidia gpu' is no key of a label"),
    ({"defaults__tolerations": [{**TOLERATION, "value": "x"}]}, "defaults.tolerations.0: a toleration with operator Exists has no value"),
    ({"defaults__tolerations": [{"effect": "NoSchedule"}]}, "defaults.tolerations.0: a toleration with operator Equal needs a key"),
    ({"defaults__tolerations": [{**TOLERATION, "seconds": 9}]}, "a toleration has seconds only with effect NoExecute"),
    ({"defaults__tolerations": [{**TOLERATION, "operator": "exists"}]}, "defaults.tolerations.0.operator: Input should be 'Equal' or"),
    ({"namespace": "Ego_ETL"}, "namespace: 'Ego_ETL' is no name for Kubernetes"),
    ({"namespace": "x" * 64}, "use at most 63 of a-z, 0-9 and -"),
    ({"defaults__service_account": "Worker"}, "defaults.service_account: 'Worker' is no name of a Kubernetes object"),
    ({"defaults__labels": {"team": "a b"}}, "defaults.labels.team: 'a b' is no value of a label"),
    ({"defaults__labels": {"egoetl.io/task": "x"}}, "defaults: egoetl.io/task is one of egoetl's own labels"),
    ({"defaults__node_selector": {"-zone": "a"}}, "'-zone' is no key of a label"),
    ({"defaults__model_cache": {"mount": "/models"}}, "defaults.model_cache: a model cache is either a claim or a host_path"),
    ({"defaults__model_cache": {"claim": "c", "mount": "models"}}, "defaults.model_cache.mount: 'models' is no path to mount"),
    ({"defaults__model_cache": {"host_path": "/a/../etc"}}, "'/a/../etc' is no path to mount"),
    ({"defaults__run_as_user": 0}, "defaults.run_as_user: Input should be greater than or equal to 1"),
    ({"defaults__toleratoins": []}, "defaults.toleratoins: there is no such setting"),
    ({"default": {}}, "default: there is no such setting"),
    ({"defaults__environment": {"HF_TOKEN": "x"}}, "environment HF_TOKEN looks like a secret"),
    ({"defaults__environment": {"PROXY": "http://me:word@proxy"}}, "environment PROXY looks like a secret"),
    ({"defaults__environment": {"EGOETL_DATABASE_URL": "x"}}, "environment EGOETL_DATABASE_URL looks like a secret"),
    ({"defaults__secrets": {}}, "defaults: secrets has no EGOETL_DATABASE_URL, which every stage needs"),
    ({"defaults__secrets": {"A-B": {"secret": "s", "key": "k"}}}, "'A-B' is no name of an environment variable"),
    ({"access": {"in_cluster": True, "connection": "k8s"}}, "access: give exactly one of in_cluster, kube_config and connection"),
    ({"defaults__image": "a b"}, "defaults.image: String should match pattern"),
]


@pytest.mark.parametrize(("change", "sentence"), MISTAKES, ids=[sentence[:50] for _, sentence in MISTAKES])
def test_a_mistake_is_one_sentence_that_names_its_place(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse_pod_settings(changed(**change), "pods.yaml")
    assert str(raised.value).startswith("The pod settings pods.yaml are not usable: ")
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)
    assert raised.value.reason == "pod_settings_invalid"


def test_later_sections_win_and_mappings_are_joined() -> None:
    pods = pod_settings(
        defaults__environment={"A": "default", "B": "default"},
        roles__omni__environment={"B": "role"},
        stages__caption={"memory": "32Gi", "environment": {"C": 3}, "gpu": None},
    )
    caption = pods.of_stages((load("egoavu").stage("caption"),))
    assert (caption.memory, caption.shared_memory, caption.gpu) == ("32Gi", "8Gi", None)
    assert caption.environment == {"A": "default", "B": "role", "C": "3"}


def test_decoding_and_publish_have_sections_of_their_own() -> None:
    pods, recipe = pod_settings(), load("egoavu")
    assert pods.of_stages((recipe.stage("frames"),)).cpu == "4"
    assert pods.of_stages((recipe.stage("verify"),)).cpu == "100m"
    assert pods.of_fold("publish").memory == "8Gi"


@pytest.mark.parametrize(("section", "name"), [("roles", "onmi"), ("stages", "captoin")])
def test_doctor_refuses_a_section_that_no_recipe_uses(section: str, name: str) -> None:
    pods = pod_settings(**{f"{section}__{name}": {"cpu": 2}})
    with pytest.raises(ConfigError, match=rf"have {section}\.{name}, which no recipe has; there are"):
        check_names(pods, [load("egoavu")])


def test_the_file_is_named_by_a_setting_and_read_anew_when_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EGOETL_POD_SETTINGS", raising=False)
    with pytest.raises(ConfigError, match="EGOETL_POD_SETTINGS names no file"):
        load_pod_settings()
    file = tmp_path / "pods.yaml"
    monkeypatch.setenv("EGOETL_POD_SETTINGS", str(file))
    with pytest.raises(ConfigError, match=r"cannot be read: No such file or directory\.$"):
        load_pod_settings()
    for text, sentence in (("a: [", "are no YAML"), ("- 1", "are no mapping"), ("namespace: x", "defaults: Field required")):
        file.write_text(text)
        with pytest.raises(ConfigError, match=sentence):
            load_pod_settings()
