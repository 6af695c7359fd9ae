"""Two builds over the same rows at once: each result is computed by one of them, and reused by the other."""

import asyncio
import logging
from collections import Counter

import pytest

from egoetl.core.errors import DataError
from egoetl.runner import claiming
from egoetl.runner.claiming import Claims
from egoetl.testing.ledger import MemoryLedger
from egoetl.testing.outcomes import a_spec

KEYS = [f"{number:064x}" for number in range(100)]


class CountingLedger(MemoryLedger):
    """Keeps the size of each batch that was claimed."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []

    def claim(self, lease, keys):
        self.batches.append(len(keys))
        return super().claim(lease, keys)


@pytest.fixture
def ledger() -> CountingLedger:
    made = CountingLedger()
    for name in ("monday", "tuesday"):
        made.create_build(a_spec(name), [], [])
    return made


def claims_of(ledger: MemoryLedger, build_seq: int, first_batch: int = 8) -> Claims:
    return Claims(ledger, ledger.acquire(build_seq, "caption", 0, seconds=30), {}, first_batch=first_batch)


async def test_keys_are_claimed_in_growing_batches_just_ahead_of_the_work(ledger: CountingLedger) -> None:
    claims = claims_of(ledger, 1)
    claims.plan(KEYS)
    assert [await claims.may_have(key) for key in KEYS[:8]] == [True] * 8
    assert ledger.batches == [8]
    assert all([await claims.may_have(key) for key in KEYS[8:]])
    assert ledger.batches == [8, 16, 32, 44]


async def test_slow_work_is_claimed_in_small_batches(ledger: CountingLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claiming, "_QUICK_SECONDS", -1.0)
    claims = claims_of(ledger, 1)
    claims.plan(KEYS[:15])
    assert all([await claims.may_have(key) for key in KEYS[:15]])
    assert ledger.batches == [8, 4, 2, 1]


async def test_a_key_is_begun_once_also_within_one_worker(ledger: CountingLedger) -> None:
    claims = claims_of(ledger, 1)
    claims.plan(KEYS[:1])
    assert await asyncio.gather(*(claims.may_have(KEYS[0]) for _ in range(3))) == [True, False, False]
    await claims.give_up()
    assert ledger.claims == {}


async def test_whom_we_wait_for_is_said_once(ledger: CountingLedger, caplog: pytest.LogCaptureFixture) -> None:
    first, second = claims_of(ledger, 1), claims_of(ledger, 2)
    first.plan(KEYS[:2])
    assert await first.may_have(KEYS[0])
    asyncio.get_running_loop().call_later(0.4, lambda: asyncio.ensure_future(first.give_up()))
    with caplog.at_level(logging.WARNING):
        assert await second.wait(KEYS[:2], until=lambda: False) == set(KEYS[:2])
    assert [each.message for each in caplog.records] == [
        "Up to 2 results are being computed by caption, shard 0 of build 1; waiting for them."
    ]


async def test_waiting_ends_when_it_is_told_to(ledger: CountingLedger) -> None:
    first, second = claims_of(ledger, 1), claims_of(ledger, 2)
    first.plan(KEYS[:1])
    await first.may_have(KEYS[0])
    asked = iter([False, False, True])
    assert await second.wait(KEYS[:1], until=lambda: next(asked)) == set()


async def slowly(_):
    await asyncio.sleep(0.02)


async def test_two_builds_at_once_compute_each_result_once(toy, behave) -> None:
    for name in ("c", "d", "e"):
        toy.film(name)
    behave("caption", slowly)
    monday, tuesday = toy.plan("monday", "a", "b", "c", "d"), toy.plan("tuesday", "e", "d", "c", "b")
    await asyncio.gather(toy.run(monday), toy.run(tuesday))
    computed = Counter(outcome.key for build in (monday, tuesday) for _, outcome in toy.attempts(build))
    assert set(computed.values()) == {1}
    assert len(computed) == 5 * 7  # registered, split, two captions, one set of pairs, two verdicts
    for build in (monday, tuesday):
        assert list(toy.states(build, "verify").values()) == ["done"] * 8
    assert toy.ledger.claims == {}


async def test_what_one_build_fails_at_the_other_tries_itself(toy, behave) -> None:
    monday, tuesday = toy.plan("monday", "a"), toy.plan("tuesday", "a")
    tried: list[str] = []

    async def bad(item):
        tried.append(item.segment.segment_id)
        await asyncio.sleep(0.02)
        if len(tried) <= 2:
            raise DataError("Bad.", reason="bad")

    behave("caption", bad)
    await asyncio.gather(toy.run(monday, "register", "split"), toy.run(tuesday, "register", "split"))
    await asyncio.gather(toy.run(monday, "caption"), toy.run(tuesday, "caption"))
    states = [sorted(toy.states(build, "caption").values()) for build in (monday, tuesday)]
    assert sorted(states) == [["done", "done"], ["failed", "failed"]]
    assert len(tried) == 4


async def test_one_video_under_two_names_is_registered_once(toy) -> None:
    toy.film("copy", "a")
    build = toy.plan("night", "a", "copy")
    reports = await toy.run(build, "register")
    assert (reports["register"].computed, reports["register"].reused) == (1, 1)
    assert list(toy.states(build, "register").values()) == ["done", "done"]
