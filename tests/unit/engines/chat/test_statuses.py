"""How each kind of answer ends: its status, or the sentence that a person is told."""

import asyncio
import logging
from typing import Any

import pytest

from egoetl.core.ports import Reply
from egoetl.testing.chat_answers import (
    Answer,
    Broken,
    Call,
    Cut,
    Failed,
    Hangs,
    Said,
    context_overflow,
    filtered,
    refused,
    white_space_to_the_limit,
)
from egoetl.testing.chat_samples import ANSWER, a_request, an_engine, until
from egoetl.testing.chat_server import ChatServer


async def answered(*answers: str | Answer, **fields: Any) -> tuple[Reply, ChatServer]:
    """The reply to one request, where the server gives these answers one after another, the last for ever."""

    async def responder(call: Call) -> str | Answer:
        return answers[min(call.number, len(answers) - 1)]

    with ChatServer(responder) as server:
        engine = an_engine(server.endpoint, **fields)
        try:
            return await engine.ask(a_request(max_tokens=64, seed=7, temperature=0.7, top_p=0.9)), server
        finally:
            await engine.close()


async def test_an_answer_comes_with_all_that_the_server_counts() -> None:
    reply, server = await answered(Said(ANSWER, cached_tokens=3))
    assert (reply.status, reply.text, reply.model, reply.finish_reason, reply.tries) == ("ok", ANSWER, "tiny", "stop", 1)
    assert (reply.prompt_tokens, reply.completion_tokens, reply.cached_tokens) == (5, 6, 3)
    assert reply.seconds > 0
    [call] = server.calls
    body = call.body
    assert (body["model"], body["max_tokens"], body["seed"], body["temperature"], body["top_p"]) == ("tiny", 64, 7, 0.7, 0.9)
    assert [each["role"] for each in body["messages"]] == ["system", "user"]
    assert body["response_format"]["type"] == "json_schema"
    assert body["response_format"]["json_schema"]["name"] == "NarrationReply"
    assert call.request_id == a_request(max_tokens=64, seed=7, temperature=0.7, top_p=0.9).name
    assert "Authorization" not in call.headers


async def test_tokens_that_nobody_counted_are_none() -> None:
    reply, _ = await answered(Said(ANSWER, usage=False))
    assert (reply.status, reply.prompt_tokens, reply.completion_tokens, reply.cached_tokens) == ("ok", None, None, None)


@pytest.mark.parametrize(
    ("answer", "status", "detail"),
    [
        (Said('{"caption": "A ha', finish_reason="length"), "truncated", "the reply went on to the limit"),
        (white_space_to_the_limit(), "truncated", "limit"),
        (Said(" \n" * 50, finish_reason="length"), "truncated", "white space went on"),
        (refused("No."), "refused", "No."),
        (filtered(), "refused", "content filter"),
        (Said(""), "empty", "no text"),
        (Said(None), "empty", "no text"),
        (Said(" \n\t "), "empty", "no text"),
        (Said(ANSWER, model="another"), "other_model", "another has answered"),
        (context_overflow(), "too_long", "maximum context length is 4096 tokens"),
        (Failed(413, "Request entity too large"), "too_long", "HTTP 413"),
        (Failed(400, "content_filter: blocked", code="content_filter"), "refused", "blocked"),
        (Failed(400, "messages[0] is wrong"), "server_error", "HTTP 400: messages[0] is wrong"),
        (Failed(422, "not processable"), "server_error", "HTTP 422"),
    ],
)
async def test_what_trying_again_cannot_help_is_asked_once(answer: Answer, status: str, detail: str) -> None:
    reply, server = await answered(answer)
    assert reply.status == status
    assert detail in reply.detail
    assert (len(server.calls), reply.tries) == (1, 1)


@pytest.mark.parametrize(
    "words",
    [
        "The decoder prompt (length 2048) is longer than the maximum model length of 1024. Make sure that `max_model_len` is no smaller",
        "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens (8000 in the messages, 1000 in the ...).",
        "max_tokens=5000 cannot be greater than max_model_len=2048. Please request fewer output tokens. (parameter=max_tokens, value=5000)",
        "The input token count (218152) exceeds the maximum number of tokens allowed (65536).",
        "prompt is too long: 208310 tokens > 200000 maximum",
        "the request exceeds the available context size, try increasing it",
        "The decoder prompt contains a(n) video item with length 2520, which exceeds the pre-allocated encoder cache size 2048.",
    ],
)
async def test_a_context_overflow_is_known_by_many_words(words: str) -> None:
    reply, _ = await answered(Failed(400, words, kind="invalid_request_error"))
    assert reply.status == "too_long"


