"""Commit finished units in batches: part files of results and of raw replies whole in the store, then one transaction in the ledger."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from egoetl.core.content_key import StageConfig
from egoetl.core.exchanges import Exchange
from egoetl.core.ledger import Lease, Ledger, Outcome, Part
from egoetl.core.ports import Store
from egoetl.core.records import Artifact

LARGEST_BATCH = 2000
REPLIES = "replies"
"""Where raw replies lie in the store."""


@dataclass
class Committer:
    """Collects outcomes and commits them when the batch is large or old enough.

    A crash between part file and transaction leaves an orphan part, which `egoetl store gc` finds; a crash
    before either leaves nothing, and the units are done again. After a commit that failed nothing more is
    committed: its error ends the run, and the next run does what is outstanding.
    """

    ledger: Ledger
    store: Store
    lease: Lease
    prefix: str
    configs: Mapping[str, StageConfig]
    seconds: float
    """How long an outcome waits at most."""
    _waiting: list[Outcome] = field(default_factory=list[Outcome])
    _failed: bool = False
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def add(self, outcome: Outcome) -> None:
        """Take an outcome; commits if the batch is full. Raises what `flush` raises."""
        self._waiting.append(outcome)
        if len(self._waiting) >= LARGEST_BATCH:
            await self.flush()

    async def keep_flushing(self) -> None:
        """Commit what has waited long enough, also while nothing new comes. Ends by being cancelled."""
        while True:
            await asyncio.sleep(self.seconds)
            await self.flush()

    async def flush(self) -> None:
        """Commit what is waiting. Raises LeaseLostError if the shard is no longer ours, TryAgainError if the ledger stays away."""
        async with self._one_at_a_time:
            batch, self._waiting = self._waiting, []
            if batch and not self._failed:
                await _uncut(asyncio.create_task(asyncio.to_thread(self._commit, batch)))

    def _commit(self, batch: list[Outcome]) -> None:
        made = [each for each in batch if each.computed and each.state == "done" and each.key and each.payload]
        said = [exchange for each in batch for exchange in each.exchanges]
        self._failed = True
        part = self._write_part(made) if made else None
        replies = self._write_replies(said) if said else None
        self.ledger.commit(self.lease, batch, part, self.configs, replies)
        self._failed = False

    def _write_part(self, made: list[Outcome]) -> Part:
        from egoetl.storage.parts import write_part

        artifact = write_part(self.store, self.prefix, [each.payload for each in made if each.payload])
        keys = tuple(each.key for each in made if each.key)
        return Part(sha256=artifact.sha256, path=artifact.path, size_bytes=artifact.size_bytes, keys=keys)

    def _write_replies(self, said: list[Exchange]) -> Artifact:
        from egoetl.storage.parts import write_part

        return write_part(self.store, REPLIES, said)


async def _uncut(commit: "asyncio.Task[None]") -> None:
    """Wait for a commit to its end, even if the waiting is cancelled: a worker that is told to stop loses nothing finished."""
    try:
        await asyncio.shield(commit)
    except asyncio.CancelledError:
        await commit
        raise
