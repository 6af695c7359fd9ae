"""Claims in PostgreSQL: many claimers at once, in any order, and claimers that die."""

import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from egoetl.core.ledger import Lease
from egoetl.lineage.open import open_ledger
from egoetl.lineage.postgres_ledger import PostgresLedger
from egoetl.lineage.reports import Reports
from egoetl.testing.outcomes import a_spec, shard_row

KEYS = [f"{number:064x}" for number in range(300)]
HOLDER = """
import sys, time
from egoetl.lineage.open import open_ledger
ledger = open_ledger(sys.argv[1], patience_seconds=5)
lease = ledger.acquire(int(sys.argv[2]), "caption", 0, seconds=60)
print(len(ledger.claim(lease, sys.argv[3:]).mine), flush=True)
time.sleep(600)
"""


@pytest.fixture
def ledger(database_url: str) -> Iterator[PostgresLedger]:
    made = open_ledger(database_url, patience_seconds=5)
    yield made
    made.close()


def lease_of(ledger: PostgresLedger, name: str) -> Lease:
    seq = ledger.create_build(a_spec(name), [shard_row(2, 0)], []).seq
    return ledger.acquire(seq, "caption", 0, seconds=60)


def test_claimers_in_different_orders_neither_share_a_key_nor_wait_for_each_other(ledger: PostgresLedger, database_url: str) -> None:
    held: dict[str, int] = {}
    troubles: list[str] = []

    def claim_and_give_up(number: int) -> None:
        mine = open_ledger(database_url, patience_seconds=5)
        lease, draw = lease_of(mine, f"build-{number}"), random.Random(number)
        for _ in range(60):
            claimed = mine.claim(lease, draw.sample(KEYS, 100)).mine
            troubles.extend(f"{key} is held by {held[key]} and {number}" for key in claimed if held.setdefault(key, number) != number)
            for key in claimed:
                held.pop(key, None)
            mine.give_up(lease, claimed)
        mine.close()

    threads = [threading.Thread(target=claim_and_give_up, args=(number,)) for number in range(4)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    assert time.monotonic() - started < 60
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    assert ledger.database.transaction(lambda connection: connection.exec_driver_sql(deadlocks).scalar()) == 0


def test_claims_of_a_killed_process_of_this_machine_are_taken_at_once(ledger: PostgresLedger, database_url: str) -> None:
    lease = lease_of(ledger, "mine")
    other = ledger.create_build(a_spec("other"), [shard_row(2, 0)], []).seq
    process = subprocess.Popen([sys.executable, "-c", HOLDER, database_url, str(other), *KEYS[:3]], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == "3\n"
        claimed = ledger.claim(lease, KEYS[:4])
        assert claimed.mine == {KEYS[3]}
        assert claimed.holders == (f"process {process.pid} on {socket.gethostname()} (other, caption, shard 0)",)
        process.kill()
        process.wait()
    assert ledger.claim(lease, KEYS[:4]).mine == set(KEYS[:4])


def test_dropping_a_build_forgets_its_claims(ledger: PostgresLedger) -> None:
    lease = lease_of(ledger, "mine")
    ledger.claim(lease, KEYS)
    ledger.release(lease)
    Reports(ledger).drop_build(lease.build_seq)
    assert ledger.database.transaction(lambda connection: connection.exec_driver_sql("SELECT count(*) FROM key_claim").scalar()) == 0
