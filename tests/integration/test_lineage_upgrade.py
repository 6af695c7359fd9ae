"""A database of the previous release, with what real builds left in it, becomes one of this release."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import text

from egoetl.lineage import migrate
from egoetl.lineage.database import Database
from egoetl.lineage.open import open_ledger
from egoetl.lineage.postgres_ledger import PostgresLedger
from egoetl.lineage.reports import Reports
from egoetl.lineage.schema import sql_root
from egoetl.lineage.tables.index import metadata
from egoetl.lineage.withdrawing import Withdrawals
from egoetl.local.postgres import Postgres
from egoetl.testing.outcomes import a_spec, commit, done, shard_row
from egoetl.testing.samples import a_clip

PREVIOUS = "0001"
DUMP = Path(__file__).parents[1] / "fixtures" / "ledger_0001.sql"
Rows = dict[str, tuple[str, list[str]]]
"""The columns and rows of each table."""


@pytest.fixture(scope="module")
def upgraded(postgres_server: Postgres, database_names: Iterator[str]) -> Iterator[tuple[str, Rows]]:
    """A database that was upgraded, and what each of its tables held before."""
    name = next(database_names)
    postgres_server.create_database(name)
    url = postgres_server.url(name)
    database = Database(url, patience_seconds=5)
    with database.engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA lineage"))
        config = Config()
        config.set_main_option("script_location", str(sql_root() / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, PREVIOUS)
        connection.execute(text("CREATE VIEW build_progress AS SELECT name FROM build"))  # of the previous release
        connection.execute(text("SELECT ensure_partitions(5)"))
    load = postgres_server.psql_command(name, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={DUMP}")
    password = postgres_server.home.secret("postgres.password")
    subprocess.run(load, env={"PGPASSWORD": password, "PATH": "/usr/bin:/bin"}, check=True, capture_output=True)
    before = {table: (columns, rows(database, table, columns)) for table, columns in columns_of(database).items()}
    migrate.upgrade(url)
    yield url, before
    database.close()
    postgres_server.drop_database(name)


@pytest.fixture
def ledger(upgraded: tuple[str, Rows]) -> Iterator[PostgresLedger]:
    opened = open_ledger(upgraded[0], patience_seconds=5)
    yield opened
    opened.close()


def columns_of(database: Database) -> dict[str, str]:
    """The columns of each table."""
    statement = """
        SELECT table_name, string_agg(column_name, ', ' ORDER BY ordinal_position) FROM information_schema.columns
        WHERE table_schema = 'lineage' AND table_name NOT IN ('alembic_version', 'build_progress') GROUP BY table_name
    """
    return dict(tuple(row) for row in database.transaction(lambda connection: connection.execute(text(statement)).all()))


def rows(database: Database, table: str, columns: str) -> list[str]:
    statement = text(
        f"SELECT ({columns})::text FROM {table} ORDER BY 1" if "," in columns else f"SELECT {columns}::text FROM {table} ORDER BY 1"
    )
    return list(database.transaction(lambda connection: connection.execute(statement).scalars()))


def scalar(ledger: PostgresLedger, statement: str) -> object:
    return ledger.database.transaction(lambda connection: connection.execute(text(statement)).scalar())


def test_everything_is_there_as_it_was(upgraded: tuple[str, Rows]):
    url, before = upgraded
    assert {table: len(before[table][1]) for table in ("build", "build_unit", "attempt", "result", "qa_pair", "version_pair")} == {
        "build": 5, "build_unit": 91, "attempt": 67, "result": 66, "qa_pair": 17, "version_pair": 17,
    }  # fmt: skip
    database = Database(url, patience_seconds=5)
    for table, (columns, known) in before.items():
        assert rows(database, table, columns) == known, table
    database.close()


def test_nothing_differs_from_a_new_database(upgraded: tuple[str, Rows]):
    assert migrate.status(upgraded[0]).up_to_date
    assert migrate.upgrade(upgraded[0]).up_to_date
    database = Database(upgraded[0], patience_seconds=5)
    with database.engine.connect() as connection:
        ours = {"include_name": lambda name, kind, _: kind != "table" or name in metadata.tables}
        context = MigrationContext.configure(connection, opts={**ours, "compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    database.close()


def test_reports_tell_what_the_builds_did(ledger: PostgresLedger):
    reports = Reports(ledger)
    first, second = (ledger.build(name).seq for name in ("first", "second"))
    assert [(row["name"], row["state"], row["pending"]) for row in reports.list_builds()] == [
        ("planned", "planned", 2), ("gone", "dropped", 0), ("third", "succeeded", 0), ("second", "succeeded", 0), ("first", "succeeded", 0),
    ]  # fmt: skip
    assert reports.qa_counts(first) == {"avh_sound": 4, "avsn": 3}
    assert [row["reason"] for row in reports.failures(second)] == ["video_missing", "window_inverted"]
    assert all(counts["total"] == counts["done"] + counts["dropped"] + counts["failed"] for counts in reports.funnel(second))
    version = reports.latest_published("egoavu")
    assert version is not None
    assert (version["number"], version["left_out"]) == (3, {})
    pairs = reports.accepted_pairs("egoavu", first)
    assert reports.trace_qa(pairs[0].pair.qa_id).hops[-1].stage == "register"
    usage = "SELECT sum(attempts) FROM model_usage WHERE build_seq = 1"
    assert scalar(ledger, usage) == scalar(ledger, "SELECT count(*) FROM attempt WHERE build_seq = 1")


def test_every_view_can_be_asked(ledger: PostgresLedger):
    names = scalar(ledger, "SELECT string_agg(viewname, ' ') FROM pg_views WHERE schemaname = 'lineage'")
    for name in str(names).split():
        assert scalar(ledger, f"SELECT count(*) FROM {name}") != 0, name


def test_a_build_of_the_previous_release_goes_on(ledger: PostgresLedger):
    reports, build = Reports(ledger), ledger.build("planned")
    assert [each.state for each in ledger.statuses(build.seq, 0, ["register"])] == ["pending", "pending"]
    clip = a_clip()
    commit(ledger, build.seq, "register", 0, [done("register", "2", clip, kind="row")])
    commit(ledger, build.seq, "caption", 0, [done("caption", f"{clip.clip_id}.0_10000")])
    assert [(row["stage"], row["done"], row["pending"]) for row in reports.funnel(build.seq)] == [("register", 1, 1), ("caption", 1, 0)]
    again = reports.reset_failed(ledger.build("second").seq)
    assert [(row["stage"], row["units"]) for row in again] == [("register", 1)]
    ledger.cancel(build.seq)
    assert ledger.build("planned").state == "cancelled"
    assert ledger.create_build(a_spec("new"), [shard_row(2, 0)], []).seq == 6


def test_a_video_of_the_previous_release_can_be_withdrawn(ledger: PostgresLedger):
    withdrawals = Withdrawals(ledger)
    video, _ = withdrawals.find("cellar")
    found, versions = withdrawals.survey(video)
    assert found.counts["segments"] == 2
    assert [each.number for each in versions] == [1, 2, 3]
