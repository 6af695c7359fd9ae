"""What an endpoint serves and which dialect it speaks is found out with the first requests."""

import asyncio
import logging
import threading
from typing import Any

import pytest

from egoetl.core.errors import ConfigError
from egoetl.engines.chat.serving import Served
from egoetl.testing.chat_answers import Answer, Call, Failed
from egoetl.testing.chat_samples import ANSWER, a_request, an_engine, until
from egoetl.testing.chat_server import ChatServer


async def always(_: Call) -> str:
    return ANSWER


async def test_an_unknown_model_is_told_with_what_the_server_has() -> None:
    with ChatServer(always, models=[f"model-{number}" for number in range(20)]) as server:
        engine = an_engine(server.endpoint)
        with pytest.raises(ConfigError) as unknown:
            await engine.ask(a_request())
        await engine.close()
    assert unknown.value.reason == "model_unknown"
    assert f"{server.endpoint} serves no model 'tiny'" in str(unknown.value)
    assert "It serves model-0, model-1, model-10, model-11, model-12, model-13, model-14, model-15 and 12 more." in str(unknown.value)
    assert server.calls == []


async def test_the_list_is_asked_for_once() -> None:
    with ChatServer(always) as server:
        engine = an_engine(server.endpoint)
        replies = await asyncio.gather(*(engine.ask(a_request(number)) for number in range(20)))
        await engine.close()
        assert {each.status for each in replies} == {"ok"}
        assert len(server.listings) == 1


async def test_an_endpoint_without_a_list_is_asked_all_the_same() -> None:
    with ChatServer(always, models=None) as server:
        engine = an_engine(server.endpoint)
        assert (await engine.ask(a_request())).status == "ok"
        await engine.close()


async def test_a_model_that_only_a_question_finds_unknown() -> None:
    async def responder(_: Call) -> Answer:
        return Failed(404, "The model `tiny` does not exist.", kind="NotFoundError")

    with ChatServer(responder, models=None) as server:
        engine = an_engine(server.endpoint)
        with pytest.raises(ConfigError) as unknown:
            await engine.ask(a_request())
        await engine.close()
    assert unknown.value.reason == "model_unknown"


async def test_an_address_that_is_no_chat_server_is_told() -> None:
    with ChatServer(always) as server:
        engine = an_engine(server.endpoint.removesuffix("/v1"))
        with pytest.raises(ConfigError, match="up to and with /v1") as missing:
            await engine.ask(a_request())
        await engine.close()
    assert missing.value.reason == "endpoint_no_chat"


@pytest.mark.parametrize("fault", [Failed(402, "no credit"), Failed(429, "quota", code="insufficient_quota")])
async def test_an_account_without_credit_is_told(fault: Failed) -> None:
    async def responder(_: Call) -> Answer:
        return fault

    with ChatServer(responder) as server:
        engine = an_engine(server.endpoint)
        with pytest.raises(ConfigError) as empty:
            await engine.ask(a_request())
        await engine.close()
        assert len(server.calls) == 1
    assert empty.value.reason == "endpoint_quota_exhausted"


@pytest.mark.parametrize(
    ("asked", "answered", "same"),
    [
        ("tiny", "tiny", True),
        ("tiny", "meta/tiny-3", True),
        ("tiny", "other", False),
        ("meta/tiny-3", "tiny", True),
        ("gpt-x", "gpt-x-2026-08-06", True),
        ("gpt-x", "gpt-x-0613", True),
        ("gpt-x", "gpt-x-mini", False),
        ("gpt-x", "gpt-x-mini-2026-08-06", False),
        ("gemini", "models/gemini", True),
        ("models/gemini", "gemini-001", True),
        ("llama-8b", "llama-70b", False),
    ],
)
def test_who_may_answer_for_a_model(asked: str, answered: str, same: bool) -> None:
    served = Served.of(b'{"data": [{"id": "tiny", "root": "meta/tiny-3"}, {"id": "models/gemini"}, {"id": "other", "aliases": ["third"]}]}')
    assert served.is_same(asked, answered) == same


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'{"data": 3}', b'{"data": [1, {"id": 2}]}', b"<html>"])
def test_what_is_no_list_counts_as_none(body: bytes) -> None:
    served = Served.of(body)
    served.require("anything", "http://host/v1")
    assert not served.names


