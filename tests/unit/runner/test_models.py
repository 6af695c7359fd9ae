"""Roles bound to models: what a value stands for, how it is pinned, and what each mistake says."""

import json
import os
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from egoetl.core.content_key import sha256_of
from egoetl.core.errors import CallerError, ConfigError
from egoetl.core.ledger import BuildSpec
from egoetl.core.model_file import load_catalogue
from egoetl.core.recipe import RoleBinding
from egoetl.core.settings import Settings
from egoetl.recipes.egoavu import EGOAVU
from egoetl.runner import checkpoints
from egoetl.runner.judging import JUDGING_VERSION
from egoetl.runner.models import Models
from egoetl.runner.tools import Tools

OMNI = "qwen2.5-omni-7b@ae9e1690543ffd5c0221dc27f79834d0294cba00"


@pytest.fixture
def installation(tmp_path: Path):
    """Models of a home of the test's own, with what was told."""
    told: list[str] = []

    def models(text: str | None = None) -> Models:
        file = None
        if text is not None:
            file = tmp_path / "models.toml"
            file.write_text(text, encoding="utf-8")
        return Models(load_catalogue(file), tmp_path / "home", told.append)

    return SimpleNamespace(models=models, told=told)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """The folder of a checkpoint with two files of weights."""
    folder = tmp_path / "tiny-omni"
    (folder / "weights").mkdir(parents=True)
    (folder / ".cache").mkdir()
    (folder / ".cache" / "lock").write_text("here")
    (folder / "config.json").write_text(json.dumps({"model_type": "qwen2_5_omni"}))
    (folder / "weights" / "a.safetensors").write_bytes(b"a" * 1000)
    (folder / "weights" / "b.safetensors").write_bytes(b"b" * 1000)
    return folder


def spec(settings: dict[str, str], engine: str = "measured") -> BuildSpec:
    own: dict[str, Any] = {"name": "b", "recipe": "egoavu", "dataset": "d", "manifest": "m", "videos": "v", "stages": ()}
    return BuildSpec(**own, engine=engine, recipe_settings=settings)


def test_a_build_of_measurements_pins_nothing(installation):
    assert installation.models().pin_roles(EGOAVU, "measured", {"floor": "0.5"}) == {"floor": "0.5"}


def test_the_engine_models_pins_every_role_to_the_installations_default(installation):
    pinned = installation.models('[roles]\ntext = "measured"\n').pin_roles(EGOAVU, "models", {"role.vision": "llama-3.1-8b"})

    assert pinned == {
        "role.omni": OMNI, "role.vision": "llama-3.1-8b@0e9e39f249a16976918f6564b8830bc894c89659", "role.text": "measured",
    }  # fmt: skip


def test_who_answers_by_default(installation):
    assert installation.models().catalogue.default_engine(None) == "measured"
    assert installation.models('[roles]\ntext = "llama-3-70b"\n').catalogue.default_engine(None) == "models"
    assert installation.models('[roles]\ntext = "llama-3-70b"\n').catalogue.default_engine("replay") == "replay"


def test_a_folder_is_pinned_to_the_digest_of_its_files_wherever_it_lies(installation, checkpoint, tmp_path):
    models = installation.models()
    pinned = models.pin_roles(EGOAVU, "measured", {"role.omni": str(checkpoint)})["role.omni"]
    moved = tmp_path / "elsewhere" / "tiny-omni"
    shutil.copytree(checkpoint, moved)
    again = models.pin_roles(EGOAVU, "measured", {"role.omni": str(moved)})["role.omni"]

    path, _, digest = pinned.rpartition("@")
    assert path == str(checkpoint)
    assert len(digest) == 40
    assert again == f"{moved}@{digest}"
    recipes = [EGOAVU.with_settings({"role.omni": each}) for each in (pinned, again)]
    assert [models.spec_of(each.roles["omni"]).identity for each in recipes] == [f"tiny-omni@{digest}"] * 2


def test_weights_are_read_once_and_again_when_they_change(installation, checkpoint, monkeypatch):
    models = installation.models()
    read: list[str] = []
    monkeypatch.setattr(checkpoints, "_sha256", lambda file, _progress: read.append(file.name) or sha256_of(file.read_bytes()))
    values = {"role.omni": str(checkpoint)}

    first = models.pin_roles(EGOAVU, "measured", values)
    assert sorted(read) == ["a.safetensors", "b.safetensors", "config.json"]
    assert models.pin_roles(EGOAVU, "measured", values) == first
    assert len(read) == 3
    file = checkpoint / "weights" / "b.safetensors"
    file.write_bytes(b"c" * 1000)
    os.utime(file, ns=(1, 1))
    assert models.pin_roles(EGOAVU, "measured", values) != first
    assert read[3:] == ["b.safetensors"]


def test_reading_weights_tells_how_far_it_is(installation, checkpoint, monkeypatch):
    monkeypatch.setattr(checkpoints, "_TELL_EVERY_SECONDS", 0.0)
    installation.models().pin_roles(EGOAVU, "measured", {"role.omni": str(checkpoint)})

    assert installation.told[-1].startswith(f"Reading checkpoint {checkpoint} for its digest: 0.0 of 0.0 GB")


def test_a_checkpoint_is_shown_a_segment_as_the_models_of_its_architecture(installation, checkpoint):
    models = installation.models()
    binding = EGOAVU.with_settings(models.pin_roles(EGOAVU, "measured", {"role.omni": str(checkpoint)})).roles["omni"]
    found = models.spec_of(binding)

    assert found.look == models.catalogue.models["qwen2.5-omni-7b"].look
    assert (found.checkpoint, found.launch is not None, found.endpoint) == (str(checkpoint), True, None)


