"""The server behind the page: Python's own, a thread a request, on the address of this machine alone unless another is asked for."""

import contextlib
import secrets
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import BinaryIO

from egoetl.core.errors import CallerError, EgoetlError
from egoetl.runner.browse_page.answer import HEADERS, Answer, refusal
from egoetl.runner.browse_page.routes import Routes

LOOPBACK = "127.0.0.1"
BLOCK = 1 << 18
_QUIET_SECONDS = 30
"""How long a connection may say nothing."""


class BrowseServer(ThreadingHTTPServer):
    """Answers with what its routes say. Closing it waits for nobody."""

    daemon_threads = True
    allow_reuse_address = False

    def __init__(self, routes: Routes, host: str = LOOPBACK, port: int = 0) -> None:
        self.routes = routes
        super().__init__((host, port), _Handler)
        self.host = host

    @property
    def address(self) -> str:
        """The page's address with its token."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.server_port}/{self.routes.token}/"

    def serve_until_interrupted(self) -> None:
        """Answer until Ctrl-C or SIGTERM, which end it as asked."""
        with contextlib.suppress(KeyboardInterrupt):
            self.serve_forever()

    def named_as(self, host: str) -> bool:
        """Whether a request came under a name of this server: another site's name that leads here is none."""
        if not is_loopback(self.host):
            return True
        return host in {f"{name}:{self.server_port}" for name in ("127.0.0.1", "localhost", "[::1]", self.host)}


def new_token() -> str:
    """A token that nobody guesses."""
    return secrets.token_urlsafe(24)


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextlib.contextmanager
def serving(routes: Routes, host: str, port: int) -> Generator[BrowseServer]:
    """A server that is bound and does not answer yet. Raises CallerError `address_not_free`."""
    try:
        server = BrowseServer(routes, host, port)
    except (OSError, OverflowError) as error:
        raise CallerError(f"{host}:{port} cannot be used: {error}; give another --port or --host.", reason="address_not_free") from error
    with server:
        yield server


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "egoetl"
    sys_version = ""
    timeout = _QUIET_SECONDS
    server: BrowseServer  # pyright: ignore[reportIncompatibleVariableOverride] - always made by one

    def do_GET(self) -> None:
        self._send(self._got())

    def do_HEAD(self) -> None:
        self._send(self._got(), body=False)

    def do_POST(self) -> None:
        length = self._length()
        refused = self._stranger() or self.server.routes.takes(self.path, length)
        if refused is not None or length is None:
            # What was sent along is not read, so that the connection is of no use afterwards.
            self.close_connection = True
            self._send(refused or refusal(411, "The length of the file is missing.", "length_missing"))
            return
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True
            return
        self._send(self.server.routes.post(self.path, body))

    def _got(self) -> Answer:
        return self._stranger() or self.server.routes.get(self.path, self.headers.get("Range"))

    def _stranger(self) -> Answer | None:
        if self.server.named_as(self.headers.get("Host", "")):
            return None
        return refusal(403, "The page is not under this name; use the address that `egoetl eval browse` printed.", "host_wrong")

    def _length(self) -> int | None:
        text = self.headers.get("Content-Length", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None

    def _send(self, answer: Answer, *, body: bool = True) -> None:
        try:
            if answer.file is None or not body:
                self._begin(answer)
                self.wfile.write(answer.body if body else b"")
                return
            assert self.server.routes.videos is not None
            with self.server.routes.videos.open(answer.file) as video, video.open("rb") as stream:
                self._begin(answer)
                self._copy(stream, answer)
        except (ConnectionError, TimeoutError):
            # The browser has what it wants, or was closed.
            self.close_connection = True
        except (EgoetlError, OSError) as error:
            self.log_error("%s", error)
            self.close_connection = True

    def _begin(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in {**HEADERS, **answer.headers, "Content-Type": answer.media_type, "Content-Length": str(answer.length)}.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def _copy(self, stream: BinaryIO, answer: Answer) -> None:
        stream.seek(answer.start)
        left = answer.length
        while left and (block := stream.read(min(BLOCK, left))):
            self.wfile.write(block)
            left -= len(block)
        if left:
            self.close_connection = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: an address holds the token."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the base class has
        """Say nothing of what strangers send."""
