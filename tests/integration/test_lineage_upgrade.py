"""A database of an earlier release, with what real builds left in it, becomes one of this release."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import text

from egoetl.core.arrivals import FoundVideo
from egoetl.core.sources import SourceFile
from egoetl.lineage import migrate
from egoetl.lineage.arrivals import Arrivals
from egoetl.lineage.database import Database
from egoetl.lineage.open import open_ledger
from egoetl.lineage.postgres_ledger import PostgresLedger
from egoetl.lineage.reports import Reports
from egoetl.lineage.schema import sql_root
from egoetl.lineage.tables.index import metadata
from egoetl.lineage.withdrawing import Withdrawals
from egoetl.local.postgres import Postgres
from egoetl.testing.outcomes import a_spec, an_exchange, commit, done, said, shard_row
from egoetl.testing.samples import a_clip

FIXTURES = Path(__file__).parents[1] / "fixtures"
Rows = dict[str, tuple[str, list[str]]]
"""The columns and rows of each table."""


# Those of the first release; what later ones added may have nothing to show.
VIEWS = {
    "attempt_history", "build_pairs", "build_progress", "failed_items", "model_usage", "qa_lineage", "unit_reasons", "version_pairs",
    "video_sightings",
}  # fmt: skip


@dataclass(frozen=True)
class Release:
    """A release before this one, and what its dump holds."""

    revision: str
    rows: dict[str, int]
    builds: list[tuple[str, str, int]]
    pairs: dict[str, int]
    left_out: dict[str, int]
    version: int = 3
    """The one that is public."""


PREVIOUS = Release(
    revision="0004",
    rows={
        "build": 8, "build_unit": 217, "attempt": 159, "result": 136, "qa_pair": 33, "version_pair": 38, "tombstone": 1, "backfill": 1,
        "superseded_result": 4, "arrival_video": 1, "reply": 8,
    },
    builds=[
        ("spoken", "succeeded", 0), ("planned", "planned", 2), ("mend", "succeeded", 0), ("stopped", "cancelled", 2),
        ("gone", "dropped", 0), ("third", "succeeded", 0), ("second", "succeeded", 0), ("first", "succeeded", 0),
    ],
    pairs={"avdn": 2, "avh_sound": 4, "avsn": 4, "ssa": 2},
    left_out={"near_duplicate": 1},
    version=4,
)  # fmt: skip
THIRD = Release(
    revision="0003",
    rows={
        "build": 7, "build_unit": 209, "attempt": 151, "result": 128, "qa_pair": 33, "version_pair": 38, "tombstone": 1, "backfill": 1,
        "superseded_result": 4, "arrival_video": 1,
    },
    builds=[
        ("planned", "planned", 2), ("mend", "succeeded", 0), ("stopped", "cancelled", 2), ("gone", "dropped", 0), ("third", "succeeded", 0),
        ("second", "succeeded", 0), ("first", "succeeded", 0),
    ],
    pairs={"avdn": 2, "avh_sound": 4, "avsn": 4, "ssa": 2},
    left_out={"near_duplicate": 1},
    version=4,
)  # fmt: skip
SECOND = Release(
    revision="0002",
    rows={"build": 6, "build_unit": 161, "attempt": 139, "result": 116, "qa_pair": 29, "version_pair": 33, "tombstone": 1},
    builds=[
        ("planned", "planned", 2),
        ("stopped", "cancelled", 0),
        ("gone", "dropped", 0),
        ("third", "succeeded", 0),
        ("second", "succeeded", 0),
        ("first", "succeeded", 0),
    ],
    pairs={"avdn": 2, "avh_sound": 4, "avsn": 4, "ssa": 2},
    left_out={"near_duplicate": 1},
)
FIRST = Release(
    revision="0001",
    rows={"build": 5, "build_unit": 91, "attempt": 67, "result": 66, "qa_pair": 17, "version_pair": 17},
    builds=[
        ("planned", "planned", 2), ("gone", "dropped", 0), ("third", "succeeded", 0), ("second", "succeeded", 0), ("first", "succeeded", 0),
    ],
    pairs={"avh_sound": 4, "avsn": 3},
    left_out={},
)  # fmt: skip


@pytest.fixture(scope="module", params=[PREVIOUS, THIRD, SECOND, FIRST], ids=lambda release: release.revision)
def release(request: pytest.FixtureRequest) -> Release:
    return request.param


@pytest.fixture(scope="module")
def upgraded(postgres_server: Postgres, database_names: Iterator[str], release: Release) -> Iterator[tuple[str, Rows]]:
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
        command.upgrade(config, release.revision)
        connection.execute(text("CREATE VIEW build_progress AS SELECT name FROM build"))  # of the previous release
        connection.execute(text("SELECT ensure_partitions(5)"))
    load = postgres_server.psql_command(
        name, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={FIXTURES / f'ledger_{release.revision}.sql'}"
    )
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


def test_everything_is_there_as_it_was(upgraded: tuple[str, Rows], release: Release):
    url, before = upgraded
    assert {table: len(before[table][1]) for table in release.rows} == release.rows
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


def test_reports_tell_what_the_builds_did(ledger: PostgresLedger, release: Release):
    reports = Reports(ledger)
    first, second = (ledger.build(name).seq for name in ("first", "second"))
    assert [(row["name"], row["state"], row["pending"]) for row in reports.list_builds()] == release.builds
    assert reports.qa_counts(first) == release.pairs
    assert [row["reason"] for row in reports.failures(second)] == ["video_missing", "window_inverted"]
    assert all(counts["total"] == counts["done"] + counts["dropped"] + counts["failed"] for counts in reports.funnel(second))
    version = reports.latest_published("egoavu")
    assert version is not None
    assert (version["number"], version["left_out"]) == (release.version, release.left_out)
    pairs = reports.accepted_pairs("egoavu", first)
    assert reports.trace_qa(pairs[0].pair.qa_id).hops[-1].stage == "register"
    usage = "SELECT sum(attempts) FROM model_usage WHERE build_seq = 1"
    assert scalar(ledger, usage) == scalar(ledger, "SELECT count(*) FROM attempt WHERE build_seq = 1")


def test_every_view_can_be_asked(ledger: PostgresLedger):
    file = SourceFile(path="new.mp4", address="/inbox/new.mp4", size_bytes=1, stamp="1", age_seconds=99)
    arrived = FoundVideo(file=file, sha256="a" * 64, video_id="new", split="train", duration_ms=9000, clips=((0, 9000),))
    Arrivals(ledger).register("egoavu", arrived)  # no earlier release knew of arrivals
    names = scalar(ledger, "SELECT string_agg(viewname, ' ') FROM pg_views WHERE schemaname = 'lineage'")
    empty = {name for name in str(names).split() if scalar(ledger, f"SELECT count(*) FROM {name}") == 0}
    assert empty & VIEWS == set()


def test_a_build_of_the_previous_release_goes_on(ledger: PostgresLedger, release: Release):
    reports, build = Reports(ledger), ledger.build("planned")
    assert [each.state for each in ledger.statuses(build.seq, 0, ["register"])] == ["pending", "pending"]
    clip = a_clip()
    commit(ledger, build.seq, "register", 0, [done("register", "2", clip, kind="row")])
    segment = f"{clip.clip_id}.0_10000"
    commit(ledger, build.seq, "caption", 0, [said(done("caption", segment), an_exchange("caption", segment))])
    assert scalar(ledger, f"SELECT count(*) FROM reply_history WHERE build = 'planned' AND unit_id = '{segment}'") == 1
    assert [(row["stage"], row["done"], row["pending"]) for row in reports.funnel(build.seq)] == [("register", 1, 1), ("caption", 1, 0)]
    again = reports.reset_failed(ledger.build("second").seq)
    assert [(row["stage"], row["units"]) for row in again] == [("register", 1)]
    ledger.cancel(build.seq)
    assert ledger.build("planned").state == "cancelled"
    assert ledger.create_build(a_spec("new"), [shard_row(2, 0)], []).seq == release.rows["build"] + 1


def test_a_video_of_the_previous_release_can_be_withdrawn(ledger: PostgresLedger, release: Release):
    withdrawals = Withdrawals(ledger)
    video, _ = withdrawals.find("cellar")
    found, versions = withdrawals.survey(video)
    assert found.counts["segments"] == 2
    assert [each.number for each in versions] == list(range(1, release.version + 1))
