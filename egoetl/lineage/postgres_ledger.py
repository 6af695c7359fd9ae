"""The attempt ledger in PostgreSQL."""

import threading
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from egoetl.core.content_key import StageConfig
from egoetl.core.ledger import (
    AirflowTry,
    Build,
    BuildSpec,
    BuildState,
    Claimed,
    Lease,
    Outcome,
    Part,
    RefusedRow,
    ShardRow,
    StoredResult,
    UnitStatus,
)
from egoetl.core.records import Artifact, ManifestRow
from egoetl.core.sources import SourceDigest
from egoetl.lineage import build_states, builds, claims, commits, digests, leases, nights, tombstones, workers
from egoetl.lineage.configs import register as _register
from egoetl.lineage.database import Database


class PostgresLedger:
    """`egoetl.core.ledger.Ledger` over a migrated database; threads may share it.

    Every call waits for a database that is away, then raises TryAgainError `database_away`.
    """

    def __init__(self, database: Database, airflow: AirflowTry | None) -> None:
        self.database = database
        self._airflow = airflow
        self._uid = uuid.uuid4()
        self._lock = threading.Lock()
        self._registered: int | None = None

    def close(self) -> None:
        """Give the connections back."""
        self.database.close()

    def create_build(self, spec: BuildSpec, rows: Sequence[ShardRow], refused: Sequence[RefusedRow]) -> Build:
        return self.database.transaction(lambda connection: builds.create(connection, spec, rows, refused))

    def rows_of_night(self, dataset: str, rows: Sequence[ManifestRow], *, night: date, today: date) -> tuple[list[ManifestRow], bool]:
        return self.database.transaction(lambda connection: nights.rows_of_night(connection, dataset, rows, night, today))

    def build(self, name: str) -> Build:
        return self.database.transaction(lambda connection: builds.load(connection, name))

    def set_state(self, build_seq: int, state: BuildState) -> None:
        self.database.transaction(lambda connection: build_states.set_state(connection, build_seq, state))

    def cancel(self, build_seq: int) -> None:
        self.database.transaction(lambda connection: build_states.cancel(connection, build_seq))

    def is_cancelled(self, build_seq: int) -> bool:
        return self.database.transaction(lambda connection: build_states.is_cancelled(connection, build_seq))

    def rows(self, build_seq: int, shard: int) -> list[ManifestRow]:
        return self.database.transaction(lambda connection: builds.rows(connection, build_seq, shard))

    def statuses(self, build_seq: int, shard: int, stages: Iterable[str]) -> list[UnitStatus]:
        wanted = tuple(stages)
        return self.database.transaction(lambda connection: builds.statuses(connection, build_seq, shard, wanted))

    def results(self, keys: Iterable[str]) -> dict[str, StoredResult]:
        wanted = tuple(keys)
        return self.database.transaction(lambda connection: builds.results(connection, wanted))

    def acquire(self, build_seq: int, stage: str, shard: int, *, seconds: float) -> Lease:
        wanted, claim, worker_id = (
            Lease(build_seq=build_seq, stage=stage, shard=shard, token=0, seconds=seconds),
            uuid.uuid4(),
            self._worker_id(),
        )
        return self.database.transaction(lambda connection: leases.acquire(connection, wanted, worker_id, claim))

    def renew(self, lease: Lease) -> None:
        self.database.transaction(lambda connection: leases.renew(connection, lease))

    def release(self, lease: Lease) -> None:
        self.database.transaction(lambda connection: leases.release(connection, lease))

    def claim(self, lease: Lease, keys: Iterable[str]) -> Claimed:
        wanted = tuple(keys)
        claimed, holders = self.database.transaction(lambda connection: claims.take(connection, lease, wanted))
        if not (gone := [each for each in holders if each.process.is_gone()]):
            return claimed
        # In a transaction of its own: two claimers that find the same worker dead must not wait for each other.
        self.database.transaction(lambda connection: leases.end(connection, gone))
        return self.database.transaction(lambda connection: claims.take(connection, lease, wanted))[0]

    def give_up(self, lease: Lease, keys: Iterable[str]) -> None:
        wanted = tuple(keys)
        self.database.transaction(lambda connection: claims.give_up(connection, lease, wanted))

    def commit(
        self,
        lease: Lease,
        outcomes: Sequence[Outcome],
        part: Part | None,
        configs: Mapping[str, StageConfig],
        replies: Artifact | None = None,
    ) -> None:
        batch = commits.Batch(uuid.uuid4(), self._worker_id(), lease, outcomes, part, configs, replies)
        self.database.transaction(lambda connection: commits.commit(connection, batch))

    def withdrawn(self) -> frozenset[str]:
        return self.database.transaction(tombstones.withdrawn)

    def source_digest(self, address: str) -> SourceDigest | None:
        return self.database.transaction(lambda connection: digests.load(connection, address))

    def keep_source_digest(self, digest: SourceDigest) -> None:
        self.database.transaction(lambda connection: digests.keep(connection, digest))

    def register_configs(self, configs: Mapping[str, StageConfig], prompts: Mapping[str, tuple[str, str]]) -> None:
        self.database.transaction(lambda connection: _register(connection, configs, prompts))

    def _worker_id(self) -> int:
        """This process's row, made when it is first needed: a report registers nothing."""
        with self._lock:
            if self._registered is None:
                self._registered = self.database.transaction(lambda connection: workers.register(connection, self._uid, self._airflow))
            return self._registered
