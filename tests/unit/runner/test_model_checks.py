"""What doctor asks of the models that answer by default, and what `egoetl models` lists."""

from pathlib import Path

import pytest

from egoetl.core.model_file import load_catalogue
from egoetl.core.settings import Settings
from egoetl.runner.check import Check
from egoetl.runner.model_checks import model_checks
from egoetl.runner.model_list import listed
from egoetl.runner.tools import Tools
from egoetl.testing.chat_server import ChatServer

ROLES = '[roles]\nomni = "a"\nvision = "measured"\ntext = "b"\n'
LAUNCHED = '[models.b]\nmodel = "x/b"\nrevision = "1"\nlaunch = { gpus = 0 }\n'


async def unasked(_call) -> str:
    raise AssertionError("doctor asks no model anything")


@pytest.fixture
def server():
    with ChatServer(unasked, models=["tiny"], key="right-key") as server:
        yield server


@pytest.fixture
def checked(tmp_path: Path, server: ChatServer, monkeypatch: pytest.MonkeyPatch):
    """The checks of an installation whose model `a` lies behind the server and whose `b` it serves itself, by name."""

    def checked(*, model: str = "tiny", key: str = "right-key", endpoint: str | None = None) -> dict[str, Check]:
        monkeypatch.setenv("A_KEY", key)
        served = f'[models.a]\nmodel = "{model}"\nrevision = "1"\nendpoint = "{endpoint or server.endpoint}"\napi_key = "A_KEY"\n'
        (tmp_path / "models.toml").write_text(ROLES + served + LAUNCHED)
        (tmp_path / "bin").mkdir(exist_ok=True)
        (tmp_path / "bin" / "vllm").touch()
        settings = Settings(home=tmp_path, models=tmp_path / "models.toml", patience_seconds=0, vllm_python=tmp_path / "bin" / "python")
        return {each.name: each for each in model_checks(Tools(settings), settings)}

    return checked


def test_each_role_says_how_its_model_is_reached(checked, tmp_path, server):
    found = checked()

    assert {name: each.ok for name, each in found.items()} == dict.fromkeys(("models", "role omni", "role vision", "role text"), True)
    assert found["role omni"].detail == f"tiny@1 at {server.endpoint}"
    assert found["role vision"].detail == "measured, no model"
    assert found["role text"].detail == f"x/b@1 by {tmp_path}/bin/vllm on the CPU"


def test_the_built_in_judge_is_not_looked_for_and_ones_own_is(tmp_path):
    for judge, looked_for in (("qwen3-235b-a22b-instruct-2507", False), ("measured", True)):
        (tmp_path / "models.toml").write_text(f'[roles]\nomni = "measured"\njudge = "{judge}"\n')
        settings = Settings(home=tmp_path, models=tmp_path / "models.toml", patience_seconds=0)
        assert ("role judge" in {each.name for each in model_checks(Tools(settings), settings)}) is looked_for


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"key": "planted-key"}, "refuses the key in A_KEY"),
        ({"key": ""}, "A_KEY holds no API key"),
        ({"model": "other"}, "serves no model 'other'"),
        ({"endpoint": "http://127.0.0.1:9/v1"}, "does not answer"),
    ],
)
def test_what_is_missing_for_an_endpoint_is_said_without_its_key(checked, wrong, said):
    omni = checked(**wrong)["role omni"]

    assert not omni.ok
    assert said in f"{omni.detail}; {omni.remedy}"
    assert "planted-key" not in f"{omni.detail}{omni.remedy}"


def test_a_missing_vllm_is_named(checked, tmp_path):
    checked()
    settings = Settings(home=tmp_path, models=tmp_path / "models.toml", patience_seconds=0, vllm_python=tmp_path / "none" / "python")
    found = {each.name: each for each in model_checks(Tools(settings), settings)}

    assert not found["role text"].ok
    assert "no command `vllm`" in found["role text"].detail


def test_where_nothing_is_said_only_the_catalogue_is_read(tmp_path):
    assert [each.name for each in model_checks(Tools(Settings(home=tmp_path)), Settings(home=tmp_path))] == ["models"]


def test_a_file_that_is_not_usable_is_said_once(tmp_path):
    settings = Settings(home=tmp_path, models=tmp_path / "none.toml")
    (check,) = model_checks(Tools(settings), settings)

    assert not check.ok
    assert check.remedy == "correct EGOETL_MODELS."


def test_the_list_says_roles_and_how_each_model_is_reached():
    found = {each.name: each for each in listed(load_catalogue(None))}

    assert found["llama-3-70b"].roles == ("text",)
    assert (found["llama-3-70b"].reached, found["llama-3-70b"].look) == ("vLLM on 4 GPUs", "")
    assert found["qwen2.5-omni-7b"].look == "up to 32 pictures with sound in time"
    assert found["gemini-2.5-flash"].reached.startswith("https://")
