"""A batch is recorded once, whole, and only by the worker that holds the shard."""

import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator

import psycopg2
import pytest
from sqlalchemy import text

from egoetl.core.content_key import sha256_of
from egoetl.core.errors import InternalError, TryAgainError
from egoetl.core.ids import segment_id
from egoetl.core.ledger import AirflowTry, Outcome
from egoetl.core.records import ClipSound, SplitClip
from egoetl.lineage import commits, emitted, leases
from egoetl.lineage.open import open_ledger
from egoetl.lineage.postgres_ledger import PostgresLedger
from egoetl.testing.outcomes import a_spec, commit, configs_of, done, failed, key_of, pairs_of, part_of, reused, shard_row
from egoetl.testing.samples import a_clip, a_sampled_clip, a_segment

CLIP = a_clip()
SEGMENT = segment_id(CLIP.clip_id, 0, 10_000)
AIRFLOW = AirflowTry(dag_id="build_egoavu", run_id="manual__1", task_id="caption", map_index=3, try_number=2)


@pytest.fixture
def ledger(database_url: str) -> Iterator[PostgresLedger]:
    opened = open_ledger(database_url, patience_seconds=5, airflow=AIRFLOW)
    yield opened
    opened.close()


@pytest.fixture
def seq(ledger: PostgresLedger) -> int:
    return ledger.create_build(a_spec(), [shard_row(2, 0), shard_row(3, 1)], []).seq


def rows(ledger: PostgresLedger, statement: str) -> list[tuple[object, ...]]:
    return ledger.database.transaction(lambda connection: [tuple(row) for row in connection.execute(text(statement))])


def test_a_registered_row_brings_its_clip_and_video_into_being(ledger: PostgresLedger, seq: int):
    registered = done("register", "2", CLIP, kind="row")
    commit(ledger, seq, "register", 0, [registered])
    assert rows(ledger, "SELECT clip_id, encode(video, 'hex'), start_ms, end_ms FROM clip") == [
        (CLIP.clip_id, CLIP.video.sha256, CLIP.start_ms, CLIP.end_ms)
    ]
    assert rows(ledger, "SELECT duration_ms, width, picture_codec, sound_rate_hz FROM video") == [(100_000, 640, "h264", 48_000)]
    assert rows(ledger, "SELECT row_no, clip_id FROM build_row ORDER BY row_no") == [(2, CLIP.clip_id), (3, None)]
    # The other row is a copy of the same file: its result is reused, with or without its payload.
    commit(ledger, seq, "register", 1, [reused(registered).model_copy(update={"unit_id": "3"})])
    assert rows(ledger, "SELECT row_no, clip_id FROM build_row ORDER BY row_no") == [(2, CLIP.clip_id), (3, CLIP.clip_id)]


def test_segments_files_and_pairs_are_kept_with_their_results(ledger: PostgresLedger, seq: int):
    commit(ledger, seq, "register", 0, [done("register", "2", CLIP, kind="row")])
    sampled = a_sampled_clip(CLIP)
    silent = ClipSound(sound=None, rate_hz=16_000, samples=0)
    segments = tuple(a_segment(CLIP, index) for index in range(3))
    commit(ledger, seq, "split", 0, [done("split", CLIP.clip_id, SplitClip(sound=silent, segments=segments), kind="clip")])
    commit(ledger, seq, "frames", 0, [done("frames", CLIP.clip_id, sampled, kind="clip")])
    key = key_of("qa_avsn", CLIP.clip_id)
    pairs = pairs_of(key, CLIP, "avsn", "What\tis \\heard?\nSay so.", "Why?")
    commit(ledger, seq, "qa_avsn", 0, [done("qa_avsn", CLIP.clip_id, pairs, kind="clip")])
    assert rows(ledger, "SELECT segment_id, partial FROM segment ORDER BY index") == [(each.segment_id, each.partial) for each in segments]
    assert rows(ledger, "SELECT path, media_type FROM artifact") == [(sampled.container.path, "video/x-matroska")]
    assert rows(ledger, "SELECT question, options, evidence, clip_id FROM qa_pair ORDER BY question") == [
        (each.question, list(each.options), list(each.evidence), CLIP.clip_id)
        for each in sorted(pairs.pairs, key=lambda each: each.question)
    ]
    assert rows(ledger, "SELECT stage, emits FROM stage_config ORDER BY stage") == [
        ("frames", None), ("qa_avsn", "qa"), ("register", "clip"), ("split", "segment"),
    ]  # fmt: skip


