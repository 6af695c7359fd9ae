"""Whether more requests at once still bring more answers."""

from collections.abc import Callable
from dataclasses import dataclass

_FEWEST_ANSWERS = 8
"""A round has at least so many, or its rate says little."""
_STEP = 1.5
"""How much larger a limit must be before its rate is compared."""
_PAYS = 1.1
"""By how much the rate must be better by then; a server that only queues keeps its rate."""
_HELD_ROUNDS = 16
_SLOWLY = 0.1
"""Share by which the limit grows in a round once the server was overloaded."""


@dataclass(frozen=True)
class _Tried:
    limit: float
    rate: float


class Climb:
    """Grows a limit round by round and compares rates: work answered a second, over rounds of as many answers as the limit.

    Until the server is first overloaded a round doubles the limit, afterwards it adds a tenth. Where a limit that is half as large
    again brings less than a tenth more, requests only queue at the server: the smaller limit is taken again and held for some
    rounds, then growth is tried anew. Latency alone would not tell: a server that works in batches grows slower and does more.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._slowly = False
        self._held = 0
        self._tried: _Tried | None = None
        self._begin()

    def fell(self) -> None:
        """The server was overloaded: the limit is another one now, and grows slowly from it."""
        self._slowly = True
        self._held = 0
        self._tried = None
        self._begin()

    def answered(self, limit: float, work: int, *, full: bool) -> float:
        """The limit after an answer. `full`: the limit was reached, without which nothing is learned about it."""
        self._answers += 1
        self._work += max(1, work)
        self._full = self._full or full
        if self._answers < max(_FEWEST_ANSWERS, int(limit)):
            return limit
        rate = self._work / max(1e-6, self._clock() - self._began)
        full = self._full
        self._begin()
        return self._after_round(limit, rate) if full else limit

    def _begin(self) -> None:
        self._began = self._clock()
        self._answers = 0
        self._work = 0
        self._full = False

    def _after_round(self, limit: float, rate: float) -> float:
        if self._held > 0:
            self._held -= 1
            return limit
        if self._tried is None:
            self._tried = _Tried(limit, rate)
        elif limit >= _STEP * self._tried.limit:
            if rate < _PAYS * self._tried.rate:
                before, self._tried, self._held = self._tried, None, _HELD_ROUNDS
                return before.limit
            self._tried = _Tried(limit, rate)
        return limit + max(1.0, limit * _SLOWLY) if self._slowly else limit * 2
