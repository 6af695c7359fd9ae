"""The scripted models as an endpoint: over HTTP, with a file of models that names it."""

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from egoetl.testing.chat_answers import Answer, Call, Said
from egoetl.testing.chat_server import ChatServer
from scripted_models.writer import Writer

CAPTIONER, WRITER = "scripted-captioner", "scripted-writer"
REVISION = "1"
Fault = Callable[[Call], Answer | None]
"""What a call is answered instead; None: it is answered rightly."""


@contextmanager
def scripted_endpoint(writer: Writer, fault: Fault = lambda _: None, **server: Any) -> Iterator[ChatServer]:
    """A running server of both models; `server` are further arguments of a ChatServer."""
    with ChatServer(answering(writer, fault), **{"models": (CAPTIONER, WRITER), **server}) as running:
        yield running
    assert running.failures == []


def answering(writer: Writer, fault: Fault = lambda _: None) -> Callable[[Call], Awaitable[Answer]]:
    """A responder of a ChatServer: what the fault says, else what the writer replies."""

    async def respond(call: Call) -> Answer:
        answer = fault(call) or Said(writer.reply(call.request_id, question(call.body)))
        # One server stands for both models: it answers as the one that is asked.
        return replace(answer, model=call.body["model"]) if isinstance(answer, Said) and answer.model is None else answer

    return respond


def question(body: Mapping[str, Any]) -> str:
    """The text of a request's first question; later turns only correct the reply."""
    content = next(each["content"] for each in body["messages"] if each["role"] == "user")
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content if part["type"] == "text")


def models_file(folder: Path, server: ChatServer, *, api_key: str | None = None, **settings: Any) -> Path:
    """A file of models that binds every role to the server; `settings` go into both models' tables."""
    keyed = {"api_key": api_key} if api_key else {}
    table = {"revision": REVISION, "endpoint": server.endpoint, **keyed, **settings}
    look = "{ fps = 1.0, max_frames = 10, max_pixels = 100352, pictures = 'images', sound = 'separate' }"
    lines = ["[roles]", f"omni = '{CAPTIONER}'", f"vision = '{CAPTIONER}'", f"text = '{WRITER}'"]
    for name, more in ((CAPTIONER, [f"look = {look}"]), (WRITER, [])):
        lines += [f"[models.{name}]", f"model = '{name}'", *(f"{key} = {json.dumps(value)}" for key, value in table.items()), *more]
    file = folder / "models.toml"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file
