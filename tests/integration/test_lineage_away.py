"""A database that is away is waited for; one that refuses is told at once."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import pytest
from sqlalchemy import make_url

from egoetl.core.errors import ConfigError, TryAgainError
from egoetl.lineage.open import open_ledger
from egoetl.lineage.postgres_ledger import PostgresLedger
from egoetl.testing.outcomes import a_spec

AWAY_SECONDS = 1.5


@pytest.fixture
def ledger(database_url: str) -> Iterator[PostgresLedger]:
    opened = open_ledger(database_url, patience_seconds=20)
    yield opened
    opened.close()


@contextmanager
def away(database_url: str) -> Iterator[None]:
    """The database lets nobody in, and whoever was in is out."""
    name = make_url(database_url).database
    server = psycopg2.connect(make_url(database_url).set(database="postgres").render_as_string(hide_password=False))
    server.autocommit = True
    cursor = server.cursor()
    try:
        cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        yield
    finally:
        cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        server.close()


def test_a_call_waits_and_goes_on(ledger: PostgresLedger, database_url: str, caplog: pytest.LogCaptureFixture):
    seq = ledger.create_build(a_spec(), [], []).seq
    caplog.set_level(logging.WARNING, "egoetl.lineage")
    answers: list[int] = []
    with away(database_url):
        caller = threading.Thread(target=lambda: answers.append(ledger.build("demo").seq))
        caller.start()
        time.sleep(AWAY_SECONDS)
        assert answers == []
    caller.join()
    assert answers == [seq]
    began, ended = (record.getMessage() for record in caplog.records)
    assert began.startswith("The lineage database is away (")
    assert ended.startswith("The lineage database answers again after ")


def test_patience_ends(database_url: str):
    ledger = open_ledger(database_url, patience_seconds=0.5)
    with away(database_url), pytest.raises(TryAgainError) as caught:
        ledger.build("demo")
    assert caught.value.reason == "database_away"
    ledger.close()


def test_a_server_that_is_not_there_is_away():
    with pytest.raises(TryAgainError) as caught:
        open_ledger("postgresql://egoetl:hush@127.0.0.1:1/lineage", patience_seconds=0)
    assert caught.value.reason == "database_away"
    assert "hush" not in str(caught.value)


def test_a_database_that_does_not_exist_is_told_at_once(database_url: str):
    started = time.monotonic()
    with pytest.raises(ConfigError) as caught:
        open_ledger(make_url(database_url).set(database="nowhere").render_as_string(hide_password=False), patience_seconds=60)
    assert caught.value.reason == "database_refused"
    assert time.monotonic() - started < 10


def test_an_address_that_is_none_is_told():
    with pytest.raises(ConfigError) as caught:
        open_ledger("lineage", patience_seconds=0)
    assert caught.value.reason == "database_url_invalid"
