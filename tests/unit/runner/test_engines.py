"""The engines of one command: one for a model, kept over stages and ended with the command."""

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from egoetl.core.errors import CallerError, ConfigError, TryAgainError
from egoetl.core.model_file import load_catalogue
from egoetl.core.models import ModelSpec
from egoetl.core.ports import Engine
from egoetl.core.recipe import RoleBinding
from egoetl.core.settings import Settings
from egoetl.engines.chat.engine import ChatEngine
from egoetl.engines.vllm_server.engine import VllmEngine
from egoetl.runner.build import run_stages
from egoetl.runner.devices import Devices
from egoetl.runner.engines import Engines
from egoetl.runner.models import Models
from egoetl.runner.shard import silent

SERVED = '[models.writer]\nmodel = "x/writer"\nrevision = "1"\nendpoint = "http://127.0.0.1:9/v1"\nin_flight = 7\n'
LAUNCHED = (
    '[models.small]\nmodel = "x/small"\nrevision = "1"\nlaunch = { gpus = 1 }\n'
    '[models.large]\nmodel = "x/large"\nrevision = "1"\nlaunch = { gpus = 2 }\n'
)


@dataclass
class Closing(Engines):
    """Engines that start nothing, and note which ended."""

    ended: list[str] = field(default_factory=list)

    def _asking(self, spec: ModelSpec) -> Engine:
        return _Idle(spec, self)


@dataclass
class _Idle:
    spec: ModelSpec
    owner: Closing
    at_once: int = 0
    keeps_replies: bool = True

    @property
    def model(self) -> str:
        return self.spec.identity

    async def ask(self, request):
        raise AssertionError(request)

    async def close(self) -> None:
        self.owner.ended.append(self.spec.name)
        if self.spec.name == "small":
            raise TryAgainError("It does not end.", reason="test")


@pytest.fixture
def made(tmp_path: Path):
    """Engines over a file of models of the test's own."""

    def make(kind: type[Engines] = Engines, gpus: tuple[str, ...] = ()) -> Engines:
        (tmp_path / "models.toml").write_text(SERVED + LAUNCHED)
        models = Models(load_catalogue(tmp_path / "models.toml"), tmp_path, lambda _line: None)
        return kind(Settings(home=tmp_path), models, Devices(gpus))

    return make


def bound(name: str) -> RoleBinding:
    return RoleBinding(engine="model", model=name, revision="1")


def test_what_a_role_is_bound_to_says_which_engine_answers(made):
    engines = made()

    assert isinstance(engines.of(bound("writer")), ChatEngine)
    assert engines.of(bound("writer")).at_once == 7
    assert isinstance(engines.of(bound("small")), VllmEngine)
    assert engines.of(RoleBinding()).model == "measured@3"


def test_two_roles_of_one_model_share_its_engine(made):
    engines = made()

    assert engines.of(bound("small")) is engines.of(bound("small").model_copy(update={"temperature": 0.7}))
    assert engines.of(bound("small")) is not engines.of(bound("large"))


def test_an_engine_that_there_is_not_is_named(made):
    with pytest.raises(CallerError, match="There is no engine 'magic'"):
        made().of(RoleBinding(engine="magic"))
    with pytest.raises(ConfigError, match="bound to no model"):
        made().of(RoleBinding(engine="models"))


async def test_all_engines_end_though_one_has_trouble(made, caplog):
    engines = made(Closing)
    engines.of(bound("small"))
    engines.of(bound("large"))
    engines.of(RoleBinding())

    await engines.close()
    await engines.close()

    assert sorted(engines.ended) == ["large", "small"]
    assert "It does not end." in caplog.text


async def test_where_gpus_are_short_the_servers_of_other_models_end(made):
    engines = made(Closing, ("0", "1"))
    small, large = bound("small"), bound("large")
    await engines.make_ready([small, RoleBinding()])
    engines.of(small)
    assert engines.devices.take(engines.models.spec_of(small)) == ("0",)

    await engines.make_ready([large])

    assert engines.ended == ["small"]
    assert engines.devices.take(engines.models.spec_of(large)) == ("0", "1")


async def test_where_there_are_enough_gpus_a_server_stays(made):
    engines = made(Closing, ("0", "1", "2"))
    engines.of(bound("small"))
    engines.devices.take(engines.models.spec_of(bound("small")))

    await engines.make_ready([bound("large")])

    assert engines.ended == []


@pytest.mark.parametrize("fails", [False, True])
def test_the_stages_of_a_command_share_one_loop_and_end_their_engines(toy, behave, fails):
    seen: list[object] = []
    close = toy.tools.close

    async def closing() -> None:
        seen.append("closed")
        await close()

    async def note(_item) -> None:
        seen.append(asyncio.get_running_loop())
        if fails:
            raise ConfigError("The model is not there.", reason="test")

    toy.tools.close = closing
    behave("split", note)
    behave("caption", note)
    build = toy.plan("night")

    if fails:
        with pytest.raises(ConfigError):
            asyncio.run(run_stages(toy.tools, build, ["register", "split", "caption"], 0, silent))
        assert seen[-1] == "closed"
    else:
        asyncio.run(run_stages(toy.tools, build, ["register", "split", "caption"], 0, silent))
        *loops, last = seen
        assert (len(loops), len({id(each) for each in loops}), last) == (6, 1, "closed")


async def test_as_many_units_are_in_flight_as_the_stages_engines_take(toy, behave):
    caption = replace(toy.tools.recipe.stage("caption"), roles=("text",))
    toy.tools.recipe = replace(
        toy.tools.recipe, stages=tuple(caption if each.name == "caption" else each for each in toy.tools.recipe.stages)
    )
    many = _Idle(ModelSpec(name="many", model="many", revision="1"), None, at_once=5)
    toy.tools.engines = lambda _recipe: {"text": many}
    running, most = 0, 0

    async def note(_item) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.05)
        running -= 1

    for name in "cdefgh":
        toy.film(name)
    build = toy.plan("night", *"abcdefgh")
    await toy.run(build, "register", "split")
    behave("caption", note)

    await toy.run(build, "caption")

    assert most == 5