def test_a_result_that_comes_second_brings_nothing_into_being(ledger: PostgresLedger, seq: int):
    commit(ledger, seq, "register", 0, [done("register", "2", CLIP, kind="row")])
    key = key_of("qa_avsn", CLIP.clip_id)
    first = done("qa_avsn", CLIP.clip_id, pairs_of(key, CLIP, "avsn", "What?"), kind="clip")
    second = done("qa_avsn", CLIP.clip_id, pairs_of(key, CLIP, "avsn", "What else?", "And then?"), kind="clip")
    commit(ledger, seq, "qa_avsn", 0, [first])
    other = ledger.create_build(a_spec("next"), [], []).seq
    commit(ledger, other, "qa_avsn", 0, [second])
    assert rows(ledger, "SELECT question FROM qa_pair") == [("What?",)]


def test_edges_join_a_result_to_its_inputs(ledger: PostgresLedger, seq: int):
    parents = (key_of("caption", SEGMENT), key_of("mcg", SEGMENT))
    made = done("av_narration", SEGMENT, a_sampled_clip(CLIP), inputs=parents)
    commit(ledger, seq, "av_narration", 0, [made])
    assert rows(ledger, "SELECT encode(child, 'hex'), encode(parent, 'hex') FROM edge ORDER BY parent") == [
        (made.key, parent) for parent in sorted(parents)
    ]


def test_an_attempt_knows_its_airflow_task_and_its_cost(ledger: PostgresLedger, seq: int):
    commit(ledger, seq, "caption", 0, [failed(SEGMENT), done("caption", SEGMENT)])
    history = rows(
        ledger,
        "SELECT number, state, reason, message, model, requests, prompt_tokens, seconds, dag_id, run_id, task_id, map_index, try_number "
        "FROM attempt_history ORDER BY number",
    )
    where = ("build_egoavu", "manual__1", "caption", 3, 2)
    assert history == [
        (1, "failed", "reply_truncated", "The reply was cut off.\n\tSee \\the log.", None, 0, None, 0.5, *where),
        (2, "done", None, None, "measured@1", 1, None, 0.25, *where),
    ]


def test_a_batch_with_an_unknown_configuration_is_not_recorded(ledger: PostgresLedger, seq: int):
    lease = ledger.acquire(seq, "caption", 0, seconds=30)
    with pytest.raises(InternalError) as caught:
        ledger.commit(lease, [failed("a.001"), done("caption", SEGMENT)], None, {})
    assert caught.value.reason == "config_unknown"
    assert ledger.statuses(seq, 0, ["caption"]) == []


def test_a_commit_whose_answer_was_lost_is_recorded_once(ledger: PostgresLedger, seq: int):
    lease = ledger.acquire(seq, "caption", 0, seconds=30)
    made = [failed(SEGMENT)]
    batch = commits.Batch(uuid.uuid4(), 1, lease, made, part_of(made), configs_of("caption"))
    for _ in range(2):
        ledger.database.transaction(lambda connection: commits.commit(connection, batch))
    assert rows(ledger, "SELECT number FROM attempt") == [(1,)]
    assert ledger.statuses(seq, 0, ["caption"])[0].attempts == 1


def test_a_commit_cut_off_by_the_server_is_repeated(ledger: PostgresLedger, seq: int, monkeypatch: pytest.MonkeyPatch):
    lease = ledger.acquire(seq, "caption", 0, seconds=30)
    cuts = iter([True, True, False])
    keep = emitted.keep

    def cut_off(connection, made) -> None:
        keep(connection, made)
        if next(cuts):
            connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    monkeypatch.setattr(emitted, "keep", cut_off)
    ledger.commit(lease, [failed(SEGMENT)], None, {})
    assert rows(ledger, "SELECT number FROM attempt") == [(1,)]


