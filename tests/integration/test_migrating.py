"""`egoetl db upgrade` as a job: several at once, beside people who hold locks, and what init containers ask."""

import json
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from egoetl.core.errors import TryAgainError
from egoetl.lineage import migrate, roles
from egoetl.testing.installation import Footage, Installation

pytestmark = pytest.mark.slow


@pytest.fixture
def empty(empty_database_url: str, tmp_path: Path) -> Installation:
    """The command line on a database without any table."""
    return Installation(empty_database_url, tmp_path / "store", Footage(tmp_path), {"EGOETL_PATIENCE_SECONDS": "120"})


@pytest.mark.slow
def test_several_upgrades_at_once(empty: Installation):
    roles.make(empty.database_url)
    assert json.loads(empty.run("db", "status", "--json", code=3).stdout) == {
        "current": None, "wanted": migrate.status(empty.database_url).wanted, "up_to_date": False,
    }  # fmt: skip
    jobs = [empty.start("db", "upgrade") for _ in range(3)]
    for job in jobs:
        out, err = job.communicate(timeout=300)
        assert (job.returncode, out) == (0, f"The lineage schema is at {migrate.status(empty.database_url).wanted}.\n"), err
    assert empty.json("db", "status")["up_to_date"]
    assert empty.rows("SELECT tableowner FROM pg_tables WHERE tablename = 'build'") == [("egoetl_owner",)]


def test_an_upgrade_steps_back_from_a_lock_and_can_be_repeated(database_url: str):
    with closing(psycopg2.connect(database_url)) as night, night.cursor() as cursor:
        cursor.execute("COMMENT ON SCHEMA lineage IS 'older'")
        night.commit()
        cursor.execute("SELECT * FROM lineage.build_progress")
        with pytest.raises(TryAgainError, match="nothing was changed, run the same command again") as caught:
            migrate.upgrade(database_url, patience_seconds=1, lock_seconds=0.2)
        assert caught.value.reason == "database_locked"
        cursor.execute("SELECT count(*) FROM lineage.build_progress")  # still there
    assert not migrate.status(database_url).up_to_date
    assert migrate.upgrade(database_url, patience_seconds=30, lock_seconds=2).up_to_date


def test_an_upgrade_waits_for_another_longer_than_for_a_lock(database_url: str):
    with closing(psycopg2.connect(database_url)) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('lineage.upgrade')), pg_sleep(0)")
        with pytest.raises(TryAgainError) as caught:
            migrate.upgrade(database_url, patience_seconds=0.5, lock_seconds=0.1)
        assert caught.value.reason == "database_locked"
    assert migrate.upgrade(database_url, patience_seconds=30, lock_seconds=0.1).up_to_date
