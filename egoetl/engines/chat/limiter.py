"""How many requests are in flight at once: as many as the server takes with profit, found out as it goes."""

import asyncio
import heapq
import itertools
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from egoetl.engines.chat.climbing import Climb

_START_SHARE = 4
"""The first limit is the most divided by this."""
_SHRINK = 0.5


@dataclass(order=True)
class _Waiting:
    ticket: int
    turn: "asyncio.Future[None]" = field(compare=False)


class Limiter:
    """Slots for requests to one server, at most `most` of them.

    The limit starts below `most`, or at `start`, grows while growth pays (`climbing.Climb`), and halves when the server says that it
    has too much to do; answers of requests that were sent before the last halving say nothing new. While the server has asked for a
    pause no slot is given. Slots are given by ticket, so a request that must be repeated goes before those that came later.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic, *, start: float | None = None) -> None:
        self.most = most
        self.limit = start or float(max(1, most // _START_SHARE))
        self.in_flight = 0
        self._clock = clock
        self._tickets = itertools.count()
        self._waiting: list[_Waiting] = []
        self._halved = clock()
        self._resumes = clock()
        self._timer: asyncio.TimerHandle | None = None
        self._climb = Climb(clock)

    def ticket(self) -> int:
        """A place in the queue, kept over all tries of a request."""
        return next(self._tickets)

    @asynccontextmanager
    async def slot(self, ticket: int) -> AsyncGenerator[float]:
        """Wait for a slot and hold it; gives the time at which it was had."""
        await self._enter(ticket)
        try:
            yield self._clock()
        finally:
            self.in_flight -= 1
            self._wake()

    def answered(self, work: int) -> None:
        """A request was answered; `work` is what the answer took, in tokens. Call it while the slot is held."""
        grown = self._climb.answered(self.limit, work, full=self.in_flight >= int(self.limit))
        self.limit = min(float(self.most), grown)
        self._wake()

    def overloaded(self, sent: float, pause_seconds: float = 0.0) -> None:
        """The server had too much to do for a request that was sent at this time, and may have asked for a pause."""
        now = self._clock()
        if sent >= self._halved:
            self.limit = max(1.0, self.limit * _SHRINK)
            self._halved = now
            self._climb.fell()
        self._resumes = max(self._resumes, now + pause_seconds)

    async def _enter(self, ticket: int) -> None:
        if not self._waiting and self._is_open():
            self.in_flight += 1
            return
        waiting = _Waiting(ticket, asyncio.get_running_loop().create_future())
        heapq.heappush(self._waiting, waiting)
        self._wake()
        try:
            await waiting.turn
        except asyncio.CancelledError:
            if waiting.turn.done() and not waiting.turn.cancelled():
                self.in_flight -= 1  # the slot came together with the cancellation
            self._wake()
            raise

    def _is_open(self) -> bool:
        return self.in_flight < int(self.limit) and self._clock() >= self._resumes

    def _wake(self) -> None:
        """Give what is free to those that have waited longest; come again when a pause ends."""
        while self._waiting and (self._waiting[0].turn.done() or self._is_open()):
            turn = heapq.heappop(self._waiting).turn
            if not turn.done():
                self.in_flight += 1
                turn.set_result(None)
        if self._waiting and self._timer is None and (left := self._resumes - self._clock()) > 0:
            self._timer = asyncio.get_running_loop().call_later(left, self._pause_is_over)

    def _pause_is_over(self) -> None:
        self._timer = None
        self._wake()
