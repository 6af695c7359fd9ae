"""Claims to addresses of a store whose server has no conditional writes."""

import threading
from collections.abc import Iterator

import pytest

from egoetl.core.ports import FirstWrite
from egoetl.lineage.database import Database
from egoetl.lineage.first_writes import PostgresFirstWrites

URL, OURS, THEIRS = "s3://bucket/a/versions/x", "a" * 64, "b" * 64


@pytest.fixture
def claims(database_url: str) -> Iterator[PostgresFirstWrites]:
    database = Database(database_url, patience_seconds=30)
    yield PostgresFirstWrites(database)
    database.close()


def test_the_first_claim_stays(claims: PostgresFirstWrites) -> None:
    assert claims.claim(URL, OURS) == FirstWrite(sha256=OURS, mine=True)
    assert claims.claim(URL, THEIRS) == FirstWrite(sha256=OURS, mine=False)
    assert claims.claim(URL, OURS) == FirstWrite(sha256=OURS, mine=False)
    assert claims.claim(URL + "y", THEIRS).mine


def test_only_an_old_claim_is_taken_over(claims: PostgresFirstWrites) -> None:
    claims.claim(URL, OURS)
    assert not claims.claim(URL, THEIRS, void_after_seconds=3600).mine
    assert claims.claim(URL, THEIRS, void_after_seconds=0) == FirstWrite(sha256=THEIRS, mine=True)


def test_an_address_that_is_forgotten_is_free(claims: PostgresFirstWrites) -> None:
    claims.claim(URL, OURS)
    claims.forget(URL)
    claims.forget(URL)
    assert claims.claim(URL, THEIRS).mine


def test_of_16_that_claim_at_once_one_is_first(claims: PostgresFirstWrites) -> None:
    barrier, first = threading.Barrier(16), []

    def claim(number: int) -> None:
        barrier.wait()
        first.append(claims.claim(URL, f"{number:064x}"))

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(each.mine for each in first) == 1
    assert len({each.sha256 for each in first}) == 1
