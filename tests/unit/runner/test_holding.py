"""A lease is waited for, kept while its worker lives, and given back."""

import asyncio
import logging
import threading
import time

import pytest

from egoetl.core.errors import LeaseLostError, TryAgainError
from egoetl.runner import holding
from egoetl.runner.holding import held_lease
from egoetl.testing.ledger import MemoryLedger
from egoetl.testing.outcomes import a_spec, configs_of, failed, shard_row

SHARD = (1, "caption", 0)


@pytest.fixture
def ledger() -> MemoryLedger:
    made = MemoryLedger()
    made.create_build(a_spec(), [shard_row(2, 0)], [])
    return made


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "_POLL_SECONDS", 0.01)


def is_free(ledger: MemoryLedger) -> bool:
    try:
        ledger.release(ledger.acquire(*SHARD, seconds=30))
    except TryAgainError:
        return False
    return True


async def test_the_lease_is_held_within_and_free_afterwards(ledger: MemoryLedger) -> None:
    async with held_lease(ledger, *SHARD, seconds=30, patience=0):
        assert not is_free(ledger)
    assert is_free(ledger)


async def test_it_is_given_back_whatever_happens(ledger: MemoryLedger) -> None:
    with pytest.raises(RuntimeError, match="broken"):
        async with held_lease(ledger, *SHARD, seconds=30, patience=0):
            raise RuntimeError("broken")
    assert is_free(ledger)


async def test_another_worker_is_waited_for_and_said_so_once(ledger: MemoryLedger, caplog: pytest.LogCaptureFixture) -> None:
    other = ledger.acquire(*SHARD, seconds=30)
    asyncio.get_running_loop().call_later(0.2, ledger.release, other)
    with caplog.at_level(logging.WARNING):
        async with held_lease(ledger, *SHARD, seconds=30, patience=5) as lease:
            assert lease.token == other.token + 1
    assert [each.message for each in caplog.records] == ["Shard 0 of stage caption is held by another worker. Waiting for it."]


async def test_patience_ends(ledger: MemoryLedger) -> None:
    ledger.acquire(*SHARD, seconds=30)
    started = time.monotonic()
    with pytest.raises(TryAgainError) as raised:
        async with held_lease(ledger, *SHARD, seconds=30, patience=0.1):
            pytest.fail("held by two")
    assert raised.value.reason == "lease_held"
    assert 0.1 <= time.monotonic() - started < 2


async def test_waiting_can_be_cancelled_at_once(ledger: MemoryLedger) -> None:
    ledger.acquire(*SHARD, seconds=30)

    async def wait() -> None:
        async with held_lease(ledger, *SHARD, seconds=30, patience=300):
            pytest.fail("held by two")

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(waiting, 2)


async def test_it_is_renewed_while_the_event_loop_is_busy(ledger: MemoryLedger) -> None:
    async with held_lease(ledger, *SHARD, seconds=1.2, patience=0) as lease:
        time.sleep(2.0)  # noqa: ASYNC251 - a stage that never gives way
        ledger.commit(lease, [failed("clip.000")], None, configs_of("caption"))


async def test_a_lease_that_ran_out_is_found_out_by_the_next_commit(ledger: MemoryLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    renewed = threading.Event()

    def away(_: object) -> None:
        renewed.set()
        raise TryAgainError("The lineage database was away.", reason="database_away")

    monkeypatch.setattr(ledger, "renew", away)
    async with held_lease(ledger, *SHARD, seconds=0.15, patience=0) as lease:
        assert await asyncio.to_thread(renewed.wait, 5)
        await asyncio.sleep(0.2)
        monkeypatch.undo()
        with pytest.raises(LeaseLostError):
            ledger.commit(lease, [failed("clip.000")], None, configs_of("caption"))


async def test_a_ledger_that_is_away_at_the_end_does_not_hide_what_ended_the_work(
    ledger: MemoryLedger, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(_: object) -> None:
        raise TryAgainError("The lineage database was away.", reason="database_away")

    async def work() -> None:
        async with held_lease(ledger, *SHARD, seconds=30, patience=0):
            monkeypatch.setattr(ledger, "release", away)
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        await work()
    assert "runs out by itself" in caplog.text
