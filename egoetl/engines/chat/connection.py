"""HTTP to one endpoint: a pool of connections that are kept alive, used by one event loop."""

import asyncio
import socket
from collections.abc import Mapping
from io import BytesIO
from typing import Any, NamedTuple

from egoetl import __version__
from egoetl.engines.chat.credentials import Credentials
from egoetl.engines.chat.troubles import Trouble

CLOSED = "the engine was closed while it was asked"
_CONNECT_SECONDS = 10.0
_IDLE_SECONDS = 4.0
"""Shorter than the 5 s after which uvicorn, and so vLLM, ends an idle connection: a request sent into the end would be lost."""
_KEEPALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 60_000}
"""A machine that is gone without a farewell is noticed after a minute, however long an answer may take; not every system has all."""


class Answered(NamedTuple):
    """An HTTP answer, whole, without the key where the server has echoed it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connection:
    """Sends requests to `endpoint` with its key. Opens nothing before the first request; made and used within one event loop."""

    def __init__(self, endpoint: str, credentials: Credentials, *, most: int) -> None:
        import aiohttp

        self.loop = asyncio.get_running_loop()
        self._endpoint = endpoint.rstrip("/")
        self._credentials = credentials
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=most, keepalive_timeout=_IDLE_SECONDS, ttl_dns_cache=60, socket_factory=_kept_alive),
            # A long silence before the answer is the model at work: the request's own deadline ends it.
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS),
            headers={"User-Agent": f"egoetl/{__version__}", **credentials.headers},
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,  # neither proxies nor passwords of this machine's environment
        )

    async def get(self, path: str) -> Answered:
        """GET `path`. Raises Trouble."""
        return await self._send("GET", path, None, {})

    async def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        """POST JSON to `path`. Raises Trouble where no whole answer came: `away` if nobody listens, `faulty` if it was cut off, `untrusted`
        for a certificate that does not hold."""
        return await self._send("POST", path, body, {"Content-Type": "application/json", **headers})

    async def close(self) -> None:
        """End all connections."""
        await self._session.close()

    async def _send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answered:
        import aiohttp

        if self._session.closed:
            raise Trouble("rejected", CLOSED)
        url = self._endpoint + path
        try:
            # In pieces: the pictures of a long window are several megabytes, and other requests are in flight.
            data = None if body is None else BytesIO(body)
            async with self._session.request(method, url, data=data, headers=headers, allow_redirects=False) as response:
                return Answered(response.status, response.headers, self._credentials.scrub_bytes(await response.read()))
        except aiohttp.ClientConnectorCertificateError as error:
            raise Trouble("untrusted", self._words(error.certificate_error)) from None
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Trouble("away", self._words(error)) from None
        except (aiohttp.ClientError, OSError) as error:
            raise Trouble("faulty", f"the connection broke off: {self._words(error)}") from None

    def _words(self, error: Exception) -> str:
        return self._credentials.scrub(f"{error}" or type(error).__name__)


def _kept_alive(address: tuple[Any, ...]) -> socket.socket:
    """A socket that notices when the other side is gone."""
    made = socket.socket(address[0], address[1], address[2])
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE.items():
        if (option := getattr(socket, name, None)) is not None:
            made.setsockopt(socket.IPPROTO_TCP, option, value)
    return made
