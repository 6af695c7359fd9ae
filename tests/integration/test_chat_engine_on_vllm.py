"""The chat engine and a real server: vLLM with a tiny Llama, whose random weights write anything that a schema admits."""

import asyncio
from typing import Annotated, Any

import pytest
from inference.servers import ModelServer
from pydantic import Field

from egoetl.core.errors import ConfigError
from egoetl.core.ports import Message
from egoetl.core.records import Record
from egoetl.core.replies import ContextGraphReply, NarrationReply
from egoetl.engines.chat.engine import ChatEngine
from egoetl.qa.index import TASKS
from egoetl.runner.judging import judge
from egoetl.testing.chat_samples import a_request, an_engine

pytestmark = [pytest.mark.slow, pytest.mark.needs("models")]
VARIABLE = "EGOETL_TEST_SERVER_KEY"


class ShortReply(Record):
    """A reply that fits into any limit."""

    caption: Annotated[str, Field(min_length=1, max_length=40)]
    objects: Annotated[tuple[Annotated[str, Field(max_length=12)], ...], Field(max_length=3)]


@pytest.fixture
def asked(llama_server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes an engine that asks the server with its key."""
    monkeypatch.setenv(VARIABLE, llama_server.api_key)

    def engine(**fields: Any) -> ChatEngine:
        known = {"model": llama_server.model, "api_key": VARIABLE, "in_flight": 8, "deadline_seconds": 120.0}
        return an_engine(llama_server.endpoint, **{**known, **fields})

    return engine


async def test_replies_are_strict_json_counted_and_repeatable(asked: Any, llama_server: ModelServer) -> None:
    engine = asked()
    sampled = {"schema": ShortReply, "max_tokens": 300, "temperature": 1.0}
    replies = await asyncio.gather(*(engine.ask(a_request(number, seed=number, **sampled)) for number in range(12)))
    again = await engine.ask(a_request(5, seed=5, **sampled))
    await engine.close()
    assert {judge(each, ShortReply).status for each in replies} == {"ok"}
    assert again.text == replies[5].text
    assert len({each.text for each in replies}) > 1
    assert all(each.prompt_tokens and each.completion_tokens and each.model == llama_server.model for each in replies)


async def test_the_server_draws_under_every_schema_that_we_ask_for(asked: Any) -> None:
    engine = asked()
    schemas = [ContextGraphReply, NarrationReply, *(task.schema for task in TASKS.values())]
    replies = await asyncio.gather(*(engine.ask(a_request(schema=each, max_tokens=24)) for each in schemas))
    await engine.close()
    assert {each.status for each in replies} <= {"ok", "truncated"}
    assert {each.tries for each in replies} == {1}
    assert all(each.text.startswith('{"') for each in replies)


async def test_what_cannot_be_answered_ends_as_what_it_is(asked: Any, llama_server: ModelServer) -> None:
    engine = asked()
    request = a_request(schema=ShortReply, max_tokens=8)
    long = await engine.ask(request.again(Message(role="user", content="A drawer opens. " * 20_000)))
    wide = await engine.ask(a_request(schema=ShortReply, max_tokens=10_000_000))
    short = await engine.ask(a_request(schema=ShortReply, max_tokens=3))
    await engine.close()
    assert [each.status for each in (long, wide, short)] == ["too_long", "too_long", "truncated"], (long, wide, short)
    for fields, reason in (({"model": "another"}, "model_unknown"), ({"api_key": None}, "endpoint_refuses_key")):
        engine = asked(**fields)
        with pytest.raises(ConfigError) as refused:
            await engine.ask(request)
        await engine.close()
        assert refused.value.reason == reason
        assert llama_server.api_key not in str(refused.value)
