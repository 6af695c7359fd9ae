"""Cancel a build, and notice while a stage runs that somebody has."""

import asyncio
import logging
import time

from egoetl.core.errors import CancelledError, TryAgainError
from egoetl.core.ledger import Build, Ledger
from egoetl.core.records import Record
from egoetl.runner.tools import Tools

_log = logging.getLogger(__name__)
POLL_SECONDS = 2.0
GRACE_SECONDS = 10.0
"""Time for units in flight to end by themselves and be kept."""

_PAUSE_SECONDS = 0.2


class Cancelled(Record):
    """A build that was cancelled, and `workers` that had not yet ended when this was said."""

    build: str
    units: int
    finished: int
    pending: int
    workers: tuple[str, ...]


def cancel_build(tools: Tools, name: str) -> Cancelled:
    """Cancel a build and wait, about as long as its workers may take, until none is at it.

    Raises CallerError `build_unknown`, `build_cancelled`, `build_ended` or `build_dropped`.
    """
    build = tools.ledger.build(name)
    tools.ledger.cancel(build.seq)
    deadline = time.monotonic() + POLL_SECONDS + GRACE_SECONDS + 3
    while (workers := _at_work(tools, build)) and time.monotonic() < deadline:
        time.sleep(_PAUSE_SECONDS)
    counts = tools.reports.yield_counts(build.seq)
    return Cancelled(
        build=name, units=counts["total"], finished=counts["done"] + counts["dropped"], pending=counts["pending"], workers=workers
    )


def _at_work(tools: Tools, build: Build) -> tuple[str, ...]:
    return tuple(str(each) for each in tools.reports.workers(build.seq) if not each.process.is_gone())


class Cancellation:
    """Whether the build was cancelled: asked of the ledger every two seconds while `watch` runs."""

    def __init__(self, ledger: Ledger, build: Build) -> None:
        self._ledger = ledger
        self._build = build
        self.seen = False
        """Nothing new is begun any more."""

    async def watch(self) -> None:
        """Set `seen` once the build is cancelled; raises CancelledError if the work has not ended of itself soon after."""
        while not await self._is_cancelled():  # noqa: ASYNC110 - another process sets it, in the ledger
            await asyncio.sleep(POLL_SECONDS)
        self.seen = True
        _log.warning("Build %s was cancelled: what is finished is committed, nothing new is begun.", self._build.spec.name)
        await asyncio.sleep(GRACE_SECONDS)
        raise CancelledError.of(self._build.spec.name)

    def check(self) -> None:
        """Raise CancelledError if the build was seen to be cancelled."""
        if self.seen:
            raise CancelledError.of(self._build.spec.name)

    async def _is_cancelled(self) -> bool:
        try:
            return await asyncio.to_thread(self._ledger.is_cancelled, self._build.seq)
        except TryAgainError:  # a database that is away ends the work through its commits, not through this question
            return False
