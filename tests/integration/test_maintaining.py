"""`egoetl db maintain`: partitions ahead, nothing forgotten that a version refers to, statistics of what nobody else looks after."""

from collections.abc import Iterator
from contextlib import closing

import psycopg2
import pytest
from sqlalchemy import make_url, text

from egoetl.core.errors import ConfigError, TryAgainError
from egoetl.core.ledger import BuildState
from egoetl.lineage import roles
from egoetl.lineage.limits import Limits
from egoetl.lineage.maintaining import Maintained, maintain
from egoetl.lineage.open import open_ledger
from egoetl.lineage.postgres_ledger import PostgresLedger
from egoetl.lineage.reports import Reports
from egoetl.testing.outcomes import a_spec, commit, done, shard_row

pytestmark = pytest.mark.slow

SEGMENT = "0123456789abcdef_0_20000.0_10000"


@pytest.fixture
def ledger(database_url: str) -> Iterator[PostgresLedger]:
    roles.make(database_url)
    with closing(open_ledger(database_url, patience_seconds=5)) as opened:
        yield opened


def run(url: str, *, ahead: int = 30, keep_days: float | None = None, dry_run: bool = False) -> Maintained:
    lines: list[str] = []
    made = maintain(
        url, patience_seconds=5, limits=Limits(lock_seconds=2), ahead=ahead, keep_days=keep_days, dry_run=dry_run, tell=lines.append
    )
    assert len(lines) == 1 + len(made.dropped) + len(made.analyzed)
    return made


def partitions(ledger: PostgresLedger, parent: str = "attempt") -> list[str]:
    statement = text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = CAST(:parent AS regclass)")
    return sorted(ledger.database.transaction(lambda at: list(at.execute(statement, {"parent": parent}).scalars())))


def ended(ledger: PostgresLedger, name: str, state: BuildState, *, days: float) -> int:
    """A build with one unit that ended so long ago."""
    build = ledger.create_build(a_spec(name), [shard_row(2, 0)], [])
    commit(ledger, build.seq, "caption", 0, [done("caption", SEGMENT)])
    ledger.set_state(build.seq, state)
    change = text("UPDATE build SET finished_at = now() - :days * interval '1 day' WHERE seq = :seq")
    ledger.database.transaction(lambda at: at.execute(change, {"days": days, "seq": build.seq}))
    return build.seq


def test_partitions_are_made_for_builds_to_come(ledger: PostgresLedger, database_url: str):
    ledger.create_build(a_spec(), [], [])
    assert run(database_url, dry_run=True).partitions == 3 * 27  # the build brought its own and those of the next three
    assert len(partitions(ledger)) == 4
    assert run(database_url).partitions == 3 * 27
    assert len(partitions(ledger)) == len(partitions(ledger, "build_unit")) == 31
    assert run(database_url).partitions == 0


