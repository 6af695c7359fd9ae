"""The chat engine: asks a model behind any server that speaks OpenAI's chat completions."""

import asyncio
from urllib.parse import urlsplit

from egoetl.core.errors import ConfigError
from egoetl.core.models import ModelSpec
from egoetl.core.ports import Reply, Request
from egoetl.engines.chat.asking import Asking
from egoetl.engines.chat.attendance import Attendance
from egoetl.engines.chat.content import content_of, look_of
from egoetl.engines.chat.credentials import Credentials
from egoetl.engines.chat.endpoint import Endpoint
from egoetl.engines.chat.retrying import Backoff


class ChatEngine:
    """Implements `core.ports.Engine` over a model that an endpoint serves.

    Args:
        spec: the model.
        endpoint: the base URL of a server that somebody has started for it; None: the one that `spec` names.
        secret: the key of that server; None: the one that `spec` names.
        patience_seconds: how long a server that is away is waited for.
        backoff: the pauses between tries.

    Raises:
        ConfigError: `endpoint_invalid`, for an address that is none, or that holds a password or a key.
    """

    def __init__(
        self,
        spec: ModelSpec,
        *,
        endpoint: str | None = None,
        secret: str | None = None,
        patience_seconds: float = 300.0,
        backoff: Backoff | None = None,
    ) -> None:
        self._spec = spec
        self._address = _plain(endpoint or spec.endpoint, spec.name)
        self._credentials = Credentials(secret) if secret else None
        self._patience_seconds = patience_seconds
        self._backoff = backoff or Backoff()
        self._endpoint: Endpoint | None = None
        self._attendance: Attendance | None = None

    @property
    def model(self) -> str:
        """`id@revision`, part of every content key."""
        return self._spec.identity

    @property
    def at_once(self) -> int:
        """As many as the model's entry says; how many of them are in flight adapts to the server."""
        return self._spec.in_flight

    @property
    def keeps_replies(self) -> bool:
        """A model may say something else each time."""
        return True

    async def ask(self, request: Request) -> Reply:
        """Ask until an answer came, the deadline is over, or it is clear that none comes; see `core.ports.Engine.ask`.

        Raises ConfigError `model_unknown`, `endpoint_refuses_key`, `endpoint_quota_exhausted`, `endpoint_no_chat`,
        `endpoint_untrusted`, `api_key_missing`, `api_key_invalid`, `model_cannot_look`, and what `content_of` and
        `Attendance.check` raise where media do not fit the model or do not reach it.
        """
        content = await content_of(request, look_of(request, self._spec.look))
        endpoint = self._open()
        if self._attendance is not None and (failed := await self._attendance.check(request, content)):
            return failed
        return await Asking(endpoint, request, content).reply()

    async def close(self) -> None:
        """End the connections. Asking again opens new ones."""
        if self._endpoint is not None:
            await self._endpoint.close()

    def _open(self) -> Endpoint:
        """The endpoint as the running event loop uses it, with what was learned of it so far."""
        if self._endpoint is None or not self._endpoint.is_open(asyncio.get_running_loop()):
            credentials = self._credentials or Credentials.of(self._spec.api_key)
            endpoint = Endpoint(self._spec, self._address, credentials, self._patience_seconds, self._backoff, before=self._endpoint)
            self._attendance = Attendance(
                self._spec, lambda request, content: Asking(endpoint, request, content).reply(), before=self._attendance
            )
            self._endpoint = endpoint
        return self._endpoint


def _plain(endpoint: str | None, name: str) -> str:
    """The message must not show the address, which may hold a password."""
    parts = urlsplit(endpoint or "")
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
        raise ConfigError(
            f"The endpoint of model {name} is no plain address; write https://host/v1, and name the key's variable in `api_key`.",
            reason="endpoint_invalid",
        )
    return parts.geturl().rstrip("/")
