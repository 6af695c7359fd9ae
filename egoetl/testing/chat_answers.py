"""What a chat server of the tests may answer: a completion, or one of the faults that real servers and networks have."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from aiohttp import web


@dataclass(frozen=True)
class Call:
    """A chat completion that was asked for.

    `body` is the request's JSON, `number` counts requests from 0, `served` is the model that the server answers as, `http` the
    request as it came.
    """

    body: dict[str, Any]
    headers: Mapping[str, str]
    number: int
    served: str
    http: web.Request = field(repr=False)

    @property
    def prompt(self) -> str:
        """The text of all messages, media left out."""
        return "\n".join(_text(each["content"]) for each in self.body["messages"])

    @property
    def request_id(self) -> str:
        """What the client calls its request."""
        return self.headers.get("X-Request-Id", "")


class Answer(Protocol):
    """Something that a responder returns."""

    async def send(self, call: Call, /) -> web.StreamResponse:
        """Answer the request, or mishandle it."""
        ...


@dataclass(frozen=True)
class Said:
    """A completion. Tokens are counted in words; `usage` False leaves them out, as some servers do.

    `model` is whom the reply names, None: the one that was asked. `reasoning` is what vLLM's parser of thoughts has cut off.
    """

    text: str | None
    finish_reason: str = "stop"
    model: str | None = None
    refusal: str | None = None
    reasoning: str | None = None
    cached_tokens: int | None = None
    usage: bool = True

    def body(self, call: Call) -> dict[str, Any]:
        """The completion as JSON-able data."""
        message = {"role": "assistant", "content": self.text, "refusal": self.refusal, "reasoning": self.reasoning}
        choice = {"index": 0, "message": message, "finish_reason": self.finish_reason, "logprobs": None}
        said = {"id": f"chatcmpl-{call.number}", "object": "chat.completion", "created": 0, "model": self.model or call.served}
        return {**said, "choices": [choice], "usage": self._usage(call)}

    def _usage(self, call: Call) -> dict[str, Any] | None:
        if not self.usage:
            return None
        prompt, completion = len(call.prompt.split()), len((self.text or "").split())
        details = None if self.cached_tokens is None else {"cached_tokens": self.cached_tokens}
        counts = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
        return {**counts, "prompt_tokens_details": details}

    async def send(self, call: Call, /) -> web.StreamResponse:
        """Send the completion."""
        return web.json_response(self.body(call))


def white_space_to_the_limit(tokens: int = 512) -> Said:
    """What constrained decoding falls into when a grammar allows white space: nothing else until the limit."""
    return Said("{" + " \n" * tokens, finish_reason="length")


def refused(words: str = "I cannot help with that.") -> Said:
    """What OpenAI's structured outputs answer in place of a reply of the schema."""
    return Said(None, refusal=words)


def filtered() -> Said:
    """A reply that the server's content filter has cut."""
    return Said("", finish_reason="content_filter")


@dataclass(frozen=True)
class Failed:
    """An error: its status code, words and headers (`Retry-After`); `body` in place of OpenAI's shape of it."""

    status: int
    message: str = "The server is overloaded."
    kind: str = "server_error"
    code: str | int | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: str | None = None

    async def send(self, _call: Call, /) -> web.StreamResponse:
        """Send the error."""
        if self.body is not None:
            return web.Response(status=self.status, headers=self.headers, text=self.body)
        code = self.status if self.code is None else self.code
        return web.json_response(error_body(self.message, self.kind, code), status=self.status, headers=self.headers)


def context_overflow(limit: int = 4096, tokens: int = 5000) -> Failed:
    """A prompt that does not fit the model's context, in vLLM's words."""
    words = (
        f"This model's maximum context length is {limit} tokens. However, your prompt contains {tokens} input tokens, which exceeds this "
        f"limit even without any output tokens. Please reduce the length of the input prompt. (parameter=input_tokens, value={tokens})"
    )
    return Failed(400, words, kind="BadRequestError")


@dataclass(frozen=True)
class Hangs:
    """No answer while the server runs."""

    async def send(self, _call: Call, /) -> web.StreamResponse:
        """Wait until the client goes or the server ends."""
        await asyncio.Event().wait()
        raise AssertionError("unreachable")


@dataclass(frozen=True)
class Cut:
    """A connection that is reset in the middle of the answer's body."""

    text: str = '{"caption": "never whole"}'

    async def send(self, call: Call, /) -> web.StreamResponse:
        """Send the headers and half of the body, then nothing more."""
        body = json.dumps(Said(self.text).body(call)).encode()
        response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body))})
        await response.prepare(call.http)
        await response.write(body[: len(body) // 2])
        if call.http.transport is not None:
            call.http.transport.abort()
        return response


@dataclass(frozen=True)
class Broken:
    """A body that ends in the middle and says that it is whole: half a JSON, or a proxy's page."""

    body: str = '{"id": "chatcmpl-1", "object": "chat.completion", "choices": [{"index": 0, "mess'
    content_type: str = "application/json"

    async def send(self, _call: Call, /) -> web.StreamResponse:
        """Send it as a success."""
        return web.Response(text=self.body, content_type=self.content_type)


def error_body(message: str, kind: str, code: str | int) -> dict[str, Any]:
    """An error in OpenAI's shape."""
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def _text(content: str | list[dict[str, Any]]) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content if part["type"] == "text")
