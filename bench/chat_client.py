"""One client of bench/chat.py, in a process of its own: `python bench/chat_client.py CLIENT PORT REQUESTS`.

Each asks the same questions with the same JSON schema, 256 at once. It prints CPU milliseconds and wall milliseconds a request,
without start-up, imports and a first round in which connections are made.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from chat_instant import MODEL

AT_ONCE = 256
SYSTEM = "You write the context graph of ten seconds of first-person video. Answer with JSON."
Ask = Callable[[int], Awaitable[None]]


def question(number: int) -> str:
    """About as much text as the captions of a segment."""
    return f"Segment {number}. " + "A hand reaches for the drawer below the counter and opens it slowly; wood slides over wood. " * 12


async def with_egoetl(endpoint: str) -> tuple[Ask, Callable[[], Awaitable[None]]]:
    """The whole way of a request of ours: made, named by its key, sent, read, and judged against its schema."""
    from egoetl.core.models import ModelSpec
    from egoetl.core.ports import Message, Request, Sampling
    from egoetl.core.replies import ContextGraphReply
    from egoetl.engines.chat.engine import ChatEngine
    from egoetl.runner.judging import judge
    from egoetl.testing.chat_samples import a_request

    item = a_request().item
    engine = ChatEngine(ModelSpec(name="text", model=MODEL, revision="0", endpoint=endpoint, in_flight=AT_ONCE))

    async def ask(number: int) -> None:
        messages = (Message(role="system", content=SYSTEM), Message(role="user", content=question(number)))
        sampling = Sampling(temperature=0.7, top_p=0.9, seed=number)
        request = Request("mcg", item, messages, None, ContextGraphReply, sampling, unit_id=f"segment-{number}", unit_key=f"{number:064x}")
        judged = judge(await engine.ask(request), ContextGraphReply)
        assert judged.status == "ok", judged

    return ask, engine.close


async def with_openai(endpoint: str) -> tuple[Ask, Callable[[], Awaitable[None]]]:
    """AsyncOpenAI as it comes, with the same schema; what it reads is not validated."""
    from openai import AsyncOpenAI

    client = AsyncOpenAI(base_url=endpoint, api_key="none", max_retries=0, timeout=600)
    fields = _fields()

    async def ask(number: int) -> None:
        said = await client.chat.completions.create(**fields, messages=_messages(number), seed=number)
        assert said.choices[0].message.content

    return ask, client.close


async def with_aiohttp(endpoint: str) -> tuple[Ask, Callable[[], Awaitable[None]]]:
    """aiohttp and orjson alone: what a request costs at least with the library that we use."""
    import aiohttp
    import orjson

    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE), cookie_jar=aiohttp.DummyCookieJar())
    fields, url = _fields(), endpoint + "/chat/completions"

    async def ask(number: int) -> None:
        body = orjson.dumps({**fields, "messages": _messages(number), "seed": number})
        async with session.post(url, data=body, headers={"Content-Type": "application/json"}) as response:
            said = orjson.loads(await response.read())
        assert said["choices"][0]["message"]["content"]

    return ask, session.close


def _messages(number: int) -> list[Any]:
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": question(number)}]


def _fields() -> dict[str, Any]:
    from egoetl.core.replies import ContextGraphReply
    from egoetl.engines.chat.wire_schema import wire_schema

    described = {"name": "ContextGraphReply", "strict": True, "schema": wire_schema(ContextGraphReply, bounds=True)}
    sampling = {"model": MODEL, "temperature": 0.7, "top_p": 0.9, "max_tokens": 512}
    return {**sampling, "response_format": {"type": "json_schema", "json_schema": described}}


CLIENTS = {"egoetl": with_egoetl, "openai": with_openai, "aiohttp": with_aiohttp}


async def measure(client: str, port: int, requests: int) -> dict[str, float]:
    """CPU and wall milliseconds a request."""
    ask, close = await CLIENTS[client](f"http://127.0.0.1:{port}/v1")
    await _ask_all(ask, 4 * AT_ONCE)
    cpu, wall = time.process_time(), time.perf_counter()
    await _ask_all(ask, requests)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    await close()
    return {"cpu_ms": 1000 * cpu / requests, "wall_ms": 1000 * wall / requests}


async def _ask_all(ask: Ask, requests: int) -> None:
    numbers = iter(range(requests))

    async def work() -> None:
        for number in numbers:
            await ask(number)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))))