def test_what_no_version_refers_to_goes_after_its_time(ledger: PostgresLedger, database_url: str):
    reports = Reports(ledger)
    published = ended(ledger, "published", "succeeded", days=99)
    reports.record_version(published, dataset="egoavu", manifest_sha256="ab" * 32, path="versions/ab", counts={}, qa_ids=[])
    again = ended(ledger, "published again", "succeeded", days=99)
    reports.record_version(again, dataset="egoavu", manifest_sha256="ab" * 32, path="versions/ab", counts={}, qa_ids=[])
    counting, candidate = ended(ledger, "counts", "succeeded", days=99), ended(ledger, "candidate", "failed", days=99)
    reports.record_version(candidate, dataset="egoavu", manifest_sha256="cd" * 32, path="versions/cd", counts={}, qa_ids=[])
    young, running = ended(ledger, "young", "failed", days=1), ended(ledger, "runs", "running", days=99)
    failed, cancelled = ended(ledger, "old", "failed", days=31), ended(ledger, "stopped", "cancelled", days=31)
    mended, mending = ended(ledger, "mended", "failed", days=99), ended(ledger, "mending", "running", days=99)
    for statement in ("INSERT INTO backfill VALUES (:mending, '{}', 1)", "INSERT INTO backfill_build VALUES (:mending, :mended, true)"):
        ledger.database.transaction(lambda at, say=statement: at.execute(text(say), {"mending": mending, "mended": mended}))
    results = "SELECT count(*) FROM result"
    before = ledger.database.transaction(lambda at: at.execute(text(results)).scalar())

    assert run(database_url).dropped == ()
    assert run(database_url, keep_days=30, dry_run=True).dropped == ("old", "stopped")
    assert run(database_url, keep_days=30).dropped == ("old", "stopped")

    left = partitions(ledger)
    assert {f"attempt_b{seq}" for seq in (published, again, counting, candidate, young, running, mended)} <= set(left)
    assert not {f"attempt_b{seq}" for seq in (failed, cancelled)} & {*left, *partitions(ledger, "build_unit")}
    assert {row["name"]: row["state"] for row in reports.list_builds()}["old"] == "dropped"
    assert ledger.database.transaction(lambda at: at.execute(text(results)).scalar()) == before
    assert run(database_url, keep_days=30).dropped == ()


def test_a_partition_that_somebody_reads_is_finished_by_the_next_call(ledger: PostgresLedger, database_url: str):
    seq = ended(ledger, "old", "failed", days=31)
    with closing(psycopg2.connect(database_url)) as analyst, analyst.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM lineage.attempt")
        with pytest.raises(TryAgainError, match="lock") as caught:
            run(database_url, keep_days=30)
        assert caught.value.reason == "database_locked"
    assert run(database_url, dry_run=True).dropped == ("old",)
    assert run(database_url).dropped == ("old",)
    assert f"attempt_b{seq}" not in partitions(ledger)


def test_statistics_are_made_anew_where_much_has_changed(ledger: PostgresLedger, database_url: str):
    seq = ledger.create_build(a_spec(), [], []).seq
    fill = text("INSERT INTO attempt (build_seq, worker_id, seconds, unit_kind, state, requests, shard, number, stage, unit_id) "
                "SELECT :seq, 1, 1, 'clip', 'done', 0, 0, 1, 'caption', 'c' || i FROM generate_series(1, 3000) AS i")  # fmt: skip
    # Autovacuum comes by once a minute and would make them anew between two looks.
    ledger.database.transaction(lambda at: at.execute(text(f"ALTER TABLE lineage.attempt_b{seq} SET (autovacuum_enabled = false)")))
    ledger.database.transaction(lambda at: at.execute(fill, {"seq": seq}))
    ledger.database.transaction(lambda at: at.execute(text("SELECT pg_stat_force_next_flush()")))
    assert {f"attempt_b{seq}", "attempt"} <= set(run(database_url, dry_run=True).analyzed)
    assert {f"attempt_b{seq}", "attempt"} <= set(run(database_url).analyzed)
    known = text("SELECT reltuples FROM pg_class WHERE oid = 'lineage.attempt'::regclass")
    assert ledger.database.transaction(lambda at: at.execute(known).scalar()) == 3000
    ledger.database.transaction(lambda at: at.execute(text("SELECT pg_stat_force_next_flush()")))
    assert not {f"attempt_b{seq}", "attempt"} & set(run(database_url).analyzed)


def test_only_the_owner_maintains(database_url: str):
    roles.make_login(database_url, "no_owner", "writer", "secret")
    try:
        with pytest.raises(ConfigError) as caught:
            run(make_url(database_url).set(username="no_owner", password="secret").render_as_string(hide_password=False))
        assert caught.value.reason == "not_the_owner"
    finally:
        with closing(psycopg2.connect(database_url)) as connection, connection, connection.cursor() as cursor:
            cursor.execute("DROP ROLE no_owner")
