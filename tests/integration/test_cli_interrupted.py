"""Commands that are told to stop, whose reader goes away, or that crashed: nothing is lost, and the next one goes on."""

import os
import signal
import subprocess
import time

import pytest

from egoetl.testing.installation import EGOETL

INTERRUPTED = "egoetl: interrupted; what was committed stays, run the same command again to go on."
HELD = "SELECT stage FROM shard_lease WHERE expires_at > clock_timestamp()"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_build_that_is_told_to_stop_keeps_what_is_finished_and_goes_on_the_next_time(tiny, patiently, number: int) -> None:
    worker = tiny.start("build", "run", *tiny.order("night"), EGOETL_CONCURRENCY="1", EGOETL_COMMIT_SECONDS="60")
    patiently(lambda: tiny.rows(HELD) == [("frames",)], every=0.005)
    told = time.monotonic()
    os.kill(worker.pid, number)
    out, err = worker.communicate(timeout=30)
    assert time.monotonic() - told < 10
    assert (worker.returncode, err.splitlines()[-1]) == (75, INTERRUPTED)
    assert "Traceback" not in err
    assert out == ""
    assert tiny.rows(HELD) == []
    ((finished,),) = tiny.rows("SELECT count(*) FROM build_unit WHERE state = 'done'")
    assert finished >= 4
    report = tiny.json("build", "run", *tiny.order("night"))
    assert report["state"] == "succeeded"
    assert tiny.rows("SELECT stage, unit_id FROM attempt GROUP BY stage, unit_id HAVING count(*) > 1") == []


@pytest.mark.slow
def test_sigterm_ends_a_command_whose_shell_ignores_sigint(tiny, patiently) -> None:
    """As `nohup egoetl ... &` and many supervisors start it."""
    ignored = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        worker = tiny.start("build", "run", *tiny.order("night"), EGOETL_CONCURRENCY="1")
    finally:
        signal.signal(signal.SIGINT, ignored)
    patiently(lambda: tiny.rows(HELD) == [("frames",)], every=0.005)
    os.kill(worker.pid, signal.SIGTERM)
    _, err = worker.communicate(timeout=30)
    assert (worker.returncode, err.splitlines()[-1]) == (75, INTERRUPTED)


@pytest.mark.slow
def test_waiting_for_a_shard_that_another_worker_holds_is_ended_at_once(tiny, patiently) -> None:
    tiny.run("build", "plan", *tiny.order("night"))
    command = ("stage", "run", "--build", "night", "--stages", "register", "--shard", "0")
    tiny.rows(
        "INSERT INTO worker (uid, host, machine, pid, pid_started, command) "
        "VALUES (gen_random_uuid(), 'elsewhere', 'another', 1, 1, 'stage run') RETURNING id"
    )
    tiny.rows(
        "INSERT INTO shard_lease (build_seq, stage, shard, token, expires_at, worker_id, claim) "
        "SELECT 1, 'register', 0, 1, clock_timestamp() + interval '1 hour', id, gen_random_uuid() FROM worker RETURNING token"
    )
    worker = tiny.start(*command)
    assert worker.stderr is not None
    line = worker.stderr.readline()
    assert "is held by process 1 on elsewhere" in line
    told = time.monotonic()
    os.kill(worker.pid, signal.SIGTERM)
    _, err = worker.communicate(timeout=30)
    assert time.monotonic() - told < 10
    assert (worker.returncode, err.splitlines()[-1]) == (75, INTERRUPTED)


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["build", "show", "night"], ["build", "show", "night", "--json"], ["--help"]])
def test_a_reader_that_goes_away_is_no_error(built, arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        ended = subprocess.run([EGOETL, *arguments], env=built.environment, stdout=closed, stderr=subprocess.PIPE, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.slow
def test_head_takes_what_it_wants(built) -> None:
    ended = subprocess.run(
        f"{EGOETL} build show night | head -1", shell=True, env=built.environment, capture_output=True, text=True, check=False
    )
    assert (ended.stdout, ended.stderr) == ("night: succeeded\n", "")


@pytest.mark.slow
def test_progress_is_told_in_lines_where_there_is_no_terminal(tiny) -> None:
    err = tiny.run("build", "run", *tiny.order("night"), "--to", "split").stderr
    assert err.splitlines() == [
        "register shard 0: 2 of 2 (computed 2, reused 0, already 0, failed 0, blocked 0)",
        "split shard 0: 2 of 2 (computed 2, reused 0, already 0, failed 0, blocked 0)",
    ]


def test_gc_finds_what_crashes_left_behind_and_nothing_else(on_tiny, tiny) -> None:
    first = on_tiny("build", "run", *tiny.order("night"), "--json").report
    orphan, version = tiny.store / "captions/ab/lost.jsonl.zst", tiny.store / "versions/egoavu/0123456789abcdef/README.md"
    unfinished = tiny.store / ".tmp/1-abc"
    for file in (orphan, version, unfinished):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"12345")
    assert on_tiny("store", "gc", "--json").report == {"orphans": [], "unfinished": [], "size_bytes": 0, "deleted": False}
    time.sleep(0.01)
    expected = {
        "orphans": ["captions/ab/lost.jsonl.zst", "versions/egoavu/0123456789abcdef/README.md"], "unfinished": [".tmp/1-abc"],
        "size_bytes": 10,
    }  # fmt: skip
    assert on_tiny("store", "gc", "--older-than-hours", "0", "--json").report == {**expected, "deleted": False}
    assert orphan.exists()
    text = on_tiny("store", "gc", "--older-than-hours", "0", "--delete").out
    assert text.splitlines()[-1] == "2 orphans (10 bytes) and 1 unfinished writes deleted."
    assert not any(file.exists() for file in (orphan, version, unfinished))
    again = on_tiny("build", "run", *tiny.order("again"), "--json").report
    assert (again["computed"], tiny.published(again)) == (0, tiny.published(first))


def test_gc_does_not_empty_the_store_of_another_installation(on_tiny, tiny, empty_database_url: str) -> None:
    assert on_tiny("build", "run", *tiny.order("night"), "--to", "register").code == 0
    files = sorted(tiny.store.rglob("*"))
    assert on_tiny("db", "upgrade", EGOETL_DATABASE_URL=empty_database_url).code == 0
    ended = on_tiny("store", "gc", "--older-than-hours", "0", "--delete", EGOETL_DATABASE_URL=empty_database_url)
    assert (ended.code, "belong together" in ended.err) == (78, True)
    assert sorted(tiny.store.rglob("*")) == files
