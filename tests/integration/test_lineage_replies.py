"""Replies are recorded with the attempts that asked for them: once, whole, under the lease, and gone with the build."""

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from egoetl.core.errors import LeaseLostError
from egoetl.core.ids import segment_id
from egoetl.lineage import commits
from egoetl.lineage.limits import Limits
from egoetl.lineage.maintaining import maintain
from egoetl.lineage.open import open_ledger
from egoetl.lineage.postgres_ledger import PostgresLedger
from egoetl.lineage.reports import Reports
from egoetl.testing.outcomes import (
    a_spec,
    an_exchange,
    commit,
    configs_of,
    done,
    dropped,
    failed,
    part_of,
    replies_of,
    reused,
    said,
    shard_row,
)  # fmt: skip
from egoetl.testing.samples import a_clip

CLIP = a_clip()
FIRST, SECOND = segment_id(CLIP.clip_id, 0, 10_000), segment_id(CLIP.clip_id, 10_000, 20_000)
SPOKEN = said(
    done("mcg", FIRST),
    an_exchange("mcg", FIRST, "off_schema", "not\tJSON", detail="not JSON", thinking="Hm."),
    an_exchange("mcg", FIRST, "repaired", ordinal=1, cached_tokens=600, tries=2, finish_reason="stop"),
)


@pytest.fixture
def ledger(database_url: str) -> Iterator[PostgresLedger]:
    opened = open_ledger(database_url, patience_seconds=5)
    yield opened
    opened.close()


@pytest.fixture
def seq(ledger: PostgresLedger) -> int:
    return ledger.create_build(a_spec(), [shard_row(2, 0), shard_row(3, 1)], []).seq


def rows(ledger: PostgresLedger, statement: str) -> list[tuple[object, ...]]:
    return ledger.database.transaction(lambda connection: [tuple(row) for row in connection.execute(text(statement))])


def statuses(ledger: PostgresLedger) -> list[tuple[object, ...]]:
    return rows(ledger, "SELECT unit_id, number, ordinal, status::text FROM reply ORDER BY unit_id, number, ordinal")


def test_every_exchange_is_a_row_that_points_to_its_words(ledger: PostgresLedger, seq: int):
    commit(ledger, seq, "mcg", 0, [said(dropped("mcg", SECOND), an_exchange("mcg", SECOND)), reused(done("mcg", "x_0_1")), SPOKEN])
    shown = """SELECT build, stage, unit_kind::text, unit_id, attempt, ordinal, turn, role, task, model, status::text, finish_reason, tries,
                      prompt_tokens, completion_tokens, cached_tokens, thinking_length, seconds, request, part, part_row
               FROM reply_history ORDER BY part_row"""
    part = f"replies/mcg/{seq}/0.jsonl.zst"
    (one, two, three) = rows(ledger, shown)
    asked = ("demo", "mcg", "segment")
    first, second = (each.request for each in SPOKEN.exchanges)
    assert one[:13] == (*asked, SECOND, 1, 0, 0, "text", "mcg", "llama@1", "ok", None, 1)
    assert two == (
        *asked, FIRST, 1, 0, 0, "text", "mcg", "llama@1", "off_schema", None, 1, 640, 58, None, 3, 0.5, first, part, 1,
    )  # fmt: skip
    assert three == (
        *asked, FIRST, 1, 1, 1, "text", "mcg", "llama@1", "repaired", "stop", 2, 640, 58, 600, 0, 0.5, second, part, 2,
    )  # fmt: skip
    assert rows(ledger, "SELECT build_seq, path, rows FROM reply_part") == [(seq, part, 3)]
    assert part in Reports(ledger).known_paths()


