"""Hold a shard's lease while its worker lives: taken with patience, renewed from a thread of its own."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from egoetl.core.errors import EgoetlError, TryAgainError
from egoetl.core.ledger import Lease, Ledger

_log = logging.getLogger(__name__)
_POLL_SECONDS = 0.5


@asynccontextmanager
async def held_lease(
    ledger: Ledger, build_seq: int, stage: str, shard: int, *, seconds: float, patience: float
) -> AsyncGenerator[Lease, None]:
    """Take the lease, waiting up to `patience` seconds for another worker, and give it back at the end.

    Renewal runs in a thread, because a busy event loop must not lose the lease. A lease that is lost all the
    same is found out by the next commit, which the ledger refuses.
    """
    lease = await _acquire(ledger, build_seq, stage, shard, seconds, patience)
    stop = threading.Event()
    keeper = threading.Thread(target=_keep, args=(ledger, lease, stop), name=f"lease-{stage}-{shard}", daemon=True)
    keeper.start()
    try:
        yield lease
    finally:
        stop.set()
        await asyncio.to_thread(_give_back, ledger, lease, keeper)


async def _acquire(ledger: Ledger, build_seq: int, stage: str, shard: int, seconds: float, patience: float) -> Lease:
    deadline = time.monotonic() + patience
    told = False
    while True:
        try:
            return await asyncio.to_thread(ledger.acquire, build_seq, stage, shard, seconds=seconds)
        except TryAgainError as error:
            if error.reason != "lease_held" or time.monotonic() >= deadline:
                raise
            if not told:
                _log.warning("%s Waiting for it.", error)
                told = True
            await asyncio.sleep(_POLL_SECONDS)


def _keep(ledger: Ledger, lease: Lease, stop: threading.Event) -> None:
    while not stop.wait(lease.seconds / 3):
        try:
            ledger.renew(lease)
        except EgoetlError as error:
            _log.warning("%s", error)
            return


def _give_back(ledger: Ledger, lease: Lease, keeper: threading.Thread) -> None:
    keeper.join()
    try:
        ledger.release(lease)
    except EgoetlError as error:
        # The lease ends by itself; what ended the work is what the caller must hear.
        _log.warning("The lease for shard %d of stage %s was not given back and runs out by itself: %s", lease.shard, lease.stage, error)
