"""Claims on content keys, taken a batch ahead of the work, so that builds that run at once never compute a result twice."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable

from egoetl.core.ledger import Claimed, Lease, Ledger, StoredResult

_log = logging.getLogger(__name__)
LARGEST_BATCH = 512
_QUICK_SECONDS = 1.0
"""A batch that is used up sooner is followed by one of twice the size: work that takes long is claimed key by key."""
_FIRST_POLL_SECONDS = 0.1
_LONGEST_POLL_SECONDS = 2.0


class Claims:
    """What one worker has claimed under its lease. `stored` gains results that others turn out to have committed."""

    def __init__(self, ledger: Ledger, lease: Lease, stored: dict[str, StoredResult], *, first_batch: int) -> None:
        self.stored = stored
        self._ledger = ledger
        self._lease = lease
        self._size = first_batch
        self._asked_at = 0.0
        self._planned: deque[str] = deque()
        self._unasked: set[str] = set()
        self._asked: set[str] = set()
        self._mine: set[str] = set()
        self._begun: set[str] = set()
        self._told: set[str] = set()
        self._one_at_a_time = asyncio.Lock()

    def plan(self, keys: Iterable[str]) -> None:
        """Say which keys will be asked for, in this order."""
        planned = dict.fromkeys(key for key in keys if key not in self.stored and key not in self._mine)
        self._planned, self._unasked = deque(planned), set(planned)

    async def may_have(self, key: str) -> bool:
        """Whether the key's result is stored, or ours to compute now; False while somebody else is at it."""
        if key in self._unasked:
            await self._ask_until(key)
        if key in self.stored:
            return True
        if key in self._begun or key not in self._mine:
            return False
        self._begun.add(key)
        return True

    async def give_up(self) -> None:
        """End all claims; to be called when everything computed under them is committed."""
        if self._asked:
            await asyncio.to_thread(self._ledger.give_up, self._lease, self._asked)
        self._asked, self._mine, self._begun = set(), set(), set()

    async def wait(self, keys: Iterable[str], *, until: Callable[[], bool]) -> set[str]:
        """Wait until some of the keys are stored or ours, and return these; none once `until` holds.

        To be called without any claim: a worker that waited while it held one could wait for itself.
        """
        wanted, pause = list(dict.fromkeys(keys)), _FIRST_POLL_SECONDS
        while not until():
            claimed = await self._claim(wanted[:LARGEST_BATCH])
            if ready := claimed.mine | claimed.stored.keys():
                return set(ready)
            self._tell(claimed, len(wanted))
            wanted = wanted[LARGEST_BATCH:] + wanted[:LARGEST_BATCH]
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_POLL_SECONDS)
        return set()

    async def _ask_until(self, key: str) -> None:
        async with self._one_at_a_time:
            while key in self._unasked:
                await self._claim(self._next_batch())

    def _next_batch(self) -> list[str]:
        now = time.monotonic()
        if self._asked_at:
            quick = now - self._asked_at < _QUICK_SECONDS
            self._size = min(self._size * 2, LARGEST_BATCH) if quick else max(self._size // 2, 1)
        self._asked_at = now
        return [self._planned.popleft() for _ in range(min(self._size, len(self._planned)))]

    async def _claim(self, keys: list[str]) -> Claimed:
        self._asked.update(keys)
        claimed = await asyncio.to_thread(self._ledger.claim, self._lease, keys)
        self._mine |= claimed.mine
        self.stored.update(claimed.stored)
        self._unasked.difference_update(keys)
        return claimed

    def _tell(self, claimed: Claimed, count: int) -> None:
        """Say whom we wait for, once for each."""
        for holder in claimed.holders:
            if holder not in self._told:
                _log.warning("Up to %d results are being computed by %s; waiting for them.", count, holder)
        self._told.update(claimed.holders)
