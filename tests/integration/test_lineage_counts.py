"""The counts that a trigger keeps are those that counting gives."""

import random
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from egoetl.lineage.open import open_ledger
from egoetl.lineage.postgres_ledger import PostgresLedger
from egoetl.lineage.reports import Reports
from egoetl.testing.outcomes import a_spec, blocked, commit, done, dropped, failed, refused_row, reused, shard_row

_KEPT = "SELECT build_seq, stage, shard, state, units, computed FROM stage_count WHERE units <> 0 OR computed <> 0 ORDER BY 1, 2, 3, 4"
_COUNTED = """
    SELECT build_seq, stage, shard, state, count(*)::integer, (count(*) FILTER (WHERE computed))::integer
    FROM build_unit GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
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
