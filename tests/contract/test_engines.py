"""What every engine promises: it answers in the shape that is asked for, may be closed at any time, and starts anew when asked again."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from egoetl.core.exchanges import Exchange
from egoetl.core.models import ModelSpec
from egoetl.core.ports import Engine, Message, Request, Sampling
from egoetl.core.records import Record
from egoetl.core.replies import PlainReply
from egoetl.engines.chat.engine import ChatEngine
from egoetl.engines.measured.engine import MeasuredEngine
from egoetl.engines.replay.engine import ReplayEngine
from egoetl.engines.replay.recording import Header, RecordedModel, read_recording, write_recording
from egoetl.testing.chat_answers import Answer, Call
from egoetl.testing.chat_server import ChatServer

ANSWER = '{"said":"A hand opens a drawer."}'


class Shape(BaseModel):
    """What is asked for."""

    said: str


class Item(Record):
    """What it is about."""


REQUEST = Request("caption", Item(), (Message(role="user", content="What is seen?"),), None, Shape, Sampling(), unit_id="a")


PLAIN = Request("predict", Item(), (Message(role="user", content="What is seen?"),), None, PlainReply, Sampling(), unit_id="a")


def measured(_: Path, __: str) -> Engine:
    return MeasuredEngine(lambda: {"caption": lambda _: {"said": "A hand opens a drawer."}, "predict": lambda _: {"text": ANSWER}})


def chat(_: Path, endpoint: str) -> Engine:
    return ChatEngine(ModelSpec(name="tiny", model="tiny", revision="1", endpoint=endpoint))


def replay(folder: Path, _: str) -> Engine:
    writer = RecordedModel(model="tiny", revision="1")
    header = Header(recipe="egoavu", settings={}, roles={"text": writer}, decoder="pyav-1", licence="None.")
    said = [
        Exchange(
            stage="caption", unit_kind="segment", unit_id="a", ordinal=0, role="text", task="caption", model=writer.identity,
            request=each.key, turn=0, status="ok", answered="ok", text=ANSWER, seconds=1.0,
        )
        for each in (REQUEST, PLAIN)
    ]  # fmt: skip
    write_recording(folder / "recording", header, said)
    return ReplayEngine(writer.identity, lambda: read_recording(folder / "recording"))


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    """A model that answers."""

    async def respond(_: Call) -> str | Answer:
        return ANSWER

    with ChatServer(respond) as running:
        yield running


@pytest.fixture(params=[measured, chat, replay])
async def engine(request: pytest.FixtureRequest, tmp_path: Path, server: ChatServer) -> AsyncIterator[Engine]:
    """One of each kind. That of vLLM is the chat engine with a server's life around it (tests/unit/engines/vllm_server)."""
    made: Engine = request.param(tmp_path, server.endpoint)
    yield made
    await made.close()


async def test_an_answer_has_the_shape_that_is_asked_for(engine: Engine) -> None:
    reply = await engine.ask(REQUEST)
    assert reply.status == "ok"
    assert Shape.model_validate_json(reply.text, strict=True).said == "A hand opens a drawer."
    assert reply.seconds >= 0


async def test_plain_text_is_an_answer_as_it_is(engine: Engine) -> None:
    reply = await engine.ask(PLAIN)
    assert (reply.status, reply.text) == ("ok", ANSWER)


def test_its_name_is_an_id_at_a_revision_before_anything_is_started(engine: Engine) -> None:
    assert re.fullmatch(r"\S+@\S+", engine.model)
    assert engine.at_once >= 0
    assert engine.keeps_replies == (not isinstance(engine, MeasuredEngine))


async def test_it_may_be_closed_before_it_is_asked_and_twice_and_be_asked_again(engine: Engine) -> None:
    close: Callable[[], Awaitable[None]] = engine.close
    await close()
    assert (await engine.ask(REQUEST)).status == "ok"
    await close()
    await close()
    assert (await engine.ask(REQUEST)).text == ANSWER
