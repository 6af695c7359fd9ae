"""What a lineage database needs every day: partitions made ahead, builds that nobody needs forgotten, statistics that are true."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection

from egoetl.core.errors import ConfigError
from egoetl.core.records import Record
from egoetl.lineage import roles
from egoetl.lineage.database import Database
from egoetl.lineage.dropping import drop_build, has_partitions
from egoetl.lineage.limits import Limits

Tell = Callable[[str], None]

# Nothing of a version goes: neither the build after which it was made, nor one that published it again, nor one whose pairs
# the next version takes over, also because a backfill has mended it.
_NOBODY_NEEDS = """
    state IN ('succeeded', 'failed', 'cancelled') AND finished_at < now() - CAST(:days AS double precision) * interval '1 day'
    AND version IS NULL AND NOT EXISTS (SELECT FROM dataset_version WHERE dataset_version.build_seq = build.seq)
    AND NOT (state = 'succeeded' AND 'publish' = ANY (stages))
    AND NOT EXISTS (
        SELECT FROM backfill_build AS link JOIN build AS mending ON mending.seq = link.build_seq
        WHERE link.mends_seq = build.seq AND mending.state <> 'dropped'
    )
"""
_OLD = text(f"SELECT seq, name FROM build WHERE {_NOBODY_NEEDS} ORDER BY seq")  # noqa: S608 - a constant of this file
_STILL_OLD = text(f"SELECT EXISTS (SELECT FROM build WHERE seq = :build_seq AND {_NOBODY_NEEDS})")  # noqa: S608 - as above
_DROPPED = text("SELECT seq, name FROM build WHERE state = 'dropped' ORDER BY seq")
_MISSING = text(
    """
    SELECT count(*) FROM generate_series((SELECT coalesce(max(seq), 0) + 1 FROM build), (SELECT coalesce(max(seq), 0) FROM build) + :ahead)
        AS coming (seq) CROSS JOIN unnest(ARRAY['build_unit', 'attempt', 'reply']) AS parent
    WHERE to_regclass('lineage.' || parent || '_b' || coming.seq) IS NULL
    """
)
_AHEAD = text("SELECT ensure_partitions((SELECT coalesce(max(seq), 0) + 1 FROM build), CAST(:ahead AS integer) - 1)")
# Autovacuum looks after tables; after a partitioned table as a whole nobody looks, and plans that name no build go by its statistics.
_STALE = text(
    """
    SELECT relname, relkind FROM (
        SELECT stat.relname, class.relkind, stat.n_mod_since_analyze > 1000 + 0.1 * greatest(class.reltuples, 0) AS stale
        FROM pg_stat_user_tables AS stat JOIN pg_class AS class ON class.oid = stat.relid
        WHERE stat.schemaname = 'lineage' AND class.relkind = 'r'
        UNION ALL
        SELECT parent.relname, 'p', sum(child.n_mod_since_analyze) > 0
               OR max(greatest(child.last_analyze, child.last_autoanalyze)) > coalesce(parent.last_analyze, '-infinity')
        FROM pg_inherits JOIN pg_stat_user_tables AS child ON child.relid = inhrelid
        JOIN pg_stat_user_tables AS parent ON parent.relid = inhparent
        WHERE parent.schemaname = 'lineage' GROUP BY parent.relname, parent.last_analyze
    ) AS looked_at WHERE stale ORDER BY relkind DESC, relname
    """
)


class Maintained(Record):
    """What was done, or would be."""

    partitions: int
    """Made ahead."""
    dropped: tuple[str, ...]
    """Builds of which only the name is kept."""
    analyzed: tuple[str, ...]
    """Tables whose statistics were made anew."""
    dry_run: bool


def maintain(
    url: str, *, patience_seconds: float, limits: Limits, ahead: int, keep_days: float | None, dry_run: bool, tell: Tell
) -> Maintained:
    """Make partitions for so many builds to come, forget builds that ended before `keep_days` (None: none), and refresh statistics.

    Each step is a transaction of its own; one that was interrupted is finished by the next call.

    Raises ConfigError `not_the_owner`.
    """
    database = Database(url, patience_seconds=patience_seconds, application_name="egoetl db maintain", limits=limits)
    try:
        database.transaction(_check_owner)
        return Maintained(
            partitions=_make_partitions(database, ahead, tell, dry_run=dry_run),
            dropped=_forget(database, keep_days, tell, dry_run=dry_run),
            analyzed=_analyze(database, tell, dry_run=dry_run),
            dry_run=dry_run,
        )
    finally:
        database.close()


def _check_owner(connection: Connection) -> None:
    if not roles.become_owner(connection):
        raise ConfigError(
            "This login does not own the lineage schema; set EGOETL_DATABASE_OWNER_URL for `egoetl db maintain`.", reason="not_the_owner"
        )


def _make_partitions(database: Database, ahead: int, tell: Tell, *, dry_run: bool) -> int:
    def make(connection: Connection) -> int:
        missing: int = connection.execute(_MISSING, {"ahead": ahead}).scalar_one()
        if missing and not dry_run:
            connection.execute(_AHEAD, {"ahead": ahead})
        return missing

    made = database.transaction(make)
    tell(f"{made} partitions {'are missing' if dry_run else 'made'} for the next {ahead} builds.")
    return made


def _forget(database: Database, keep_days: float | None, tell: Tell, *, dry_run: bool) -> tuple[str, ...]:
    gone: list[str] = []
    for build_seq, name in database.transaction(lambda connection: _forgettable(connection, keep_days)):
        if not dry_run and not drop_build(database, build_seq, only_if=lambda at, seq=build_seq: _may_go(at, seq, keep_days)):
            continue
        tell(f"{name}: attempts and units {'would go' if dry_run else 'are gone'}.")
        gone.append(name)
    return tuple(gone)


def _forgettable(connection: Connection, keep_days: float | None) -> list[tuple[int, str]]:
    """Builds past their time, and those whose dropping was interrupted."""
    left = [(seq, name) for seq, name in connection.execute(_DROPPED) if has_partitions(connection, seq)]
    old: Iterable[Any] = () if keep_days is None else connection.execute(_OLD, {"days": keep_days})
    return [*left, *((seq, name) for seq, name in old)]


def _may_go(connection: Connection, build_seq: int, keep_days: float | None) -> bool:
    """Asked when the build is locked: somebody may have retried it meanwhile."""
    values = {"build_seq": build_seq, "days": keep_days}
    dropped = text("SELECT state = 'dropped' FROM build WHERE seq = :build_seq")
    if connection.execute(dropped, values).scalar_one():
        return True
    return keep_days is not None and bool(connection.execute(_STILL_OLD, values).scalar_one())


def _analyze(database: Database, tell: Tell, *, dry_run: bool) -> tuple[str, ...]:
    stale = database.transaction(lambda connection: [(name, kind) for name, kind in connection.execute(_STALE)])
    for name, kind in stale:
        if not dry_run:
            database.transaction(lambda connection, name=name, kind=kind: _analyze_one(connection, name, kind), unhurried=True)
        tell(f"{name}: statistics {'are old' if dry_run else 'made anew'}.")
    return tuple(name for name, _ in stale)


def _analyze_one(connection: Connection, name: str, kind: str) -> None:
    roles.become_owner(connection)
    version = connection.execute(text("SELECT current_setting('server_version_num')::integer")).scalar_one()
    # Before PostgreSQL 18 a partitioned table takes all its partitions along.
    only = "ONLY " if kind == "p" and version >= 180000 else ""
    connection.exec_driver_sql(f'ANALYZE {only}lineage."{name}"')