def test_an_acquire_whose_answer_was_lost_gives_the_same_lease(ledger: PostgresLedger, seq: int):
    claim = uuid.uuid4()
    wanted = ledger.acquire(seq, "caption", 1, seconds=30)
    first, second = (
        ledger.database.transaction(lambda connection: leases.acquire(connection, wanted.model_copy(update={"shard": 0}), 1, claim))
        for _ in range(2)
    )
    assert first == second


def test_a_lease_of_a_killed_process_is_taken_at_once(ledger: PostgresLedger, seq: int, database_url: str):
    hold = (
        "import sys, time\n"
        "from egoetl.lineage.open import open_ledger\n"
        "ledger = open_ledger(sys.argv[1], patience_seconds=5)\n"
        "print(ledger.acquire(int(sys.argv[2]), 'caption', 0, seconds=600).token, flush=True)\n"
        "time.sleep(60)\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", hold, database_url, str(seq)], stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    try:
        token = int(worker.stdout.readline())
        with pytest.raises(TryAgainError) as caught:
            ledger.acquire(seq, "caption", 0, seconds=30)
        assert f"process {worker.pid} " in str(caught.value)
        # Dead, though its parent has not collected it yet.
        worker.send_signal(signal.SIGKILL)
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            try:
                assert ledger.acquire(seq, "caption", 0, seconds=30).token == token + 1
                break
            except TryAgainError:
                time.sleep(0.02)
        else:
            pytest.fail("the lease of a killed process was never given away")
    finally:
        worker.kill()
        worker.wait()
        worker.stdout.close()


def test_a_taker_waits_for_the_commit_under_way(ledger: PostgresLedger, seq: int):
    lease = ledger.acquire(seq, "caption", 0, seconds=0.2)
    order: list[str] = []

    def take() -> None:
        time.sleep(0.3)
        ledger.acquire(seq, "caption", 0, seconds=30)
        order.append("taken")

    taker = threading.Thread(target=take)
    short = lease.model_copy(update={"seconds": 0.1})
    with ledger.database.engine.begin() as connection:
        assert leases.enter_commit(connection, short, uuid.uuid4())
        taker.start()
        time.sleep(0.6)
        order.append("committed")
    taker.join()
    assert order == ["committed", "taken"]


def test_two_workers_with_the_same_results_do_not_deadlock(ledger: PostgresLedger, database_url: str):
    """Two builds make the same results in opposite orders at the same time."""
    units = [f"clip.{index:03d}" for index in range(200)]
    seqs = [ledger.create_build(a_spec(f"b{each}"), [], []).seq for each in range(2)]
    errors: list[BaseException] = []
    begin = threading.Barrier(2)

    def work(seq: int, outcomes: list[Outcome]) -> None:
        own = open_ledger(database_url, patience_seconds=0)
        try:
            begin.wait()
            commit(own, seq, "caption", 0, outcomes)
        except BaseException as error:  # noqa: BLE001 - told to the test below
            errors.append(error)
        finally:
            own.close()

    made = [done("caption", each, inputs=(sha256_of(each),)) for each in units]
    workers = [threading.Thread(target=work, args=(seq, each)) for seq, each in zip(seqs, [made, made[::-1]], strict=True)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert errors == []
    assert rows(ledger, "SELECT count(*) FROM result UNION ALL SELECT count(*) FROM edge") == [(200,), (200,)]
    assert rows(ledger, "SELECT count(*) FROM build_unit WHERE state = 'done'") == [(400,)]


def test_a_message_may_hold_anything(ledger: PostgresLedger, seq: int):
    said = 'N\\A \0 \ud800 {"a", b}\r\n\t%s \N{SNOWMAN}'
    commit(ledger, seq, "caption", 0, [failed(SEGMENT).model_copy(update={"message": said})])
    assert rows(ledger, "SELECT message FROM attempt") == [(said.replace("\0", "\N{REPLACEMENT CHARACTER}").replace("\ud800", "?"),)]


def test_the_connection_says_who_it_is(ledger: PostgresLedger):
    (name,) = rows(ledger, "SELECT current_setting('application_name')")[0]
    assert name == "egoetl build_egoavu/manual__1/caption[3]#2"


def test_connections_are_ordinary_psycopg2_ones(ledger: PostgresLedger):
    with ledger.database.engine.connect() as connection:
        assert isinstance(connection.connection.driver_connection, psycopg2.extensions.connection)
