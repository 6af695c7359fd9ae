"""Forget what a build did, fast: its partitions go as a whole. Results, clips and pairs stay for other builds."""

from sqlalchemy import text
from sqlalchemy.engine import Connection

from egoetl.core.errors import CallerError
from egoetl.lineage.database import Database

_PARTITIONED = ("build_unit", "attempt")
_HAS_VERSION = text("SELECT dataset || ' ' || number FROM dataset_version WHERE build_seq = :build_seq ORDER BY number LIMIT 1")
_IN_USE = text("SELECT stage FROM shard_lease WHERE build_seq = :build_seq AND expires_at > clock_timestamp() LIMIT 1")
_DETACHING = text("SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = to_regclass(:partition) AND inhparent = to_regclass(:parent)")


def drop_build(database: Database, build_seq: int) -> None:
    """Drop a build's rows; a call that was interrupted is finished by the next.

    Raises CallerError: a version was made after the build (`build_has_version`), or a worker is at it (`build_in_use`).
    """
    database.transaction(lambda connection: _forget(connection, build_seq))
    for parent in _PARTITIONED:
        database.patiently(lambda parent=parent: _drop_partition(database, parent, f"{parent}_b{build_seq}"))


def _forget(connection: Connection, build_seq: int) -> None:
    values = {"build_seq": build_seq}
    # The lock keeps a publish and a lease of this build waiting until it is gone.
    connection.execute(text("SELECT FROM build WHERE seq = :build_seq FOR UPDATE"), values)
    if (version := connection.execute(_HAS_VERSION, values).scalar()) is not None:
        raise CallerError(f"Version {version} was made by this build, so it stays.", reason="build_has_version")
    if (stage := connection.execute(_IN_USE, values).scalar()) is not None:
        raise CallerError(f"A worker is at stage {stage} of this build; stop it first.", reason="build_in_use")
    for table in ("key_claim", "shard_lease", "stage_count", "shard_count", "clip_pairs", "usage_total", "build_row"):
        connection.execute(text(f"DELETE FROM {table} WHERE build_seq = :build_seq"), values)  # noqa: S608 - our own tables
    connection.execute(text("UPDATE build SET state = 'dropped', version = NULL WHERE seq = :build_seq"), values)


def _drop_partition(database: Database, parent: str, partition: str) -> None:
    """Detach, then drop. Detaching concurrently lets the commits of other builds go on, but needs to be outside a transaction."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        pending = connection.execute(_DETACHING, {"partition": partition, "parent": parent}).scalar()
        if pending is not None:
            connection.exec_driver_sql(f"ALTER TABLE {parent} DETACH PARTITION {partition} {'FINALIZE' if pending else 'CONCURRENTLY'}")
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {partition}")
