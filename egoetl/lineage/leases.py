"""Who may commit for a shard of a stage. Only the database's clock counts."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection, RowMapping

from egoetl.core.errors import LeaseLostError, TryAgainError
from egoetl.core.ledger import AirflowTry, Lease
from egoetl.lineage import build_states
from egoetl.lineage.process import Process

_TAKE_NEW = text(
    """
    INSERT INTO shard_lease (build_seq, stage, shard, token, expires_at, worker_id, claim)
    VALUES (:build_seq, :stage, :shard, 1, clock_timestamp() + :seconds * interval '1 second', :worker_id, :claim)
    ON CONFLICT DO NOTHING RETURNING token
    """
)
# The lock makes a taker wait for the holder's commit under way.
_LOOK = text(
    """
    SELECT lease.token, lease.claim, lease.expires_at > clock_timestamp() AS held,
           worker.host, worker.machine, worker.pid, worker.pid_started
    FROM shard_lease AS lease JOIN worker ON worker.id = lease.worker_id
    WHERE lease.build_seq = :build_seq AND lease.stage = :stage AND lease.shard = :shard
    FOR UPDATE OF lease
    """
)
_TAKE_OVER = text(
    """
    UPDATE shard_lease
    SET token = token + 1, expires_at = clock_timestamp() + :seconds * interval '1 second', worker_id = :worker_id, claim = :claim
    WHERE build_seq = :build_seq AND stage = :stage AND shard = :shard
    RETURNING token
    """
)
_RENEW = text(
    """
    UPDATE shard_lease SET expires_at = clock_timestamp() + :seconds * interval '1 second'
    WHERE build_seq = :build_seq AND stage = :stage AND shard = :shard AND token = :token AND expires_at > clock_timestamp()
    """
)
_RELEASE = text(
    """
    UPDATE shard_lease SET expires_at = least(expires_at, clock_timestamp())
    WHERE build_seq = :build_seq AND stage = :stage AND shard = :shard AND token = :token
    """
)
# A commit is a sign of life as well. The row stays locked to the end of the transaction.
_ENTER = text(
    """
    UPDATE shard_lease SET last_commit = :commit_id, expires_at = clock_timestamp() + :seconds * interval '1 second'
    WHERE build_seq = :build_seq AND stage = :stage AND shard = :shard AND token = :token AND expires_at > clock_timestamp()
      AND last_commit IS DISTINCT FROM :commit_id
    """
)
_LAST_COMMIT = text(
    "SELECT last_commit FROM shard_lease WHERE build_seq = :build_seq AND stage = :stage AND shard = :shard AND token = :token"
)
_HELD = text(
    """
    SELECT lease.build_seq, build.name AS build, lease.stage, lease.shard, lease.token,
           worker.host, worker.machine, worker.pid, worker.pid_started,
           worker.dag_id, worker.run_id, worker.task_id, worker.map_index, worker.try_number
    FROM shard_lease AS lease JOIN worker ON worker.id = lease.worker_id JOIN build ON build.seq = lease.build_seq
    WHERE lease.expires_at > clock_timestamp() AND lease.build_seq = coalesce(:build_seq, lease.build_seq)
      AND lease.stage = coalesce(:stage, lease.stage) AND lease.shard = coalesce(:shard, lease.shard)
    ORDER BY lease.build_seq, lease.stage, lease.shard
    """
)


@dataclass(frozen=True)
class Holder:
    """A worker and the lease that it holds."""

    build_seq: int
    build: str
    stage: str
    shard: int
    token: int
    process: Process
    airflow: AirflowTry | None

    @property
    def place(self) -> tuple[int, str, int, int]:
        """The lease: build, stage, shard and token."""
        return self.build_seq, self.stage, self.shard, self.token

    def __str__(self) -> str:
        where = f"process {self.process.pid} on {self.process.host}"
        return f"{where} ({self.build}, {self.stage}, shard {self.shard})"


def acquire(connection: Connection, wanted: Lease, worker_id: int, claim: uuid.UUID) -> Lease:
    """Take a lease that is new, run out, or left by a dead process of this machine. `claim` marks repeats of one call.

    Raises TryAgainError `lease_held`, CancelledError.
    """
    build_states.begin(connection, wanted.build_seq)
    values = {**wanted.model_dump(), "worker_id": worker_id, "claim": claim}
    token = connection.execute(_TAKE_NEW, values).scalar()
    if token is None:
        found = connection.execute(_LOOK, values).mappings().one()
        token = found["token"] if found["claim"] == claim else _take_over(connection, found, values)
    return wanted.model_copy(update={"token": token})


def _take_over(connection: Connection, found: RowMapping, values: dict[str, Any]) -> int:
    holder = Process(host=found["host"], machine=found["machine"], pid=found["pid"], pid_started=found["pid_started"])
    if found["held"] and not holder.is_gone():
        raise TryAgainError(
            f"Shard {values['shard']} of stage {values['stage']} is held by process {holder.pid} on {holder.host}; "
            "wait until it ends or its lease runs out.",
            reason="lease_held",
        )
    return connection.execute(_TAKE_OVER, values).scalar_one()


def renew(connection: Connection, lease: Lease) -> None:
    """Start the lease's time again. Raises LeaseLostError."""
    if connection.execute(_RENEW, lease.model_dump()).rowcount == 0:
        raise _lost(lease)


def release(connection: Connection, lease: Lease) -> None:
    """End the lease now, if it is still ours."""
    connection.execute(_RELEASE, lease.model_dump())


def holders(connection: Connection, build_seq: int | None = None, stage: str | None = None, shard: int | None = None) -> list[Holder]:
    """Everybody who holds a lease, of this build, stage and shard if given."""
    values = {"build_seq": build_seq, "stage": stage, "shard": shard}
    return [_holder(row) for row in connection.execute(_HELD, values).mappings()]


def end(connection: Connection, dead: Iterable[Holder]) -> None:
    """End leases whose processes are gone, and with them their claims."""
    for build_seq, stage, shard, token in sorted(each.place for each in dead):
        connection.execute(_RELEASE, {"build_seq": build_seq, "stage": stage, "shard": shard, "token": token})


def _holder(row: RowMapping) -> Holder:
    process = Process(**{name: row[name] for name in Process.model_fields})
    airflow = None if row["dag_id"] is None else AirflowTry(**{name: row[name] for name in AirflowTry.model_fields})
    return Holder(row["build_seq"], row["build"], row["stage"], row["shard"], row["token"], process, airflow)


def enter_commit(connection: Connection, lease: Lease, commit_id: uuid.UUID) -> bool:
    """Check the lease and lock it for the rest of the transaction; False if this very commit was already made.

    Raises LeaseLostError if the lease ran out or went to another.
    """
    values = {**lease.model_dump(), "commit_id": commit_id}
    if connection.execute(_ENTER, values).rowcount == 1:
        return True
    if connection.execute(_LAST_COMMIT, values).scalar() == commit_id:
        return False
    raise _lost(lease)


def _lost(lease: Lease) -> LeaseLostError:
    return LeaseLostError(
        f"The lease for shard {lease.shard} of stage {lease.stage} ran out or went to another worker; nothing was committed. "
        "Run the shard again: it does what is outstanding.",
        reason="lease_lost",
    )
