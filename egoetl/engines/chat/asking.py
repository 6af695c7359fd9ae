"""One request, asked until it is answered."""

import asyncio
import time

from egoetl.core.ports import Reply, ReplyStatus, Request
from egoetl.engines.chat.content import Content
from egoetl.engines.chat.endpoint import Endpoint
from egoetl.engines.chat.reading import completion_of, reply_of
from egoetl.engines.chat.serving import Served
from egoetl.engines.chat.troubles import Kind, Trouble, trouble_of
from egoetl.engines.chat.wire import body_of, request_id

_OK = 200
_MOST_FAULTS = 4
"""Tries that may end in a fault of the server: a request that breaks it every time is none that is asked for ever."""
_LONGEST_DETAIL = 400
_STATUSES: dict[Kind, ReplyStatus] = {"too_long": "too_long", "refused": "refused"}
"""What a trouble means for the reply; any other is `server_error`."""


class Asking:
    """A request on its way through tries, within the deadline of the model's entry, which runs from the first try on.

    Waiting for the first slot is not the server's affair and does not count; pauses and further waits do.
    """

    def __init__(self, endpoint: Endpoint, request: Request, content: Content) -> None:
        self._endpoint = endpoint
        self._request = request
        self._content = content
        self._dialect = endpoint.dialect
        self._headers = {"X-Request-Id": request_id(request)}
        self._ticket = endpoint.limiter.ticket()
        self._served: Served | None = None
        self._tries = 0
        self._faults = 0
        self._away_since: float | None = None
        self._began = time.monotonic()
        self._last = ""

    async def reply(self) -> Reply:
        """The answer, or how it failed. Raises ConfigError."""
        try:
            self._served = await self._endpoint.served()
            async with asyncio.timeout(None) as clock:
                return await self._until_answered(clock, self._served)
        except TimeoutError:
            last = f"; before, {self._last}" if self._last else ""
            return self._failed("timed_out", f"no answer within {self._endpoint.spec.deadline_seconds:g} s{last}")
        except Trouble as trouble:
            if error := self._endpoint.config_error(trouble, self._served):
                raise error from None
            return self._failed(_STATUSES.get(trouble.kind, "server_error"), trouble.words)

    async def _until_answered(self, clock: asyncio.Timeout, served: Served) -> Reply:
        while True:
            try:
                return await self._try(clock, served)
            except Trouble as trouble:
                self._last = trouble.words
                pause = self._pause_after(trouble)
            await asyncio.sleep(pause)

    async def _try(self, clock: asyncio.Timeout, served: Served) -> Reply:
        endpoint, spec = self._endpoint, self._endpoint.spec
        async with endpoint.limiter.slot(self._ticket) as sent:
            if self._tries == 0:
                self._began = sent
                clock.reschedule(asyncio.get_running_loop().time() + spec.deadline_seconds)
            self._tries += 1
            body = body_of(self._request, self._content, spec, self._dialect)
            answered = await endpoint.connection.post("/chat/completions", body, self._headers)
            if answered.status != _OK:
                trouble = trouble_of(answered.status, answered.headers, answered.body)
                if trouble.kind == "overloaded":
                    endpoint.limiter.overloaded(sent, trouble.pause + endpoint.backoff.pause(self._tries))
                raise trouble
            said = completion_of(answered.body, thinks=spec.thinks)
            endpoint.limiter.answered(said.completion_tokens or 1)
            endpoint.budget.answered()
            endpoint.speaks(self._dialect)
            return reply_of(said, spec, served, seconds=time.monotonic() - self._began, tries=self._tries)

    def _pause_after(self, trouble: Trouble) -> float:
        """Seconds until the next try. Raises the trouble where there is none."""
        backoff = self._endpoint.backoff
        if trouble.kind == "away":
            self._is_away(trouble)
            return backoff.pause(self._tries)
        self._away_since = None
        if trouble.kind == "overloaded":
            return 0.0  # the limiter keeps the pause, for all requests
        if trouble.kind == "faulty":
            self._faults += 1
            if self._faults < _MOST_FAULTS and self._endpoint.budget.take():
                return backoff.pause(self._tries)
        elif trouble.kind == "rejected" and (other := self._dialect.after(trouble.words)) != self._dialect:
            self._dialect = other
            return 0.0
        raise trouble

    def _is_away(self, trouble: Trouble) -> None:
        now = time.monotonic()
        self._away_since = self._away_since or now
        if now - self._away_since >= self._endpoint.patience_seconds:
            raise trouble
        self._endpoint.is_away(trouble)

    def _failed(self, status: ReplyStatus, words: str) -> Reply:
        seconds = time.monotonic() - self._began
        return Reply(status=status, text="", seconds=seconds, detail=words[:_LONGEST_DETAIL], tries=max(1, self._tries))
