"""What the rules over a whole version leave out of it is known pair by pair, and by reason."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from egoetl.lineage.open import open_ledger
from egoetl.lineage.postgres_ledger import PostgresLedger
from egoetl.lineage.reports import Reports
from egoetl.testing.outcomes import a_spec

VERSION: dict[str, Any] = {"dataset": "egoavu", "path": "versions/egoavu/x", "counts": {}}
BALANCE, REPEAT = "answer_out_of_balance", "near_duplicate"


@pytest.fixture
def ledger(database_url: str) -> Iterator[PostgresLedger]:
    opened = open_ledger(database_url, patience_seconds=5)
    yield opened
    opened.close()


@pytest.fixture
def reports(ledger: PostgresLedger) -> Reports:
    return Reports(ledger)


@pytest.fixture
def seq(ledger: PostgresLedger) -> int:
    return ledger.create_build(a_spec(), [], []).seq


def intervals(ledger: PostgresLedger) -> list[tuple[object, ...]]:
    statement = text("SELECT qa_id, since, until, reason FROM version_left_out ORDER BY qa_id, since")
    return ledger.database.transaction(lambda connection: [tuple(row) for row in connection.execute(statement)])


def test_a_version_says_what_it_leaves_out_by_reason(reports: Reports, seq: int):
    number = reports.record_version(
        seq, manifest_sha256="aa" * 32, qa_ids=["a"], left_out=[("b", BALANCE), ("c", REPEAT), ("d", REPEAT)], **VERSION
    )
    assert reports.left_out("egoavu", number) == [{"reason": REPEAT, "pairs": 2}, {"reason": BALANCE, "pairs": 1}]
    version = reports.version_of(seq)
    assert version is not None
    assert version["left_out"] == {REPEAT: 2, BALANCE: 1}
    assert reports.left_out("egoavu", number + 1) == []


def test_later_versions_repeat_nothing(ledger: PostgresLedger, reports: Reports, seq: int):
    reports.record_version(
        seq, manifest_sha256="aa" * 32, qa_ids=["a"], left_out=[("b", BALANCE), ("c", REPEAT), ("d", BALANCE)], **VERSION
    )
    left_out = [("b", BALANCE), ("d", REPEAT), ("e", REPEAT)]
    assert reports.record_version(seq, manifest_sha256="bb" * 32, qa_ids=["a", "c"], left_out=left_out, **VERSION) == 2
    assert intervals(ledger) == [
        ("b", 1, None, BALANCE),
        ("c", 1, 2, REPEAT),
        ("d", 1, 2, BALANCE),
        ("d", 2, None, REPEAT),
        ("e", 2, None, REPEAT),
    ]
    assert reports.left_out("egoavu", 1) == [{"reason": BALANCE, "pairs": 2}, {"reason": REPEAT, "pairs": 1}]


def test_publishing_the_same_version_again_says_anew_what_it_leaves_out(ledger: PostgresLedger, reports: Reports, seq: int):
    for left_out in ([("b", BALANCE)], [("b", REPEAT), ("c", REPEAT)], [("b", REPEAT), ("c", REPEAT)]):
        assert reports.record_version(seq, manifest_sha256="aa" * 32, qa_ids=["a"], left_out=left_out, **VERSION) == 1
    assert intervals(ledger) == [("b", 1, None, REPEAT), ("c", 1, None, REPEAT)]
    assert reports.left_out("egoavu", 1) == [{"reason": REPEAT, "pairs": 2}]
