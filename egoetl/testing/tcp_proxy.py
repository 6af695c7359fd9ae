"""A TCP proxy on loopback that does to connections what networks and busy servers do, for tests.

with TcpProxy("127.0.0.1", 5432) as proxy:
    proxy.port, proxy.endpoint     # where clients connect instead
    proxy.latency_seconds = 0.05   # each piece of bytes waits so long, in both directions
    proxy.refusing = True          # new connections are reset at once; those that are open stay
    proxy.cut_after(100_000)       # the connection that carries the 100,000th byte from here on is reset; once
    proxy.cut_all()                # every open connection is reset
    proxy.answer_503(times=20)     # the next 20 HTTP requests get 503 SlowDown from the proxy itself
    proxy.renaming = (b"If-None-Match", b"X-Not-Looked-At")  # in what clients send
"""

import asyncio
import socket
import struct
import threading
from collections.abc import Coroutine
from contextlib import suppress
from types import TracebackType
from typing import Any

_HOST = "127.0.0.1"
_PIECE = 1 << 16
_SLOW_DOWN = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
_ANSWER_503 = b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/xml\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (
    len(_SLOW_DOWN),
    _SLOW_DOWN,
)


class TcpProxy:
    """Forwards connections to a server; its attributes may be changed at any time, from any thread."""

    def __init__(self, host: str, port: int) -> None:
        self._server = host, port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tcp-proxy", daemon=True)
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._until_cut: dict[bool, int] = {}
        self._answers_503 = 0
        self.port = 0
        self.latency_seconds = 0.0
        self.refusing = False
        self.renaming: tuple[bytes, bytes] | None = None
        self.carried_bytes = 0
        """In both directions, all connections together."""
        self.answered_bytes = 0
        self.cuts = 0
        """How many connections were reset by `cut_after`."""
        self.answered_503 = 0

    @property
    def endpoint(self) -> str:
        """Its address for HTTP."""
        return f"http://{_HOST}:{self.port}"

    def cut_after(self, size_bytes: int, *, answers: bool = False) -> None:
        """Reset the connection that carries this byte, counted from now over all connections and in one direction; once."""
        self._until_cut[answers] = size_bytes

    def answer_503(self, times: int) -> None:
        """Answer so many requests with 503 SlowDown, without asking the server."""
        self._answers_503 = times

    def cut_all(self) -> None:
        """Reset every open connection."""
        self._loop.call_soon_threadsafe(lambda: [_reset(each) for each in list(self._open)])

    def __enter__(self) -> "TcpProxy":
        self._thread.start()
        listening = self._call(asyncio.start_server(self._serve, _HOST, 0))
        self.port = listening.sockets[0].getsockname()[1]
        self._listening = listening
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _close(self) -> None:
        self._listening.close()
        for each in list(self._open):
            _reset(each)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._open.add(writer)
        try:
            if self.refusing:
                _reset(writer)
            else:
                await self._forward(reader, writer)
        except OSError:
            _reset(writer)  # the server has gone, and so must the client's connection
        except asyncio.CancelledError:
            _reset(writer)  # the proxy ends; asyncio's streams would report a task that says so
        finally:
            writer.close()
            self._open.discard(writer)
            self._tasks.discard(task)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection(*self._server)
        self._open.add(server_writer)
        ways = [
            asyncio.create_task(self._requests(reader, server_writer, writer)),
            asyncio.create_task(self._pump(server_reader, writer, server_writer)),
        ]
        try:
            ended, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ended:
                way.result()
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            server_writer.close()
            self._open.discard(server_writer)

    async def _requests(self, reader: asyncio.StreamReader, server: asyncio.StreamWriter, client: asyncio.StreamWriter) -> None:
        while piece := await reader.read(_PIECE):
            if self._answers_503 > 0 and b" HTTP/1.1\r\n" in piece:
                self._answers_503 -= 1
                self.answered_503 += 1
                client.write(_ANSWER_503)
                while await reader.read(_PIECE):
                    pass  # an end before the client's would be a reset, and the answer lost
                return
            await self._carry(piece.replace(*self.renaming) if self.renaming else piece, server, client, answer=False)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, other: asyncio.StreamWriter) -> None:
        while piece := await reader.read(_PIECE):
            await self._carry(piece, writer, other, answer=True)

    async def _carry(self, piece: bytes, writer: asyncio.StreamWriter, other: asyncio.StreamWriter, *, answer: bool) -> None:
        if self.latency_seconds:
            await asyncio.sleep(self.latency_seconds)
        self.carried_bytes += len(piece)
        self.answered_bytes += len(piece) if answer else 0
        if answer in self._until_cut:
            left = self._until_cut[answer]
            if len(piece) >= left:
                del self._until_cut[answer]
                self.cuts += 1
                writer.write(piece[:left])
                await writer.drain()
                _reset(writer)
                _reset(other)
                raise ConnectionResetError("cut by the proxy")
            self._until_cut[answer] = left - len(piece)
        writer.write(piece)
        await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection as a crash does: with a reset, not with a farewell."""
    with suppress(OSError, AttributeError):
        found = writer.get_extra_info("socket")
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
