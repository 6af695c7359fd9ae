"""The counts that a trigger keeps are those that counting gives."""

import random
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from egoetl.core.ledger import Usage
from egoetl.lineage.open import open_ledger
from egoetl.lineage.postgres_ledger import PostgresLedger
from egoetl.lineage.reports import Reports
from egoetl.testing.outcomes import (
    a_spec,
    blocked,
    commit,
    done,
    dropped,
    failed,
    key_of,
    pairs_of,
    refused_row,
    reused,
    shard_row,
)
from egoetl.testing.samples import a_clip

_KEPT = "SELECT build_seq, stage, shard, state, units, computed FROM stage_count WHERE units <> 0 OR computed <> 0 ORDER BY 1, 2, 3, 4"
_COUNTED = """
    SELECT build_seq, stage, shard, state, count(*)::integer, (count(*) FILTER (WHERE computed))::integer
    FROM build_unit GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
_SHARDS = "SELECT build_seq, shard, units, failed, pending FROM shard_count WHERE units <> 0 ORDER BY 1, 2"
_COUNTED_SHARDS = """
    SELECT build_seq, shard, count(*)::integer, (count(*) FILTER (WHERE state = 'failed'))::integer,
           (count(*) FILTER (WHERE state = 'pending'))::integer
    FROM build_unit GROUP BY 1, 2 ORDER BY 1, 2
"""
_PAIRS = "SELECT build_seq, shard, clip_id, task, pairs FROM clip_pairs WHERE pairs <> 0 ORDER BY 1, 2, 3, 4"
_COUNTED_PAIRS = """
    SELECT build_seq, shard, pair.clip_id, task, count(*)::integer FROM build_unit JOIN qa_pair AS pair ON qa_id = unit_id
    WHERE stage = 'verify' AND state = 'done' GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
_USAGE = """
    SELECT build_seq, stage, shard, model, attempts, failed, requests, prompt_tokens, completion_tokens, seconds FROM usage_total
    ORDER BY 1, 2, 3, 4
"""
_COUNTED_USAGE = """
    SELECT build_seq, stage, shard, coalesce(model, ''), count(*)::integer, (count(*) FILTER (WHERE state = 'failed'))::integer,
           sum(requests)::bigint, sum(prompt_tokens)::bigint, sum(completion_tokens)::bigint, sum(seconds::double precision)
    FROM attempt GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""


@pytest.fixture
def ledger(database_url: str) -> Iterator[PostgresLedger]:
    opened = open_ledger(database_url, patience_seconds=5)
    yield opened
    opened.close()


def rows(ledger: PostgresLedger, statement: str) -> list[tuple[object, ...]]:
    return ledger.database.transaction(lambda connection: [tuple(row) for row in connection.execute(text(statement))])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_counts_equal_counting_after_random_operations(ledger: PostgresLedger, seed: int):
    draw = random.Random(seed)
    builds = [
        ledger.create_build(a_spec(f"b{each}"), [shard_row(row, row % 2) for row in range(2, 6)], [refused_row(9)]).seq for each in range(2)
    ]
    makers = (
        done,
        dropped,
        lambda stage, unit: reused(done(stage, unit)),
        lambda _, unit: failed(unit),
        lambda _, unit: blocked(unit, kind="segment"),
    )
    for _ in range(30):
        seq, stage, shard = draw.choice(builds), draw.choice(["caption", "mcg"]), draw.choice([0, 1])
        action = draw.random()
        if action < 0.8:
            commit(ledger, seq, stage, shard, [draw.choice(makers)(stage, f"clip.{draw.randrange(12):03d}") for _ in range(6)])
        elif action < 0.9:
            Reports(ledger).reset_failed(seq)
        else:
            unit = f"unit_id LIKE '%{draw.randrange(10)}'"
            delete = f"DELETE FROM build_unit WHERE build_seq = {seq} AND {unit}; DELETE FROM attempt WHERE build_seq = {seq} AND {unit}"
            ledger.database.transaction(lambda connection, delete=delete: connection.exec_driver_sql(delete.replace("%", "%%")))
        assert rows(ledger, _KEPT) == rows(ledger, _COUNTED)
        assert rows(ledger, _SHARDS) == rows(ledger, _COUNTED_SHARDS)


def test_accepted_pairs_are_counted_by_clip_and_task(ledger: PostgresLedger):
    clip = a_clip()
    seq = ledger.create_build(a_spec(), [shard_row(2, 0)], []).seq
    commit(ledger, seq, "register", 0, [done("register", "2", clip, kind="row")])
    pairs = pairs_of(key_of("qa_avsn", clip.clip_id), clip, "avsn", "What?", "Why?", "Where?")
    commit(ledger, seq, "qa_avsn", 0, [done("qa_avsn", clip.clip_id, pairs, kind="clip")])
    verdicts = [done("verify", each.qa_id, kind="qa", clip_id=clip.clip_id) for each in pairs.pairs]
    rejected = verdicts[2].model_copy(update={"state": "dropped", "reason": "answer_leaks"})
    commit(ledger, seq, "verify", 0, [*verdicts[:2], rejected])
    assert rows(ledger, _PAIRS) == rows(ledger, _COUNTED_PAIRS) == [(seq, 0, clip.clip_id, "avsn", 2)]
    newer = done("verify", verdicts[0].unit_id, kind="qa", clip_id=clip.clip_id, prompt="newer")
    commit(ledger, seq, "verify", 0, [newer.model_copy(update={"state": "dropped", "reason": "answer_leaks"})], prompt="newer")
    assert rows(ledger, _PAIRS) == rows(ledger, _COUNTED_PAIRS) == [(seq, 0, clip.clip_id, "avsn", 1)]
    assert Reports(ledger).qa_counts(seq) == {"avsn": 1}
    ledger.database.transaction(lambda connection: connection.execute(text("DELETE FROM build_unit WHERE stage = 'verify'")))
    assert rows(ledger, _PAIRS) == []


@pytest.mark.parametrize("seed", [4, 5])
def test_usage_adds_up_over_new_and_repeated_units(ledger: PostgresLedger, seed: int):
    draw = random.Random(seed)
    seq = ledger.create_build(a_spec(), [], []).seq
    for _ in range(20):
        made = [draw.choice((done, dropped))("caption", f"clip.{draw.randrange(40):03d}") for _ in range(5)]
        tokens = [Usage(requests=2, prompt_tokens=draw.choice([None, 7]), completion_tokens=draw.choice([None, 3])) for _ in made]
        made = [each.model_copy(update={"usage": usage}) for each, usage in zip(made, tokens, strict=True)]
        commit(ledger, seq, "caption", draw.choice([0, 1]), [*made, failed(f"clip.{draw.randrange(40):03d}"), blocked("clip")])
        assert rows(ledger, _USAGE) == rows(ledger, _COUNTED_USAGE)


def test_two_shards_do_not_wait_for_each_others_counts(ledger: PostgresLedger):
    seq = ledger.create_build(a_spec(), [], []).seq
    commit(ledger, seq, "caption", 1, [failed("clip.000")])
    commit(ledger, seq, "caption", 0, [failed("clip.001")])
    with ledger.database.engine.connect() as other:
        other.execute(text("UPDATE build_unit SET state = 'done' WHERE shard = 1 AND stage = 'caption'"))
        ledger.database.transaction(
            lambda connection: connection.execute(
                text("SET LOCAL lock_timeout = '1s'; UPDATE build_unit SET state = 'done' WHERE shard = 0 AND stage = 'caption'")
            )
        )
