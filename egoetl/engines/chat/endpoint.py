"""One endpoint as all requests to it share it: its connections, what it serves, how much it takes and which dialect it speaks."""

import asyncio
import logging
import time

from egoetl.core.errors import ConfigError
from egoetl.core.models import ModelSpec
from egoetl.engines.chat.connection import CLOSED, Answered, Connection
from egoetl.engines.chat.credentials import Credentials
from egoetl.engines.chat.dialect import Dialect
from egoetl.engines.chat.limiter import Limiter
from egoetl.engines.chat.retrying import Backoff, Budget
from egoetl.engines.chat.serving import Served, unknown_model
from egoetl.engines.chat.troubles import Trouble, trouble_of

_log = logging.getLogger(__name__)
_OK = 200
_LONGEST_WORDS = 300
_TRUST = "have it renewed, or name its issuer's in SSL_CERT_FILE"
_LIST_SECONDS = 30.0
_RESERVE = 2
"""Retries in the budget, for each request that may be in flight: a server that dies twice under all of them is survived."""


class Endpoint:
    """Used by one event loop. `before` is the endpoint as an earlier loop has left it, whose limit and dialect are kept."""

    def __init__(
        self,
        spec: ModelSpec,
        address: str,
        credentials: Credentials,
        patience_seconds: float,
        backoff: Backoff,
        *,
        before: "Endpoint | None" = None,
    ) -> None:
        self.spec = spec
        self.address = address
        self.patience_seconds = patience_seconds
        self.backoff = backoff
        self.limiter = Limiter(spec.in_flight, start=before.limiter.limit if before else None)
        self.budget = before.budget if before else Budget(_RESERVE * max(5, spec.in_flight))
        self.dialect = before.dialect if before else Dialect()
        self.connection = Connection(address, credentials, most=spec.in_flight + 1)
        self._listing: asyncio.Task[Served] | None = None
        self._is_away = False
        self._closed = False

    def is_open(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Whether it may be used in this event loop."""
        return not self._closed and self.connection.loop is loop

    async def close(self) -> None:
        """End its connections, and the question what it serves; nothing happens where the event loop has ended already."""
        self._closed = True
        if self.connection.loop is not asyncio.get_running_loop():
            return
        if self._listing is not None:
            self._listing.cancel()
        await self.connection.close()

    async def served(self) -> Served:
        """What it serves, asked for once. Raises Trouble where it stays away, ConfigError where the model is not served."""
        listing = self._listing = self._listing or asyncio.create_task(self._list())
        try:
            return await asyncio.shield(listing)  # whoever is cancelled while it waits leaves the others their answer
        except (Trouble, ConfigError):
            self._listing = None if self._listing is listing else self._listing
            raise
        except asyncio.CancelledError:
            if self._closed and listing.done():
                raise Trouble("rejected", CLOSED) from None
            raise

    def speaks(self, dialect: Dialect) -> None:
        """The endpoint has taken a request in this dialect."""
        self.is_back()
        if dialect != self.dialect:
            _log.warning("%s wants %s; going on so.", self.address, self.dialect.differs(dialect))
            self.dialect = dialect

    def is_away(self, trouble: Trouble) -> None:
        """Tell of a wait, once."""
        if not self._is_away:
            self._is_away = True
            _log.warning("%s is away (%s); waiting up to %.0f s.", self.address, trouble.words, self.patience_seconds)

    def is_back(self) -> None:
        """Tell of a wait's end."""
        if self._is_away:
            self._is_away = False
            _log.warning("%s answers again; going on.", self.address)

    def config_error(self, trouble: Trouble, served: Served | None = None) -> ConfigError | None:
        """What a person must do about a trouble, if one must."""
        said = trouble.words[:_LONGEST_WORDS]
        if trouble.kind == "missing" and "model" in said.lower():
            return unknown_model(self.spec.model, self.address, served or Served())
        known = {
            "key": ("endpoint_refuses_key", self._refused_key(said)),
            "quota": ("endpoint_quota_exhausted", f"The account at {self.address} has no credit left ({said}); have it raised."),
            "untrusted": ("endpoint_untrusted", f"{self.address} shows a certificate that does not hold ({said}); {_TRUST}."),
            "missing": ("endpoint_no_chat", f"{self.address} has no chat completions ({said}); write the base URL up to and with /v1."),
        }
        if trouble.kind not in known:
            return None
        reason, sentence = known[trouble.kind]
        return ConfigError(sentence, reason=reason)

    def _refused_key(self, said: str) -> str:
        if self.spec.api_key:
            return f"{self.address} refuses the key in {self.spec.api_key} ({said}); put one there that may use {self.spec.model}."
        return f"{self.address} wants a key ({said}); name its variable as `api_key` in the file of models."

    async def _list(self) -> Served:
        waited_until = time.monotonic() + self.patience_seconds
        tries = 0
        while True:
            tries += 1
            try:
                served = await self._ask_list()
            except Trouble as trouble:
                if trouble.kind not in ("away", "overloaded", "faulty") or time.monotonic() >= waited_until:
                    raise
                self.is_away(trouble)
                await asyncio.sleep(max(trouble.pause, self.backoff.pause(tries)))
            else:
                self.is_back()
                served.require(self.spec.model, self.address)
                return served

    async def _ask_list(self) -> Served:
        """One try. An endpoint that has no list, or is broken there, counts as one without."""
        try:
            async with asyncio.timeout(_LIST_SECONDS):
                answered = await self.connection.get("/models")
        except TimeoutError:
            raise Trouble("away", f"no answer within {_LIST_SECONDS:.0f} s") from None
        return Served.of(answered.body) if answered.status == _OK else self._unlisted(answered)

    def _unlisted(self, answered: Answered) -> Served:
        trouble = trouble_of(answered.status, answered.headers, answered.body)
        if trouble.kind in ("away", "overloaded"):
            raise trouble
        if trouble.kind in ("key", "quota") and (error := self.config_error(trouble)):
            raise error
        return Served()