def test_replies_know_which_attempt_asked_for_them(ledger: PostgresLedger, seq: int):
    cut = said(failed(FIRST), an_exchange("mcg", FIRST, "truncated"))
    commit(ledger, seq, "mcg", 0, [cut])
    commit(ledger, seq, "mcg", 0, [cut, failed(SECOND), said(failed(SECOND), an_exchange("mcg", SECOND, "empty")), SPOKEN])
    assert statuses(ledger) == [
        (FIRST, 1, 0, "truncated"), (FIRST, 2, 0, "truncated"), (FIRST, 3, 0, "off_schema"), (FIRST, 3, 1, "repaired"),
        (SECOND, 2, 0, "empty"),
    ]  # fmt: skip
    joined = "SELECT count(*) FROM reply JOIN attempt USING (build_seq, stage, shard, unit_id, number)"
    assert rows(ledger, joined) == [(5,)]


def test_a_repeated_commit_brings_no_reply_twice(ledger: PostgresLedger, seq: int):
    lease = ledger.acquire(seq, "mcg", 0, seconds=30)
    worker: int = rows(ledger, "SELECT id FROM worker")[0][0]  # pyright: ignore[reportAssignmentType] - an integer column
    batch = commits.Batch(uuid.uuid4(), worker, lease, [SPOKEN], part_of([SPOKEN]), configs_of("mcg"), replies_of([SPOKEN]))
    for _ in range(2):
        ledger.database.transaction(lambda connection: commits.commit(connection, batch))
    assert statuses(ledger) == [(FIRST, 1, 0, "off_schema"), (FIRST, 1, 1, "repaired")]
    assert rows(ledger, "SELECT count(*) FROM reply_part") == [(1,)]


def test_a_worker_without_its_lease_records_no_reply(ledger: PostgresLedger, seq: int):
    lease = ledger.acquire(seq, "mcg", 0, seconds=30)
    ledger.release(lease)
    with pytest.raises(LeaseLostError):
        ledger.commit(lease, [SPOKEN], part_of([SPOKEN]), configs_of("mcg"), replies_of([SPOKEN]))
    assert rows(ledger, "SELECT (SELECT count(*) FROM reply) + (SELECT count(*) FROM reply_part)") == [(0,)]


def test_the_statuses_of_a_model_are_counted_by_task(ledger: PostgresLedger, seq: int):
    cut = [an_exchange("mcg", SECOND, "truncated"), an_exchange("mcg", SECOND, "truncated", ordinal=1)]
    commit(ledger, seq, "mcg", 0, [SPOKEN, said(failed(SECOND), *cut)])
    counted = """SELECT task, model, questions, replies, ok, repaired, off_schema, truncated, answered_share, repaired_share,
                        truncated_share, prompt_tokens, cached_tokens FROM reply_statuses"""
    (row,) = rows(ledger, counted)
    assert row[:8] == ("mcg", "llama@1", 2, 4, 0, 1, 1, 2)
    assert [float(str(each)) for each in row[8:11]] == [0.5, 0.5, 0.5]
    assert row[11:] == (2560, 600)


def test_replies_go_with_their_build_and_so_do_their_files(ledger: PostgresLedger, seq: int):
    commit(ledger, seq, "mcg", 0, [SPOKEN])
    other = ledger.create_build(a_spec("next"), [shard_row(2, 0)], []).seq
    commit(ledger, other, "mcg", 0, [SPOKEN])
    reports = Reports(ledger)
    reports.drop_build(seq)
    assert rows(ledger, "SELECT DISTINCT build_seq FROM reply") == [(other,)]
    known = {path for path in reports.known_paths() if path.startswith("replies/")}
    assert known == {f"replies/mcg/{other}/0.jsonl.zst"}
    assert rows(ledger, f"SELECT to_regclass('reply_b{seq}')") == [(None,)]


def test_partitions_of_replies_are_made_ahead(ledger: PostgresLedger, seq: int, database_url: str):
    maintain(
        database_url, patience_seconds=5, limits=Limits(), ahead=6, keep_days=None, dry_run=False, tell=lambda _: None,
    )  # fmt: skip
    assert rows(ledger, f"SELECT to_regclass('reply_b{seq + 6}') IS NOT NULL") == [(True,)]
