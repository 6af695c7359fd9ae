"""The file of models: what the built-in one holds, how another lies over it, and how each mistake is named."""

from pathlib import Path

import pytest

from egoetl.core.errors import ConfigError
from egoetl.core.model_file import Choice, load_catalogue


@pytest.fixture
def read(tmp_path: Path):
    """The catalogue with a file of this content over the built-in one."""

    def read(text: str):
        file = tmp_path / "models.toml"
        file.write_text(text, encoding="utf-8")
        return load_catalogue(file)

    return read


def test_the_built_in_models_are_pinned_and_each_is_reached_in_one_way():
    catalogue = load_catalogue(None)

    assert set(catalogue.models) == {
        "qwen2.5-omni-7b", "qwen2.5-omni-3b", "qwen2.5-vl-7b", "llama-3-70b", "llama-3.1-8b", "gemini-2.5-flash",
        "qwen3-235b-a22b-instruct-2507", "gpt-4o-mini",
    }  # fmt: skip
    assert all(each.revision for each in catalogue.models.values())
    assert catalogue.roles == {
        "omni": "qwen2.5-omni-7b", "vision": "qwen2.5-vl-7b", "text": "llama-3-70b", "judge": "qwen3-235b-a22b-instruct-2507",
    }  # fmt: skip
    assert not catalogue.own_roles
    assert {name for name in catalogue.models if catalogue.reached(name) == "endpoint"} == {"gemini-2.5-flash", "gpt-4o-mini"}
    assert catalogue.models["llama-3-70b"].launch.max_model_len == 8192


def test_a_file_replaces_single_keys_and_adds_models(read):
    catalogue = read(
        '[roles]\ntext = "own"\n[models."llama-3-70b".launch]\ngpus = 8\n[models.own]\ncheckpoint = "/models/own"\nlaunch = {}\n'
    )

    assert catalogue.models["llama-3-70b"].launch.model_dump(include={"gpus", "max_model_len"}) == {"gpus": 8, "max_model_len": 8192}
    assert (catalogue.models["own"].model, catalogue.models["own"].revision) == ("own", "")
    assert (catalogue.roles["text"], catalogue.roles["omni"], catalogue.own_roles) == ("own", "qwen2.5-omni-7b", True)


def test_an_endpoint_takes_the_place_of_a_launch_and_the_other_way_round(read):
    catalogue = read('[models."llama-3-70b"]\nendpoint = "https://llama:8000/v1"\n[models."gemini-2.5-flash"]\nlaunch = {}\n')

    assert catalogue.reached("llama-3-70b") == "endpoint"
    assert catalogue.models["gemini-2.5-flash"].api_key is None
    assert catalogue.gpus("llama-3-70b") == 0


def test_a_changed_file_is_read_anew(read):
    read('[models.a]\nmodel = "x/a"\nrevision = "1"\nlaunch = {}\n')

    assert "b" in read('[models.b]\nmodel = "x/b"\nrevision = "1"\nlaunch = {}\n# longer\n').models


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[models", "it is no TOML"),
        ("[model.a]\n", "there is no table 'model'"),
        ("[roles]\ntext = 1\n", "[roles] is not made of lines"),
        ("[models]\na = 1\n", "models is not made of tables"),
        ('[models.a]\nmodel = "x/a"\nrevision = "1"\n', '[models."a"]: give one of endpoint'),
        ('[models.a]\nmodel = "x/a"\nlaunch = {}\n', '[models."a"]: revision is missing'),
        ('[models.a]\nrevision = "1"\nlaunch = {}\n', '[models."a"]: model is missing'),
        ('[models.a]\nmodel = "x/a"\nrevision = "1"\nlaunch = { gpu = 1 }\n', '[models."a"]: launch.gpu: there is no such key'),
        ('[models.a]\nmodel = "x/a"\nrevision = "1"\nlaunch = { gpus = "many" }\n', '[models."a"]: launch.gpus: '),
        ('[models.a]\nmodel = "x/a"\nrevision = "a b"\nlaunch = {}\n', '[models."a"]: revision is made of'),
        ('[models.a]\nmodel = "x/a"\nrevision = "1"\nendpoint = "llama:8000"\n', '[models."a"]: endpoint is not like'),
        ('[models.a]\nmodel = "x/a"\nrevision = "1"\nendpoint = "https://me:pw@llama/v1"\n', '[models."a"]: endpoint is not like'),
        ('[models.a]\ncheckpoint = "models/a"\nlaunch = {}\n', '[models."a"]: checkpoint is not the absolute path'),
        ('[models.a]\nmodel = "a"\nrevision = "1"\nendpoint = "https://a/v1"\napi_key = "sk-1.5"\n', "must not stand here"),
        ('[models."A b"]\nmodel = "a"\nrevision = "1"\nlaunch = {}\n', "a name is made of"),
        (
            '[models.a]\nmodel = "a"\nrevision = "1"\nlaunch = {}\nlook = { sound = "interleaved", pictures = "images" }\n',
            '[models."a"]: look: sound = "interleaved" needs',
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_file_table_and_key(read, tmp_path, text, said):
    with pytest.raises(ConfigError) as caught:
        read(text)

    assert caught.value.reason == "model_file_invalid"
    assert said in str(caught.value)
    assert str(tmp_path / "models.toml") in str(caught.value)
    assert "sk-1.5" not in str(caught.value)
    assert "me:pw" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match="correct EGOETL_MODELS"):
        load_catalogue(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("llama-3-70b", ("llama-3-70b", "")),
        ("llama-3-70b@ab12", ("llama-3-70b", "ab12")),
        ("/models/a@b/c", ("/models/a@b/c", "")),
        ("/models/a@b@12", ("/models/a@b", "12")),
        ("@12", ("@12", "")),
    ],
)
def test_a_value_is_a_model_and_perhaps_its_revision(text, choice):
    assert Choice.of(text) == choice
    assert str(Choice.of(text)) == text
