"""The engine `vllm`: a server of our own, started when the first question comes, and the chat engine that asks it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from egoetl.core.errors import EgoetlError
from egoetl.core.models import ModelSpec
from egoetl.core.ports import Reply, Request
from egoetl.engines.chat.engine import ChatEngine
from egoetl.engines.vllm_server.server import VllmServer

MOST_DEATHS = 2
LAST_WORDS_SECONDS = 5.0


class _Serving(NamedTuple):
    """A server that runs, and who asks it."""

    server: VllmServer
    chat: ChatEngine


class VllmEngine:
    """Implements `core.ports.Engine`. A server that dies is started once more, and what was in flight is asked again.

    Args:
        spec: the model, with `launch`.
        server: makes the server; it is started here.
        tell: told when the server has died.
    """

    def __init__(self, spec: ModelSpec, server: Callable[[], VllmServer], tell: Callable[[str], None] = lambda _: None) -> None:
        self._spec = spec
        self._make_server = server
        self._tell = tell
        self._starting: asyncio.Task[_Serving] | None = None
        self._burying = asyncio.Lock()
        self._deaths: list[str] = []

    @property
    def model(self) -> str:
        """`id@revision`, part of every content key."""
        return self._spec.identity

    @property
    def at_once(self) -> int:
        """Most requests in flight, as the model's entry says."""
        return self._spec.in_flight

    @property
    def keeps_replies(self) -> bool:
        """Yes: no reply can be worked out again."""
        return True

    async def ask(self, request: Request) -> Reply:
        """Answer one request, starting the server if it does not run. Raises as `VllmServer.start` does.

        Once the server has died twice, every reply is a `server_error` that says how it died.
        """
        while len(self._deaths) < MOST_DEATHS:
            if (serving := await self._serving()) is None:
                continue
            reply = await _unless_it_ends(serving, request)
            if reply is not None and (reply.status != "server_error" or await serving.server.is_well()):
                return reply
            await self._bury(serving)
        return Reply(status="server_error", text="", seconds=0.0, detail=f"It was started again and died again: {self._deaths[-1]}.")

    async def close(self) -> None:
        """Stop the server and close the connections to it; the next question starts one anew."""
        starting, self._starting, self._deaths = self._starting, None, []
        if starting is None:
            return
        starting.cancel()
        with suppress(asyncio.CancelledError, EgoetlError):
            await _end(await starting)

    async def _serving(self) -> _Serving | None:
        """The running server, started at most once for all who wait for it; None if it could not be started after a death."""
        if self._starting is None:
            self._starting = asyncio.create_task(self._start())
        starting = self._starting
        try:
            # Shielded: one question that is given up must not end the start that others wait for.
            return await asyncio.shield(starting)
        except EgoetlError as error:
            if not self._deaths:
                raise
            if starting is self._starting:
                self._starting = None
                self._deaths.append(str(error).rstrip("."))
                self._tell_death()
            return None

    async def _start(self) -> _Serving:
        server = self._make_server()
        await server.start()
        return _Serving(server, ChatEngine(self._spec, endpoint=server.endpoint, secret=server.secret))

    async def _bury(self, serving: _Serving) -> None:
        """Clear away a server that does not answer and note its death, once for all whose questions it had.

        Nobody starts another before it is gone: it holds the memory that the other one needs.
        """
        async with self._burying:
            starting = self._starting
            if starting is None or not starting.done() or starting.cancelled() or starting.exception() or starting.result() is not serving:
                return
            # One whose engine is dead ends by itself, and says why.
            with suppress(TimeoutError):
                await asyncio.wait_for(serving.server.ended.wait(), LAST_WORDS_SECONDS)
            await _end(serving)
            self._starting = None
            self._deaths.append(serving.server.obituary())
            self._tell_death()

    def _tell_death(self) -> None:
        after = "it is started again" if len(self._deaths) < MOST_DEATHS else "it is not started again"
        self._tell(f"Model {self._spec.name}: {self._deaths[-1]}; {after}.")


async def _unless_it_ends(serving: _Serving, request: Request) -> Reply | None:
    """The reply, or None if the server has ended before it came."""
    asking = asyncio.ensure_future(serving.chat.ask(request))
    ending = asyncio.ensure_future(serving.server.ended.wait())
    try:
        await asyncio.wait({asking, ending}, return_when=asyncio.FIRST_COMPLETED)
        return asking.result() if asking.done() else None
    finally:
        for each in (asking, ending):
            each.cancel()
        await asyncio.gather(asking, ending, return_exceptions=True)


async def _end(serving: _Serving) -> None:
    await serving.chat.close()
    await serving.server.stop()
