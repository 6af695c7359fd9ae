"""The engine starts its server when it is asked, and once more when it dies."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from pydantic import BaseModel

from egoetl.core.errors import ConfigError
from egoetl.core.models import ModelSpec
from egoetl.core.ports import Message, Request, Sampling
from egoetl.core.records import Record
from egoetl.engines.vllm_server.engine import VllmEngine
from egoetl.engines.vllm_server.server import VllmServer

Spec = Callable[..., ModelSpec]
AssertGone = Callable[[Iterable[int], float], None]


class Shape(BaseModel):
    """Any."""


class Item(Record):
    """Any."""


class Engine(VllmEngine):
    """With the servers that it has made, and what it has told."""

    def __init__(self, spec: ModelSpec, python: Path) -> None:
        self.made: list[VllmServer] = []
        self.told: list[str] = []

        def make() -> VllmServer:
            self.made.append(VllmServer(spec, python=python))
            return self.made[-1]

        super().__init__(spec, make, self.told.append)


def request(number: int = 0) -> Request:
    return Request("caption", Item(), (Message(role="user", content=str(number)),), None, Shape, Sampling(), unit_id=str(number))


def pids_of(checkpoint: Path) -> list[int]:
    return [int(each) for each in (checkpoint / "pids").read_text().split()]


@pytest.fixture
def engine(spec: Spec, python: Path) -> Engine:
    return Engine(spec(), python)


async def test_nothing_is_started_before_it_is_asked(engine: Engine) -> None:
    assert (engine.model, engine.at_once, engine.keeps_replies) == ("tiny@abc", 64, True)
    await engine.close()
    assert engine.made == []


async def test_many_questions_start_one_server_which_ends_with_the_engine(
    engine: Engine, checkpoint: Path, assert_gone: AssertGone
) -> None:
    replies = await asyncio.gather(*(engine.ask(request(number)) for number in range(20)))
    assert {(each.status, each.text) for each in replies} == {("ok", "answered")}
    assert len(engine.made) == 1
    await engine.close()
    assert_gone(pids_of(checkpoint), 5)
    assert (await engine.ask(request())).status == "ok"
    assert len(engine.made) == 2
    await engine.close()


async def test_a_server_that_dies_is_started_again_and_every_question_is_answered(
    engine: Engine, checkpoint: Path, assert_gone: AssertGone
) -> None:
    (checkpoint / "deaths").write_text("9")
    replies = await asyncio.gather(*(engine.ask(request(number)) for number in range(20)))
    assert {each.status for each in replies} == {"ok"}
    assert len(engine.made) == 2
    died = "it was killed with signal 9, perhaps because the machine's memory was full"
    assert engine.told == [f"Model writer: the vLLM server has ended: {died}; it is started again."]
    await engine.close()
    assert_gone(pids_of(checkpoint), 5)


async def test_a_server_that_dies_twice_is_given_up_with_a_typed_reply(engine: Engine, checkpoint: Path, assert_gone: AssertGone) -> None:
    (checkpoint / "deaths").write_text("9\n15")
    replies = await asyncio.gather(*(engine.ask(request(number)) for number in range(8)))
    assert {each.status for each in replies} <= {"ok", "server_error"}
    last = await engine.ask(request(9))
    assert last.status == "server_error"
    assert last.detail == "It was started again and died again: the vLLM server has ended: it was killed with signal 15."
    assert len(engine.made) == 2
    await engine.close()
    assert_gone(pids_of(checkpoint), 5)


async def test_a_server_that_cannot_start_again_is_a_death_too(engine: Engine, checkpoint: Path) -> None:
    assert (await engine.ask(request())).status == "ok"
    (checkpoint / "deaths").write_text("9")
    (checkpoint / "dies_loading").write_text("torch.OutOfMemoryError: CUDA out of memory.")
    reply = await engine.ask(request(1))
    assert reply.status == "server_error"
    assert "out of memory" in reply.detail
    await engine.close()


async def test_one_that_does_not_start_at_all_is_a_mistake_of_the_configuration_told_to_all(engine: Engine, checkpoint: Path) -> None:
    (checkpoint / "dies_loading").write_text("ValueError: no")
    answers = await asyncio.gather(*(engine.ask(request(number)) for number in range(5)), return_exceptions=True)
    assert {type(each) for each in answers} == {ConfigError}
    assert len(engine.made) == 1
    await engine.close()


async def test_a_question_that_is_given_up_does_not_end_the_start_that_others_wait_for(engine: Engine) -> None:
    hasty, patient = (asyncio.create_task(engine.ask(request(number))) for number in range(2))
    await asyncio.sleep(0)
    hasty.cancel()
    assert (await patient).status == "ok"
    assert hasty.cancelled()
    assert len(engine.made) == 1
    await engine.close()
