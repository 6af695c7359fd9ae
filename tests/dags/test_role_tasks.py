"""Which stages are one task: a DAG follows the models that the installation has, and each shape is held here."""

from pathlib import Path

import pytest
import yaml
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from pod_files import changed, pod_settings

from egoetl.recipes.index import load
from egoetl_airflow.pods.pod_manifest import passed_on, pod_manifest
from egoetl_airflow.pods.task_identity import TaskIdentity
from egoetl_airflow.role_tasks import role_tasks

REPOSITORY = Path(__file__).parents[2]
WRITING = "mcg_to_qa_tr_event_ordering_segment"
LAUNCHED = '[roles]\ntext = "llama-3-70b"\nomni = "qwen2.5-omni-7b"\nvision = "qwen2.5-vl-7b"\n'
SERVED = '[models.a]\nmodel = "a"\nrevision = "1"\nendpoint = "http://a/v1"\napi_key = "A_KEY"\nlook = {}\n'


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Give the installation a file of models."""

    def models(text: str) -> None:
        (tmp_path / "models.toml").write_text(text)
        monkeypatch.setenv("EGOETL_MODELS", str(tmp_path / "models.toml"))

    return models


def names() -> list[str]:
    return [each.name for each in role_tasks(load("egoavu"))]


def parsed(name: str = "build_egoavu") -> DAG:
    bag = DagBag(dag_folder=REPOSITORY / "dags")
    assert bag.import_errors == {}
    return bag.dags[name]


def test_without_models_every_stage_or_qa_task_is_a_task():
    assert names() == [stages[0].name for stages in load("egoavu").tasks()]
    assert {each.gpus for each in role_tasks(load("egoavu"))} == {None}


def test_models_that_are_served_elsewhere_leave_the_stages_apart(models):
    plain = names()
    models(SERVED + '[roles]\nomni = "a"\nvision = "a"\ntext = "a"\n')

    assert names() == plain


def test_stages_of_one_launched_model_are_one_task_with_what_lies_between(models):
    models(LAUNCHED)
    found = {each.name: each for each in role_tasks(load("egoavu"))}

    assert list(found) == ["register", "split", "frames", "narrations", "caption", WRITING, "verify"]
    assert [(found[name].gpus) for name in ("frames", "caption", "narrations", WRITING)] == [None, 2, None, 4]
    assert "diversity" in [stage.name for stage in found[WRITING].stages]


def test_a_measured_role_beside_launched_ones_stays_apart(models):
    models('[roles]\ntext = "measured"\n')
    found = {each.name: each.gpus for each in role_tasks(load("egoavu"))}

    assert found["caption"] == 2
    assert found["mcg"] is None


def test_the_forms_default_is_the_installations(models, monkeypatch):
    assert parsed().params["engine"] == "measured"
    models(LAUNCHED)
    assert parsed().params["engine"] == "models"
    monkeypatch.setenv("EGOETL_ENGINE", "measured")
    assert parsed().params["engine"] == "measured"
    assert WRITING not in names()


@pytest.mark.parametrize("name", ["build_egoavu", "backfill_failed"])
def test_a_dag_serves_each_model_once_in_a_pool_of_its_own(models, name):
    models(LAUNCHED)
    dag = parsed(name)
    writing = dag.get_task(f"shard.{WRITING}")

    assert list(writing.arguments)[-3].startswith("mcg,av_narration,diversity,qa_avdn,qa_avdn_segment,")
    assert {task.task_id for task in dag.tasks if task.pool == "egoetl_server"} == {"shard.caption", f"shard.{WRITING}"}
    assert writing.upstream_task_ids - {"plan"} == {"shard.caption", "shard.narrations"}
    assert dag.get_task("shard.verify").upstream_task_ids - {"plan"} == {f"shard.{WRITING}"}


def test_a_bad_file_of_models_shows_as_an_import_error(models):
    models("[models]\na = 1\n")
    errors = DagBag(dag_folder=REPOSITORY / "dags").import_errors

    assert errors
    assert all("is not made of tables [models.NAME]" in error for error in errors.values())


def test_a_pod_has_the_gpus_of_the_servers_that_its_task_starts(models, tmp_path, monkeypatch):
    models(LAUNCHED)
    (tmp_path / "pods.yaml").write_text(yaml.safe_dump(changed()))
    monkeypatch.setenv("EGOETL_EXECUTION", "kubernetes")
    monkeypatch.setenv("EGOETL_POD_SETTINGS", str(tmp_path / "pods.yaml"))
    dag = parsed()

    assert [dag.get_task(f"shard.{name}").profile.gpu.count for name in ("caption", WRITING)] == [2, 4]


def test_the_file_of_models_is_mounted_and_a_key_is_only_referred_to(monkeypatch):
    monkeypatch.setenv("A_KEY", "planted-key")
    monkeypatch.setenv("EGOETL_MODELS", "/on/the/scheduler.toml")
    monkeypatch.setenv("EGOETL_ENGINE", "models")
    pods = pod_settings(defaults__model_file={"config_map": "egoetl-models"}, defaults__secrets__A_KEY={"secret": "models", "key": "a"})
    identity = TaskIdentity("tests", "build_egoavu", "run", "shard.caption", 0, 1)
    pod = pod_manifest(pods.of_stages((load("egoavu").stage("caption"),)), "egoetl", identity, ["stage", "run"], passed_on(), None)
    variables = {each["name"]: each for each in pod["spec"]["containers"][0]["env"]}

    assert "planted-key" not in str(pod)
    assert variables["A_KEY"]["valueFrom"] == {"secretKeyRef": {"name": "models", "key": "a"}}
    assert variables["EGOETL_MODELS"]["value"] == "/etc/egoetl/models/models.toml"
    assert variables["EGOETL_ENGINE"]["value"] == "models"
    assert {"name": "model-file", "configMap": {"name": "egoetl-models", "items": [{"key": "models.toml", "path": "models.toml"}]}} in pod[
        "spec"
    ]["volumes"]