def test_a_checkpoint_that_has_changed_since_the_plan_is_refused(installation, checkpoint):
    models = installation.models()
    found = models.spec_of(EGOAVU.with_settings(models.pin_roles(EGOAVU, "measured", {"role.omni": str(checkpoint)})).roles["omni"])
    models.check_checkpoint(found)
    (checkpoint / "weights" / "c.safetensors").write_bytes(b"more")

    with pytest.raises(ConfigError) as caught:
        models.check_checkpoint(found)
    assert caught.value.reason == "model_revision_differs"


def test_a_listed_checkpoint_with_a_revision_is_not_read(installation, checkpoint):
    models = installation.models(f'[models.own]\nmodel = "x/own"\nrevision = "abc"\ncheckpoint = "{checkpoint}"\nlaunch = {{}}\n')
    pinned = models.pin_roles(EGOAVU, "measured", {"role.text": "own"})

    assert pinned["role.text"] == "own@abc"
    found = models.spec_of(EGOAVU.with_settings(pinned).roles["text"])
    models.check_checkpoint(found)
    assert (found.identity, found.checkpoint) == ("x/own@abc", str(checkpoint))
    assert not (models.home / "checkpoints.json").exists()


def test_an_id_of_the_hub_is_launched_as_the_listed_model_of_that_id(installation):
    models = installation.models()
    value = "Qwen/Qwen2.5-VL-7B-Instruct@0000aaaa"
    found = models.spec_of(EGOAVU.with_settings(models.pin_roles(EGOAVU, "measured", {"role.vision": value})).roles["vision"])

    assert (found.identity, found.look) == (value, models.catalogue.models["qwen2.5-vl-7b"].look)


@pytest.mark.parametrize(
    ("settings", "reason", "said"),
    [
        ({"role.omni": "qwen3"}, "model_unknown", "there is measured, qwen2.5-omni-7b"),
        ({"role.omni": "Qwen/Qwen3"}, "revision_missing", "write Qwen/Qwen3@REVISION"),
        ({"role.omni": "/nowhere/at/all"}, "checkpoint_unusable", "There is no folder /nowhere/at/all"),
        ({"role.omni": "{folder}"}, "checkpoint_unusable", "it has no config.json"),
        ({"role.omni": "qwen2.5-omni-7b@abc"}, "model_revision_differs", "qwen2.5-omni-7b is at revision ae9e"),
        ({"role.sound": "measured"}, "role_unknown", "it has omni, vision, text"),
        ({"role.": "measured"}, "role_unknown", "it has omni, vision, text"),
    ],
)
def test_a_wrong_value_is_one_clear_sentence(installation, tmp_path, settings, reason, said):
    with pytest.raises(CallerError) as caught:
        installation.models().pin_roles(EGOAVU, "measured", {name: value.format(folder=tmp_path) for name, value in settings.items()})

    assert caught.value.reason == reason
    assert said in str(caught.value)


def test_a_wrong_default_is_the_installations_fault(installation):
    with pytest.raises(ConfigError, match=r"text in \[roles\] of .*models.toml=llama: there is no such model"):
        installation.models('[roles]\ntext = "llama"\n').pin_roles(EGOAVU, "models", {})


def test_a_worker_whose_file_says_another_revision_refuses_the_build(installation):
    models = installation.models('[models."qwen2.5-omni-7b"]\nrevision = "new"\n')

    with pytest.raises(ConfigError) as caught:
        models.spec_of(EGOAVU.with_settings({"role.omni": OMNI}).roles["omni"])
    assert caught.value.reason == "model_revision_differs"


def test_a_worker_that_does_not_list_a_name_says_so(installation):
    with pytest.raises(ConfigError) as caught:
        installation.models().spec_of(EGOAVU.with_settings({"role.omni": "own@abc"}).roles["omni"])

    assert caught.value.reason == "model_unknown"


def test_what_a_model_samples_with_is_the_sources_unless_a_setting_says_otherwise():
    recipe = EGOAVU.with_settings({"text.temperature": "0.1", "role.text": "llama-3-70b@a", "role.omni": OMNI})

    assert recipe.roles["text"] == RoleBinding(
        engine="model", model="llama-3-70b", revision="a", temperature=0.1, top_p=0.9, max_tokens=512
    )
    assert (recipe.roles["omni"].temperature, recipe.roles["omni"].max_tokens) == (0.2, 512)
    assert recipe.roles["vision"] == EGOAVU.roles["vision"]


def test_a_content_key_holds_identity_sampling_and_look_of_the_stages_roles_alone(tmp_path):
    tools = Tools(Settings(home=tmp_path))
    caption, mcg, split = (EGOAVU.stage(name) for name in ("caption", "mcg", "split"))
    measured = tools.recipe_of(spec({}))
    asking = tools.recipe_of(spec({"role.omni": OMNI}))

    config = tools.config_of(asking, caption)
    assert config.models == {"omni": "Qwen/Qwen2.5-Omni-7B@ae9e1690543ffd5c0221dc27f79834d0294cba00", "vision": "measured@3"}
    assert set(config.sampling["vision"]) == {"temperature", "top_p", "max_tokens"}
    assert (config.sampling["omni"]["judging"], config.sampling["omni"]["look"]["sound"]) == (JUDGING_VERSION, "interleaved")
    assert tools.config_of(asking, split) == tools.config_of(measured, split)
    assert tools.config_of(asking, mcg) == tools.config_of(measured, mcg)
