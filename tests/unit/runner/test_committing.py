"""Batches by size and age; what is not committed is never passed over in silence."""

import asyncio
import threading
import time

import pytest

from egoetl.core.errors import LeaseLostError, TryAgainError
from egoetl.core.exchanges import Exchange
from egoetl.core.ledger import ShardRow
from egoetl.core.records import Captions
from egoetl.runner import committing
from egoetl.runner.committing import Committer
from egoetl.storage.parts import PartReader
from egoetl.testing.ledger import MemoryLedger
from egoetl.testing.outcomes import a_spec, an_exchange, configs_of, done, dropped, failed, said, shard_row
from egoetl.testing.store import MemoryStore

STAGE = "caption"


def captions(text: str) -> Captions:
    return Captions(video_description=text, sound_description=text, object_description=text)


def outcome(number: int):
    return done(STAGE, f"clip.{number:03d}", captions(f"segment {number}"))


class SlowLedger(MemoryLedger):
    """A ledger whose commits wait until they may."""

    def __init__(self) -> None:
        super().__init__()
        self.may_commit = threading.Event()
        self.entered = threading.Event()

    def commit(self, *arguments) -> None:
        self.entered.set()
        assert self.may_commit.wait(10)
        super().commit(*arguments)


class FullStore(MemoryStore):
    """A store on a disk that is full."""

    def put_bytes(self, *_, **__):
        raise OSError(28, "No space left on device")


@pytest.fixture
def new_committer(tmp_path):
    """A committer over a memory ledger and store, or those given."""

    def make(*, ledger=None, store=None, seconds: float = 60.0) -> Committer:
        ledger, store = ledger or MemoryLedger(), store or MemoryStore(tmp_path)
        rows: list[ShardRow] = [shard_row(2, 0)]
        build = ledger.create_build(a_spec(), rows, [])
        lease = ledger.acquire(build.seq, STAGE, 0, seconds=30)
        return Committer(ledger, store, lease, "captions", configs_of(STAGE), seconds)

    return make


def committed(committer: Committer) -> list[str]:
    return [unit for (_, stage, _, unit) in committer.ledger.units if stage == STAGE]


async def test_a_full_batch_is_committed_at_once_as_one_part(new_committer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(committing, "LARGEST_BATCH", 3)
    committer = new_committer()
    for number in range(4):
        await committer.add(outcome(number))
    assert committed(committer) == ["clip.000", "clip.001", "clip.002"]
    (part,) = committer.store.paths("captions")
    reader = PartReader(committer.store)
    assert [reader.row(part, row)["video_description"] for row in range(3)] == ["segment 0", "segment 1", "segment 2"]
    pointers = committer.ledger.results([outcome(1).key])
    assert [(each.pointer.part, each.pointer.row) for each in pointers.values()] == [(part, 1)]
    await committer.flush()
    assert len(committed(committer)) == 4


async def test_a_finished_record_does_not_wait_for_the_next_one(new_committer) -> None:
    committer = new_committer(seconds=0.05)
    clock = asyncio.create_task(committer.keep_flushing())
    await committer.add(outcome(0))
    assert committed(committer) == []
    started = time.monotonic()
    while not committed(committer):
        assert time.monotonic() - started < 5
        await asyncio.sleep(0.01)
    clock.cancel()


async def test_drops_failures_and_reused_results_write_no_part(new_committer) -> None:
    committer = new_committer()
    for each in (dropped(STAGE, "clip.000"), failed("clip.001")):
        await committer.add(each)
    await committer.flush()
    assert list(committer.store.paths()) == []
    assert len(committed(committer)) == 2


async def test_nothing_waiting_asks_nobody(new_committer) -> None:
    ledger = SlowLedger()
    await new_committer(ledger=ledger).flush()
    assert not ledger.entered.is_set()


async def test_a_lost_lease_is_raised_and_ends_committing(new_committer) -> None:
    committer = new_committer()
    ledger, lease = committer.ledger, committer.lease
    ledger.release(lease)
    ledger.acquire(lease.build_seq, lease.stage, lease.shard, seconds=30)
    await committer.add(outcome(0))
    with pytest.raises(LeaseLostError):
        await committer.flush()
    await committer.add(outcome(1))
    await committer.flush()
    assert committed(committer) == []
    assert ledger.attempts == []


async def test_a_store_that_fails_is_raised_before_the_ledger_is_asked(new_committer, tmp_path) -> None:
    committer = new_committer(store=FullStore(tmp_path))
    await committer.add(outcome(0))
    with pytest.raises(OSError, match="No space left"):
        await committer.flush()
    assert committed(committer) == []


async def test_what_comes_during_a_commit_goes_into_the_next(new_committer) -> None:
    ledger = SlowLedger()
    committer = new_committer(ledger=ledger)
    await committer.add(outcome(0))
    first = asyncio.create_task(committer.flush())
    await asyncio.to_thread(ledger.entered.wait, 5)
    await committer.add(outcome(1))
    second = asyncio.create_task(committer.flush())
    await asyncio.sleep(0.02)
    assert committed(committer) == []
    ledger.may_commit.set()
    await asyncio.gather(first, second)
    assert committed(committer) == ["clip.000", "clip.001"]
    assert len(ledger.attempts) == 2


async def test_a_commit_under_way_is_not_cut_off(new_committer) -> None:
    ledger = SlowLedger()
    committer = new_committer(ledger=ledger)
    await committer.add(outcome(0))
    flush = asyncio.create_task(committer.flush())
    await asyncio.to_thread(ledger.entered.wait, 5)
    flush.cancel()
    await asyncio.sleep(0.02)
    assert not flush.done()
    ledger.may_commit.set()
    with pytest.raises(asyncio.CancelledError):
        await flush
    assert committed(committer) == ["clip.000"]


async def test_an_away_ledger_is_asked_once_and_not_again_at_the_end(new_committer) -> None:
    class AwayLedger(MemoryLedger):
        asked = 0

        def commit(self, *_) -> None:
            self.asked += 1
            raise TryAgainError("The lineage database was away for 300 s.", reason="database_away")

    ledger = AwayLedger()
    committer = new_committer(ledger=ledger)
    await committer.add(outcome(0))
    with pytest.raises(TryAgainError):
        await committer.flush()
    await committer.add(outcome(1))
    await committer.flush()
    assert ledger.asked == 1


async def test_replies_lie_in_a_part_of_their_own_also_of_units_that_failed(new_committer) -> None:
    committer = new_committer()
    replies = [
        an_exchange(STAGE, "clip.001"),
        an_exchange(STAGE, "clip.002", "truncated", '{"cut'),
        an_exchange(STAGE, "clip.002", "empty", ""),
    ]
    await committer.add(said(outcome(1), replies[0]))
    await committer.add(outcome(3))
    await committer.add(said(failed("clip.002"), *replies[1:]))
    await committer.flush()
    (part,) = committer.ledger.reply_parts
    assert part.path.startswith("replies/")
    reader = PartReader(committer.store)
    assert [reader.record(part.path, row, Exchange) for row in range(3)] == replies


async def test_without_replies_no_part_of_them_is_written(new_committer) -> None:
    committer = new_committer()
    await committer.add(outcome(1))
    await committer.flush()
    assert committer.ledger.reply_parts == []
    assert list(committer.store.paths("replies")) == []
