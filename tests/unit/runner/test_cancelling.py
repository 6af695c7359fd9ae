"""A build that is cancelled while it runs: nothing new is begun, what is finished is kept, and a retry goes on."""

import asyncio

import pytest

from egoetl.core.errors import CallerError, CancelledError
from egoetl.runner import cancelling
from egoetl.runner.build import find_build, reopen, run_build
from egoetl.runner.cancelling import cancel_build
from egoetl.runner.report import build_report
from egoetl.runner.shard import silent


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cancelling, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(cancelling, "GRACE_SECONDS", 0.3)


def cancelling_at(tools, seq: int, index: int, *, then: float = 0.0):
    """Cancel the build from within the segment of that index, then go on working for a while."""

    async def behaviour(item):
        if item.segment.index == index and not tools.ledger.is_cancelled(seq):
            tools.ledger.cancel(seq)
            await asyncio.sleep(0.1 + then)

    return behaviour


async def test_a_unit_in_flight_ends_and_is_kept_and_nothing_new_is_begun(toy, behave) -> None:
    toy.tools.settings = toy.tools.settings.model_copy(update={"concurrency": 1})
    build = toy.plan()
    await toy.run(build, "register", "split")
    behave("caption", cancelling_at(toy.tools, build.seq, 1))
    with pytest.raises(CancelledError) as raised:
        await toy.run(build, "caption")
    assert raised.value.reason == "build_cancelled"
    assert list(toy.states(build, "caption").values()) == ["done", "done"]
    assert toy.ledger.claims == {}


async def test_a_unit_that_does_not_end_soon_is_given_up(toy, behave) -> None:
    build = toy.plan()
    await toy.run(build, "register", "split")
    behave("caption", cancelling_at(toy.tools, build.seq, 1, then=600))
    with pytest.raises(CancelledError):
        await asyncio.wait_for(toy.run(build, "caption"), 5)
    assert sorted(toy.states(build, "caption").values()) == ["done", "done", "done"]


async def test_a_worker_that_comes_later_ends_at_once(toy) -> None:
    build = toy.plan()
    toy.ledger.cancel(build.seq)
    with pytest.raises(CancelledError, match="egoetl build retry night"):
        await toy.run(build, "register")
    assert toy.attempts(build) == []


async def test_a_worker_that_waits_for_a_lease_ends_too(toy) -> None:
    toy.tools.settings = toy.tools.settings.model_copy(update={"patience_seconds": 60.0})
    build = toy.plan()
    toy.ledger.acquire(build.seq, "register", 0, seconds=60)
    asyncio.get_running_loop().call_later(0.1, toy.ledger.cancel, build.seq)
    with pytest.raises(CancelledError):
        await asyncio.wait_for(toy.run(build, "register"), 5)


async def test_a_ledger_that_is_away_does_not_cancel(toy, behave, monkeypatch: pytest.MonkeyPatch) -> None:
    from egoetl.core.errors import TryAgainError

    def away(_: int) -> bool:
        raise TryAgainError("The lineage database is away.", reason="database_away")

    async def slow(_):
        await asyncio.sleep(0.1)

    build = toy.plan()
    monkeypatch.setattr(toy.ledger, "is_cancelled", away)
    monkeypatch.setattr(toy.ledger, "_check_not_cancelled", lambda _: None)
    behave("caption", slow)
    reports = await toy.run(build, "register", "split", "caption")
    assert reports["caption"].computed == 4


async def test_a_cancelled_build_counts_its_pending_units_and_goes_on_by_retry(recorded, behave) -> None:
    tools = recorded.tools
    build = recorded.plan("night", "a", "b", shards=2)
    behave("caption", cancelling_at(tools, build.seq, 0))
    with pytest.raises(CancelledError):
        await run_build(tools, build, silent)
    name = recorded.named("night")
    stopped = build_report(tools, name, 0.0)
    assert (stopped.state, stopped.version_path, stopped.failures) == ("cancelled", None, ())
    assert stopped.counts["register"].pending == 1
    (listed,) = [row for row in tools.reports.list_builds() if row["name"] == name]
    assert (listed["state"], listed["pending"], listed["finished_at"] is None) == ("cancelled", 1, False)
    behave("caption", _as_usual)
    again = find_build(tools, name)
    await run_build(tools, again, silent, reopen(tools, again, None, None))
    finished = build_report(tools, name, 0.0)
    assert (finished.state, finished.version_state, finished.qa) == ("succeeded", "published", {"tour": 4})
    assert all(row["attempts"] == 1 for row in _attempts(tools, build.seq))


async def test_the_next_version_ignores_a_cancelled_build(recorded, behave) -> None:
    tools = recorded.tools
    build = recorded.plan("night", "a")

    async def cancel_at_last(_):
        if not tools.ledger.is_cancelled(build.seq):
            tools.ledger.cancel(build.seq)

    behave("verify", cancel_at_last)
    with pytest.raises(CancelledError):
        await run_build(tools, build, silent)
    behave("verify", _as_usual)
    tuesday = recorded.plan("tuesday", "b")
    await run_build(tools, tuesday, silent)
    assert tools.reports.version_of(tuesday.seq)["counts"] == {"train": {"tour": 2}}
    tools.reports.drop_build(build.seq)
    assert tools.ledger.build(recorded.named("night")).state == "dropped"


async def test_a_build_that_is_cancelled_before_its_gate_publishes_nothing(recorded) -> None:
    tools = recorded.tools
    build = recorded.plan("night", "a")
    await run_build(tools, build.model_copy(update={"spec": build.spec.model_copy(update={"stages": build.spec.stages[:-1]})}), silent)
    tools.ledger.cancel(build.seq)
    with pytest.raises(CancelledError):
        tools.reports.succeed(build.seq)
    assert tools.reports.version_of(build.seq)["state"] == "candidate"
    assert tools.ledger.build(recorded.named("night")).state == "cancelled"


async def test_cancelling_says_what_is_finished_and_who_is_still_at_it(recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cancelling, "GRACE_SECONDS", -2.9)
    tools = recorded.tools
    build = recorded.plan("night", "a", "b", shards=2)
    await recorded.run(build, "register", "split")
    lease = tools.ledger.acquire(build.seq, "caption", 1, seconds=30)
    cancelled = cancel_build(tools, recorded.named("night"))
    assert (cancelled.units, cancelled.finished, cancelled.pending) == (4, 4, 0)
    (worker,) = cancelled.workers
    assert "caption, shard 1" in worker
    tools.ledger.release(lease)
    with pytest.raises(CallerError, match="cancelled already"):
        cancel_build(tools, recorded.named("night"))


async def _as_usual(_):
    return None


def _attempts(tools, seq: int):
    return tools.reports._rows("SELECT attempts FROM build_unit WHERE build_seq = :seq", seq=seq)
