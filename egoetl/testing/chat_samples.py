"""Requests of text, and models behind an endpoint, to test the chat engine with."""

import asyncio
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from egoetl.core.items import SampledSegment
from egoetl.core.models import ModelSpec
from egoetl.core.ports import Message, Request, Sampling
from egoetl.core.replies import NarrationReply
from egoetl.engines.chat.engine import ChatEngine
from egoetl.engines.chat.retrying import Backoff
from egoetl.testing.samples import a_clip, a_sampled_clip, a_segment

ANSWER = '{"caption": "A hand opens a drawer."}'
IMPATIENT = Backoff(first=0.005, longest=0.05)
"""Pauses with which a test of many tries ends at once."""


def a_request(number: int = 0, *, task: str = "av_narration", schema: type[BaseModel] = NarrationReply, **sampling: Any) -> Request:
    """A question of a system and a user turn about one segment; `number` tells requests apart."""
    clip = a_clip()
    messages = (Message(role="system", content="You describe."), Message(role="user", content=f"Describe segment {number}."))
    item = SampledSegment(clip=clip, segment=a_segment(clip, 1), sampled=a_sampled_clip(clip))
    return Request(task, item, messages, None, schema, Sampling(**sampling), unit_id=f"segment-{number}", unit_key=f"{number:064x}")


def a_model(endpoint: str | None, **fields: Any) -> ModelSpec:
    """A model behind an endpoint; a test gives what it is about."""
    known: dict[str, Any] = {"name": "text", "model": "tiny", "revision": "abc", "endpoint": endpoint, "deadline_seconds": 20.0}
    return ModelSpec(**{**known, **fields})


def an_engine(endpoint: str | None, *, patience_seconds: float = 5.0, **fields: Any) -> ChatEngine:
    """A chat engine that does not pause for long."""
    return ChatEngine(a_model(endpoint, **fields), patience_seconds=patience_seconds, backoff=IMPATIENT)


async def until(happened: Callable[[], Any], *, seconds: float = 30.0) -> None:
    """Wait for something that another thread does. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not happened():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.005)
