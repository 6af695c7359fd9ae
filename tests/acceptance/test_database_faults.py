"""What the database and clocks do at night: a server that crashes and comes back, workers whose clocks are an hour off."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from egoetl.lineage.open import open_ledger
from egoetl.lineage.postgres_ledger import PostgresLedger
from egoetl.testing.installation import Installation

pytestmark = pytest.mark.slow

DOUBLED = """
    SELECT stage, unit_id, count(*) FROM attempt WHERE state IN ('done', 'dropped') GROUP BY build_seq, stage, unit_id HAVING count(*) > 1
"""
MISCOUNTED = """
    SELECT stage, shard, state FROM stage_count WHERE units > 0
    EXCEPT SELECT stage, shard, state FROM build_unit GROUP BY build_seq, stage, shard, state
"""
MISCOUNTED_UNITS = """
    SELECT build_seq, stage, shard, state, count(*) FROM build_unit GROUP BY build_seq, stage, shard, state
    EXCEPT SELECT build_seq, stage, shard, state, units FROM stage_count
"""
CRASHES = ("frames", "caption", "verify")
"""The server crashes when the first unit of each of these stages is there."""
SKEWS = ("+1h", "-1h")


@pytest.mark.timeout(900)
def test_a_server_that_crashes_again_and_again_costs_nothing_but_time(own_server, undisturbed, patiently) -> None:
    report, expected = undisturbed
    installation, server = own_server.installation, own_server.postgres
    worker = installation.start("build", "run", *installation.order("night"), EGOETL_COMMIT_SECONDS="0.01")
    for stage in CRASHES:
        patiently(lambda stage=stage: installation.rows("SELECT FROM build_unit WHERE stage = %s AND state = 'done'", stage), seconds=180)
        assert worker.poll() is None, worker.communicate()
        crash(server, patiently)
        server.start()
    _, errors = worker.communicate(timeout=300)
    assert worker.returncode == 0, errors
    assert errors.count("answers again") >= 1
    assert "redo" in server.folder.log.read_text()  # recovered from its log, three times
    again = installation.json("build", "show", "night")
    assert installation.published(again) == expected
    assert again["computed"] == report["computed"]
    for statement in (DOUBLED, MISCOUNTED, MISCOUNTED_UNITS):
        assert installation.rows(statement) == []


def crash(server, patiently) -> None:
    """What `pg_ctl stop -m immediate` does: every process ends where it stands, and nothing is written any more."""
    pid = server.pid()
    os.kill(pid, signal.SIGQUIT)
    patiently(lambda: server.pid() is None and not Path(f"/proc/{pid}").exists())


def clock(offset: str) -> dict[str, str]:
    """The environment in which a process sees another time of day. How time passes stays as it is."""
    (library,) = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
    return {"LD_PRELOAD": str(library), "FAKETIME": offset, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


@pytest.fixture
def ledger(installation: Installation) -> Iterator[PostgresLedger]:
    with closing(open_ledger(installation.database_url, patience_seconds=5)) as opened:
        yield opened


@pytest.mark.needs("faketime")
@pytest.mark.parametrize("offset", SKEWS)
def test_only_the_databases_clock_says_when_a_lease_ends(installation: Installation, ledger: PostgresLedger, offset: str) -> None:
    name = installation.json("build", "plan", *installation.order("night"), **clock(offset))["build"]
    held = ledger.acquire(ledger.build(name).seq, "register", 0, seconds=600)
    command = ("stage", "run", "--build", name, "--stages", "register", "--shard", "0")
    refused = installation.run(*command, code=75, EGOETL_PATIENCE_SECONDS="1", **clock(offset))
    assert "is held by process" in refused.stderr
    ledger.release(held)
    ledger.acquire(held.build_seq, "register", 0, seconds=0.2)
    time.sleep(0.3)
    installation.run(*command, EGOETL_PATIENCE_SECONDS="1", **clock(offset))
    assert (
        ledger.database.transaction(
            lambda at: at.exec_driver_sql("SELECT max(abs(extract(epoch FROM now() - ended_at))) FROM attempt").scalar()
        )
        < 600
    )


@pytest.mark.needs("faketime")
def test_two_workers_with_different_clocks_on_one_shard(installation: Installation, undisturbed) -> None:
    report, expected = undisturbed
    name = installation.json("build", "plan", *installation.order("night"))["build"]
    command = ("stage", "run", "--build", name, "--stages", "register,split,frames,caption,mcg,av_narration", "--shard", "0")
    workers = [installation.start(*command, **clock(offset)) for offset in SKEWS]
    for worker in workers:
        _, errors = worker.communicate(timeout=300)
        assert worker.returncode == 0, errors
    again = installation.json("build", "run", *installation.order("night"), **clock(SKEWS[0]))
    assert installation.published(again) == expected
    assert again["computed"] == report["computed"]
    assert installation.rows(DOUBLED) == []
