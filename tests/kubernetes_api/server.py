"""The listening side of the API: it can go away and come back under the same address, as a control plane does."""

import asyncio
import socket
from contextlib import suppress

from aiohttp import web

from kubernetes_api.api import Api
from kubernetes_api.pod_life import Machine


class Server:
    """The API behind a loopback port that stays its own."""

    def __init__(self, machine: Machine, token: str) -> None:
        self.api = Api(machine, token)
        self._runner = web.AppRunner(self.api.application(), access_log=None, shutdown_timeout=0.1)
        self._site: web.TCPSite | None = None
        self._port = _free_port()

    @property
    def address(self) -> str:
        """Where clients find it."""
        return f"http://127.0.0.1:{self._port}"

    async def listen(self) -> None:
        """Take connections."""
        if self._runner.server is None:
            await self._runner.setup()
        self._site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await self._site.start()

    async def go_away(self) -> None:
        """Refuse new connections, and cut every one that there is."""
        if self._site is not None:
            await self._site.stop()
            self._site = None
        assert self._runner.server is not None
        for connection in list(self._runner.server.connections):
            if connection.transport is not None:
                connection.transport.abort()

    async def close(self) -> None:
        """End every pod and stop for good."""
        await self.go_away()
        lives = list(self.api.lives.values())
        await asyncio.gather(*(life.end("Shutdown", "the cluster ends", 0) for life in lives), return_exceptions=True)
        with suppress(asyncio.CancelledError):
            await self._runner.cleanup()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
