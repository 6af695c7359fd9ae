"""Limits of a process in the database: statements, locks, idle transactions and connections."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing

import psycopg2
import pytest
from sqlalchemy import text

from egoetl.core.errors import TryAgainError
from egoetl.lineage.database import Database
from egoetl.lineage.limits import Limits
from egoetl.lineage.open import open_ledger
from egoetl.lineage.reports import Reports

pytestmark = pytest.mark.slow


@pytest.fixture
def hurried(database_url: str) -> Iterator[Database]:
    """A process with short limits and without patience."""
    limits = Limits(connections=2, statement_seconds=0.3, lock_seconds=0.2, idle_seconds=0.3)
    with closing(Database(database_url, patience_seconds=0, limits=limits)) as database:
        yield database


def setting(database: Database, name: str, *, unhurried: bool = False) -> object:
    ask = text("SELECT current_setting(:name)")
    return database.transaction(lambda at: at.execute(ask, {"name": name}).scalar(), unhurried=unhurried)


def test_a_statement_that_takes_too_long_is_broken_off(hurried: Database):
    with pytest.raises(TryAgainError, match="EGOETL_DATABASE_STATEMENT_SECONDS") as caught:
        hurried.transaction(lambda at: at.execute(text("SELECT pg_sleep(5)")))
    assert caught.value.reason == "database_slow"
    hurried.transaction(lambda at: at.execute(text("SELECT pg_sleep(0.6)")), unhurried=True)


def test_a_lock_that_is_not_free_is_told_and_waited_for_with_patience(hurried: Database, database_url: str):
    with closing(psycopg2.connect(database_url)) as other, other.cursor() as cursor:
        cursor.execute("LOCK TABLE lineage.build")
        for unhurried in (False, True):
            with pytest.raises(TryAgainError) as caught:
                hurried.transaction(lambda at: at.execute(text("SELECT * FROM build")), unhurried=unhurried)
            assert caught.value.reason == "database_locked"
        release = threading.Timer(1.0, other.rollback)
        release.start()
        with closing(Database(database_url, patience_seconds=60, limits=Limits(lock_seconds=0.1))) as patient:
            assert patient.transaction(lambda at: at.execute(text("SELECT count(*) FROM build")).scalar()) == 0
        release.join()


def test_a_transaction_of_a_frozen_process_ends(hurried: Database):
    calls: list[int] = []

    def freeze_once(at):
        calls.append(1)
        at.execute(text("SELECT 1"))
        if len(calls) == 1:
            time.sleep(1)
        return at.execute(text("SELECT 2")).scalar()

    with pytest.raises(TryAgainError) as caught:
        hurried.transaction(freeze_once)
    assert caught.value.reason == "database_away"
    hurried.patience_seconds = 60
    calls.clear()
    assert hurried.transaction(freeze_once) == 2
    assert len(calls) == 2


def test_a_version_may_be_written_for_as_long_as_it_takes(database_url: str):
    with closing(open_ledger(database_url, patience_seconds=5, limits=Limits(idle_seconds=0.2))) as ledger:
        reports = Reports(ledger)
        with reports.publishing():
            time.sleep(0.6)
            held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock'"
            assert ledger.database.transaction(lambda at: at.execute(text(held)).scalar()) == 1


def test_every_transaction_says_its_settings_for_itself(hurried: Database):
    assert setting(hurried, "search_path") == "lineage"
    assert (setting(hurried, "statement_timeout"), setting(hurried, "statement_timeout", unhurried=True)) == ("300ms", "0")
    assert (setting(hurried, "lock_timeout"), setting(hurried, "lock_timeout", unhurried=True)) == ("200ms", "200ms")
    with hurried.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
        assert plain.exec_driver_sql("SHOW search_path").scalar() != "lineage"


def test_a_process_opens_no_more_connections_than_it_may(hurried: Database):
    with hurried.connect() as first, hurried.connect() as second:
        pids = {connection.exec_driver_sql("SELECT pg_backend_pid()").scalar() for connection in (first, second)}
        assert len(pids) == hurried.engine.pool.size() == 2
        assert hurried.engine.pool._max_overflow == 0