async def test_a_context_overflow_is_known_in_the_list_that_gemini_wraps_errors_in() -> None:
    words = "The input token count (9) exceeds the maximum number of tokens allowed (8)."
    reply, _ = await answered(Failed(400, body=f'[{{"error": {{"code": 400, "message": "{words}", "status": "INVALID_ARGUMENT"}}}}]'))
    assert (reply.status, reply.detail) == ("too_long", f"HTTP 400: {words}")


@pytest.mark.parametrize(
    "fault",
    [
        *(Failed(status) for status in (408, 409, 425, 429, 500, 502, 503, 504, 529)),
        Failed(429, headers={"Retry-After": "0"}),
        Failed(503, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}),
        Failed(500, body="<html>oops</html>"),
        Broken(),
        Broken("<html>a proxy's page</html>", "text/html"),
        Broken('{"choices": []}'),
        Broken("[]"),
        Broken('"text"'),
        Said("", finish_reason="abort"),
        Cut(),
    ],
    ids=repr,
)
async def test_what_may_pass_is_tried_again(fault: Answer) -> None:
    reply, server = await answered(fault, fault, ANSWER)
    assert (reply.status, reply.text, reply.tries) == ("ok", ANSWER, 3)
    assert len({call.request_id for call in server.calls}) == 1


async def test_a_server_that_breaks_on_a_request_is_not_asked_for_ever() -> None:
    reply, server = await answered(Failed(500, "CUDA error"))
    assert (reply.status, reply.detail, reply.tries) == ("server_error", "HTTP 500: CUDA error", 4)
    assert len(server.calls) == 4


async def test_a_retry_after_in_seconds_holds_every_request_back() -> None:
    reply, _ = await answered(Failed(429, headers={"Retry-After": "1"}), ANSWER)
    assert reply.status == "ok"
    assert reply.seconds >= 1


async def test_a_pause_longer_than_the_deadline_ends_at_the_deadline() -> None:
    reply, server = await answered(Failed(429, "slow down", headers={"Retry-After": "3600"}), ANSWER, deadline_seconds=0.2)
    assert (reply.status, reply.detail) == ("timed_out", "no answer within 0.2 s; before, HTTP 429: slow down")
    assert len(server.calls) == 1


async def test_a_server_that_hangs_ends_at_the_deadline() -> None:
    reply, server = await answered(Hangs(), deadline_seconds=0.2)
    assert (reply.status, reply.detail, reply.tries) == ("timed_out", "no answer within 0.2 s", 1)
    assert len(server.calls) == 1


async def test_a_server_that_nobody_reaches_is_waited_for_while_patience_lasts(unused_tcp_port: int) -> None:
    engine = an_engine(f"http://127.0.0.1:{unused_tcp_port}/v1", patience_seconds=0.1)
    reply = await engine.ask(a_request())
    await engine.close()
    assert reply.status == "server_error"
    assert f"127.0.0.1:{unused_tcp_port}" in reply.detail
    assert reply.seconds >= 0.1


async def test_a_server_that_comes_back_is_asked_again(unused_tcp_port: int, caplog: pytest.LogCaptureFixture) -> None:
    async def responder(_: Call) -> str:
        return ANSWER

    with ChatServer(responder, port=unused_tcp_port) as server:
        engine = an_engine(server.endpoint, patience_seconds=20)
        assert (await engine.ask(a_request())).status == "ok"
    with caplog.at_level(logging.WARNING):
        asked = asyncio.create_task(engine.ask(a_request(1)))
        await until(lambda: "is away" in caplog.text)
        with ChatServer(responder, port=unused_tcp_port):
            assert (await asked).status == "ok"
            await engine.close()
    assert [record.message.split(" ", 1)[1].split(" (")[0] for record in caplog.records] == ["is away", "answers again; going on."]
