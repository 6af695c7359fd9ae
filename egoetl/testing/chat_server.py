"""A real HTTP server on loopback that speaks OpenAI's chat completions, for tests.

async def responder(call: Call) -> str | Answer:
    return '{"caption": "A hand opens a drawer."}'

with ChatServer(responder, models=["tiny"]) as server:
    server.endpoint              # http://127.0.0.1:PORT/v1
    server.calls                 # every completion that was asked for, in order of arrival
    server.most_at_once          # how many were in flight together at most
    server.abandoned             # how many were given up by the client before they were answered

A responder returns the answer's text, or any answer of `chat_answers`: an error with headers, a hang, a cut connection and so on.
It may wait, and raises for nothing but a failed assertion, which the client sees as 500 and the test as `server.failures`.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from aiohttp import web

from egoetl.testing.chat_answers import Answer, Call, Said, error_body

Responder = Callable[[Call], Awaitable[str | Answer]]
_HOST = "127.0.0.1"


@dataclass(frozen=True)
class Asked:
    """A request for the list of models."""

    headers: Mapping[str, str]


class ChatServer:
    """Serves in a thread with an event loop of its own. Use as a context manager.

    Args:
        responder: answers a chat completion; called in the server's loop.
        models: what /v1/models lists; the first is who answers. None: the server has no such route.
        key: the key that it wants as bearer token; None: it takes any request.
        port: where it listens; 0: anywhere.
        aliases: further names that a model of the list is known under, as `root` in vLLM's list.
    """

    def __init__(
        self,
        responder: Responder,
        *,
        models: Sequence[str] | None = ("tiny",),
        key: str | None = None,
        port: int = 0,
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        self.responder = responder
        self.models = models
        self.key = key
        self.port = port
        self.aliases = aliases or {}
        self.calls: list[Call] = []
        self.listings: list[Asked] = []
        self.failures: list[BaseException] = []
        self.at_once = 0
        self.most_at_once = 0
        self.abandoned = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="chat-server", daemon=True)

    @property
    def endpoint(self) -> str:
        """The base address, with `/v1`."""
        return f"http://{_HOST}:{self.port}/v1"

    def __enter__(self) -> "ChatServer":
        self._thread.start()
        self._call(self._start())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._call(self._runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _start(self) -> None:
        app = web.Application(client_max_size=1 << 30)
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/chat/completions", self._completions)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, _HOST, self.port, reuse_address=True, backlog=1024)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _models(self, request: web.Request) -> web.StreamResponse:
        self.listings.append(Asked(request.headers))
        if refusal := self._refusal(request):
            return refusal
        if self.models is None:
            return web.json_response(error_body("Not Found", "NotFoundError", 404), status=404)
        data = [{"id": name, "object": "model", "owned_by": "tests", "root": self.aliases.get(name, name)} for name in self.models]
        return web.json_response({"object": "list", "data": data})

    async def _completions(self, request: web.Request) -> web.StreamResponse:
        if refusal := self._refusal(request):
            return refusal
        call = Call(await request.json(), request.headers, len(self.calls), (self.models or ["tiny"])[0], request)
        self.calls.append(call)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            answer = await self.responder(call)
            return await (Said(answer) if isinstance(answer, str) else answer).send(call)
        except asyncio.CancelledError:
            self.abandoned += 1
            raise
        except Exception as error:
            self.failures.append(error)
            raise
        finally:
            self.at_once -= 1

    def _refusal(self, request: web.Request) -> web.StreamResponse | None:
        """What a request with another key gets; the message shows the key that was sent, as careless servers do."""
        sent = request.headers.get("Authorization", "")
        if self.key is None or sent == f"Bearer {self.key}":
            return None
        return web.json_response(
            error_body(f"Incorrect API key provided: {sent.removeprefix('Bearer ')}.", "invalid_request_error", 401), status=401
        )