async def _taught(refusal: Failed, understands: Any, caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    """The body that a server took which refuses others so; two requests, so that what was learned is kept."""

    async def responder(call: Call) -> str | Answer:
        return ANSWER if understands(call.body) else refusal

    with ChatServer(responder) as server, caplog.at_level(logging.WARNING):
        engine = an_engine(server.endpoint)
        first, second = await engine.ask(a_request()), await engine.ask(a_request(1))
        await engine.close()
        assert (first.status, second.status, first.tries, second.tries) == ("ok", "ok", 2, 1)
        assert len(caplog.records) == 1
        return server.calls[-1].body


async def test_a_newer_model_wants_the_limit_by_its_newer_name(caplog: pytest.LogCaptureFixture) -> None:
    words = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    body = await _taught(Failed(400, words, code="unsupported_parameter"), lambda body: "max_tokens" not in body, caplog)
    assert body["max_completion_tokens"] == 512
    assert "max_completion_tokens in place of max_tokens" in caplog.text


async def test_an_endpoint_that_knows_no_seed_is_asked_without_one(caplog: pytest.LogCaptureFixture) -> None:
    error = '[{"error": {"code": 400, "message": "Invalid JSON payload received. Unknown name \\"seed\\": Cannot find field."}}]'
    body = await _taught(Failed(400, body=error), lambda body: "seed" not in body, caplog)
    assert body["max_tokens"] == 512
    assert "not repeatable" in caplog.text


@pytest.mark.parametrize(
    "words",
    [
        "Invalid schema for response_format 'NarrationReply': In context=('properties', 'caption'), 'maxLength' is not permitted.",
        "Unable to submit request because one or more response schemas specified unsupported field min_length.",
    ],
)
async def test_a_strict_mode_that_refuses_bounds_is_asked_without_them(words: str, caplog: pytest.LogCaptureFixture) -> None:
    body = await _taught(Failed(400, words), lambda body: "maxLength" not in str(body), caplog)
    assert body["response_format"]["json_schema"]["schema"]["properties"] == {"caption": {"type": "string"}}
    assert body["seed"] == 0


async def test_a_refusal_that_teaches_nothing_leaves_the_dialect_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    async def responder(call: Call) -> str | Answer:
        return Failed(400, "this picture breaks the schema") if "segment 0" in call.prompt else ANSWER

    with ChatServer(responder) as server:
        engine = an_engine(server.endpoint)
        refused, taken = await engine.ask(a_request(0)), await engine.ask(a_request(1))
        await engine.close()
        assert (refused.status, refused.tries, taken.status) == ("server_error", 2, "ok")
        assert "maxLength" in str(server.calls[-1].body)
    assert caplog.records == []


async def test_further_fields_of_the_entry_go_along() -> None:
    with ChatServer(always) as server:
        engine = an_engine(server.endpoint, extra_body={"reasoning_effort": "none", "top_p": 0.5})
        await engine.ask(a_request())
        await engine.close()
        assert (server.calls[0].body["reasoning_effort"], server.calls[0].body["top_p"]) == ("none", 0.5)


async def test_the_name_of_a_request_is_plain_ascii() -> None:
    with ChatServer(always) as server:
        engine = an_engine(server.endpoint)
        await engine.ask(a_request(task="über\r\nX-Evil: 1 küche"))
        await engine.close()
        assert server.calls[0].request_id.startswith("_ber__X-Evil:_1_k_che/segment-0/")
        assert "X-Evil" not in server.calls[0].headers


async def test_a_closed_engine_may_be_asked_again_and_closed_again() -> None:
    with ChatServer(always) as server:
        engine = an_engine(server.endpoint)
        await engine.close()
        for _ in range(2):
            assert (await engine.ask(a_request())).status == "ok"
            await engine.close()
            await engine.close()
        assert len(server.listings) == 2


async def test_what_is_asked_while_an_engine_is_closed_ends_with_a_status() -> None:
    async def responder(_: Call) -> str:
        await asyncio.Event().wait()
        return ANSWER

    with ChatServer(responder) as server:
        engine = an_engine(server.endpoint, in_flight=2)
        asked = [asyncio.create_task(engine.ask(a_request(number))) for number in range(4)]
        await until(lambda: server.at_once > 0)
        await engine.close()
        assert {(each.status, each.detail) for each in await asyncio.gather(*asked)} == {
            ("server_error", "the engine was closed while it was asked")
        }


async def test_an_engine_that_is_closed_while_it_asks_for_the_list_ends_with_a_status(unused_tcp_port: int) -> None:
    engine = an_engine(f"http://127.0.0.1:{unused_tcp_port}/v1", patience_seconds=60)
    asked = asyncio.create_task(engine.ask(a_request()))
    await asyncio.sleep(0)
    await engine.close()
    assert (await asked).detail == "the engine was closed while it was asked"


def test_an_engine_outlives_its_event_loop() -> None:
    async def ask() -> str:
        reply = await engine.ask(a_request())
        await engine.close()
        return reply.status

    with ChatServer(always) as server:
        engine = an_engine(server.endpoint)
        assert [asyncio.run(ask()) for _ in range(2)] == ["ok", "ok"]


async def test_a_request_that_is_cancelled_ends_at_once_and_leaves_its_slot() -> None:
    async def responder(call: Call) -> str:
        if "segment 0" in call.prompt:
            await asyncio.Event().wait()
        return ANSWER

    with ChatServer(responder) as server:
        engine = an_engine(server.endpoint, in_flight=1)
        asked = asyncio.create_task(engine.ask(a_request(0)))
        waiting = asyncio.create_task(engine.ask(a_request(1)))
        await until(lambda: server.at_once == 1)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert (await waiting).status == "ok"
        await until(lambda: server.abandoned == 1)
        assert server.most_at_once == 1
        await engine.close()


async def test_the_one_that_asks_for_the_list_may_be_cancelled() -> None:
    came, answer = threading.Event(), threading.Event()

    class Slow(ChatServer):
        async def _models(self, request: Any) -> Any:
            came.set()
            await asyncio.to_thread(answer.wait)
            return await super()._models(request)

    with Slow(always) as server:
        engine = an_engine(server.endpoint)
        first, second = (asyncio.create_task(engine.ask(a_request(number))) for number in range(2))
        await until(came.is_set)
        first.cancel()
        answer.set()
        assert (await second).status == "ok"
        assert len(server.listings) == 1
        await engine.close()
