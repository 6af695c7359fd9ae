"""Forget what a build did, fast: its partitions go as a whole. Results, clips and pairs stay for other builds."""

from collections.abc import Callable

from sqlalchemy import text
from sqlalchemy.engine import Connection

from egoetl.core.errors import CallerError
from egoetl.lineage.database import Database
from egoetl.lineage.tables.base import SCHEMA

_PARTITIONED = ("build_unit", "attempt", "reply")
_HAS_VERSION = text("SELECT dataset || ' ' || number FROM dataset_version WHERE build_seq = :build_seq ORDER BY number LIMIT 1")
_IN_USE = text("SELECT stage FROM shard_lease WHERE build_seq = :build_seq AND expires_at > clock_timestamp() LIMIT 1")
_DETACHING = text("SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = to_regclass(:partition) AND inhparent = to_regclass(:parent)")


def drop_build(database: Database, build_seq: int, *, only_if: Callable[[Connection], bool] = lambda _: True) -> bool:
    """Drop a build's rows; a call that was interrupted is finished by the next. False, and nothing is done, if not `only_if`.

    `only_if` is asked while nobody else can change how the build stands.

    Raises CallerError: a version was made after the build (`build_has_version`), or a worker is at it (`build_in_use`).
    """
    if not database.transaction(lambda connection: _forget(connection, build_seq, only_if)):
        return False
    for parent in _PARTITIONED:
        database.patiently(lambda parent=parent: _drop_partition(database, parent, f"{parent}_b{build_seq}"))
    return True


def has_partitions(connection: Connection, build_seq: int) -> bool:
    """Whether partitions of a build are there."""
    names = [f"{SCHEMA}.{parent}_b{build_seq}" for parent in _PARTITIONED]
    statement = text("SELECT bool_or(to_regclass(name) IS NOT NULL) FROM unnest(CAST(:names AS text[])) AS name")
    return bool(connection.execute(statement, {"names": names}).scalar_one())


def _forget(connection: Connection, build_seq: int, only_if: Callable[[Connection], bool]) -> bool:
    values = {"build_seq": build_seq}
    # The lock keeps a publish and a lease of this build waiting until it is gone.
    connection.execute(text("SELECT FROM build WHERE seq = :build_seq FOR UPDATE"), values)
    if not only_if(connection):
        return False
    if (version := connection.execute(_HAS_VERSION, values).scalar()) is not None:
        raise CallerError(f"Version {version} was made by this build, so it stays.", reason="build_has_version")
    if (stage := connection.execute(_IN_USE, values).scalar()) is not None:
        raise CallerError(f"A worker is at stage {stage} of this build; stop it first.", reason="build_in_use")
    for table in (
        "eval_score",
        "eval_run",
        "superseded_result",
        "backfill_build",
        "backfill",
        "key_claim",
        "shard_lease",
        "stage_count",
        "shard_count",
        "clip_pairs",
        "usage_total",
        "build_row",
        "reply_part",
    ):
        connection.execute(text(f"DELETE FROM {table} WHERE build_seq = :build_seq"), values)  # noqa: S608 - our own tables
    connection.execute(text("UPDATE build SET state = 'dropped', version = NULL WHERE seq = :build_seq"), values)
    return True


def _drop_partition(database: Database, parent: str, partition: str) -> None:
    """Detach, then drop. Detaching concurrently lets the commits of other builds go on, but needs to be outside a transaction."""
    parent, partition = f"{SCHEMA}.{parent}", f"{SCHEMA}.{partition}"
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # Whoever reads the parent now is waited for. Given up, a partition stays half detached until the next call.
        connection.exec_driver_sql(f"SET lock_timeout = '{database.limits.lock_seconds * 1000:.0f}ms'")
        pending = connection.execute(_DETACHING, {"partition": partition, "parent": parent}).scalar()
        if pending is not None:
            connection.exec_driver_sql(f"ALTER TABLE {parent} DETACH PARTITION {partition} {'FINALIZE' if pending else 'CONCURRENTLY'}")
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {partition}")
        connection.exec_driver_sql("RESET lock_timeout")
