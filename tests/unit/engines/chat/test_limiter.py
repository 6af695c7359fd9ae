"""How many requests are in flight adapts to the server, which is a simulation here: time is a number."""

import asyncio
import heapq
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egoetl.engines.chat.limiter import Limiter
from egoetl.engines.chat.retrying import Backoff, Budget
from egoetl.testing.chat_answers import Answer, Call, Failed
from egoetl.testing.chat_samples import ANSWER, a_request, an_engine
from egoetl.testing.chat_server import ChatServer


class Clock:
    """Seconds, set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def simulate(limiter: Limiter, clock: Clock, answers: int, *, at_once: int, seconds: float = 1.0, step: float = 0.0) -> list[float]:
    """Limits over time, where a server works on `at_once` requests and lets others queue.

    A request takes `seconds`, and `step` more for each other that is worked on.
    """
    limits, running, queued = list[float](), list[float](), 0
    while len(limits) < answers:
        while limiter.in_flight < int(limiter.limit):
            limiter.in_flight += 1
            queued += 1
        while queued and len(running) < at_once:
            queued -= 1
            heapq.heappush(running, clock.now + seconds + step * len(running))
        clock.now = heapq.heappop(running)
        limiter.answered(100)
        limiter.in_flight -= 1
        limits.append(limiter.limit)
    return limits


def test_the_limit_starts_below_the_most_and_reaches_it_where_that_pays() -> None:
    clock = Clock()
    limiter = Limiter(64, clock)
    assert limiter.limit == 16
    limits = simulate(limiter, clock, 400, at_once=1000)
    assert max(limits) == limits[-1] == 64


def test_a_server_that_grows_slower_with_its_batch_is_given_a_larger_one_all_the_same() -> None:
    clock = Clock()
    assert simulate(Limiter(64, clock), clock, 600, at_once=1000, step=0.01)[-1] == 64


def test_requests_do_not_queue_at_a_server_for_long() -> None:
    clock = Clock()
    limits = simulate(Limiter(512, clock), clock, 20_000, at_once=16)
    later = limits[10_000:]
    assert min(later) >= 16
    assert sorted(later)[len(later) // 2] <= 192
    assert max(later) < 512


def test_a_storm_halves_the_limit_once_for_all_that_were_sent_before() -> None:
    clock = Clock()
    limiter = Limiter(64, clock)
    clock.now = 1.0
    for _ in range(16):
        limiter.overloaded(0.5)
    assert limiter.limit == 8
    limiter.overloaded(1.0)
    assert limiter.limit == 4
    for _ in range(10):
        clock.now += 1
        limiter.overloaded(clock.now)
    assert limiter.limit == 1


def test_after_a_storm_the_limit_grows_slowly() -> None:
    clock = Clock()
    limiter = Limiter(64, clock)
    limiter.overloaded(0.0)
    limits = simulate(limiter, clock, 4000, at_once=1000)
    assert limits[200] < 32
    assert limits[-1] == 64


async def test_an_earlier_ticket_goes_first_however_late_it_comes() -> None:
    limiter = Limiter(1)
    first, second, third = (limiter.ticket() for _ in range(3))
    order = list[int]()

    async def take(ticket: int) -> None:
        async with limiter.slot(ticket):
            order.append(ticket)
            await asyncio.sleep(0)

    async with limiter.slot(limiter.ticket()):
        waiting = [asyncio.create_task(take(each)) for each in (third, first, second)]
        await asyncio.sleep(0)
    await asyncio.gather(*waiting)
    assert order == [first, second, third]


async def test_a_pause_holds_every_slot_back() -> None:
    limiter = Limiter(8)
    limiter.overloaded(-1.0, pause_seconds=0.05)
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with limiter.slot(limiter.ticket()):
        assert loop.time() - began >= 0.045


@given(
    st.lists(st.sampled_from(["answer", "fail", "overload", "cancel"]), max_size=60), st.integers(1, 9), st.randoms(use_true_random=False)
)
@settings(max_examples=60, deadline=None)
def test_no_slot_is_ever_lost_or_given_twice(fates: list[str], most: int, chance: random.Random) -> None:
    held = 0

    async def one(limiter: Limiter, fate: str) -> None:
        nonlocal held
        async with limiter.slot(limiter.ticket()) as sent:
            held += 1
            assert held <= most
            try:
                for _ in range(chance.randrange(4)):
                    await asyncio.sleep(0)
                if fate == "overload":
                    limiter.overloaded(sent, 0.001)
                if fate == "answer":
                    limiter.answered(1)
            finally:
                held -= 1

    async def all_of_them() -> None:
        limiter = Limiter(most)
        tasks = [asyncio.create_task(one(limiter, fate)) for fate in fates]
        for task, fate in zip(tasks, fates, strict=True):
            if fate == "cancel":
                await asyncio.sleep(0)
                task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert [fate for fate, each in zip(fates, ended, strict=True) if isinstance(each, Exception)] == []
        assert limiter.in_flight == 0
        assert 1 <= limiter.limit <= most

    asyncio.run(all_of_them())


def test_pauses_double_up_to_a_bound_and_are_spread_over_all_of_it() -> None:
    backoff = Backoff(first=1.0, longest=8.0)
    for tries, longest in ((1, 1.0), (2, 2.0), (3, 4.0), (4, 8.0), (50, 8.0), (5000, 8.0)):
        pauses = [backoff.pause(tries) for _ in range(200)]
        assert 0 <= min(pauses) < longest / 4
        assert longest / 4 * 3 < max(pauses) <= longest


def test_retries_are_a_share_of_what_was_answered() -> None:
    budget = Budget(reserve=10)
    assert [budget.take() for _ in range(11)] == [True] * 10 + [False]
    for _ in range(10):
        budget.answered()
    assert [budget.take() for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "0"}, {"retry-after-ms": "20"}])
async def test_a_storm_of_429_passes_and_does_not_multiply(headers: dict[str, str]) -> None:
    """The server takes eight at once and refuses whatever is more; 256 are asked for together."""
    working = 0

    async def responder(_: Call) -> str | Answer:
        nonlocal working
        if working >= 8:
            return Failed(429, "Too many requests", headers=headers)
        working += 1
        try:
            await asyncio.sleep(0.005)
        finally:
            working -= 1
        return ANSWER

    with ChatServer(responder) as server:
        engine = an_engine(server.endpoint, in_flight=256, deadline_seconds=120.0)
        replies = await asyncio.gather(*(engine.ask(a_request(number)) for number in range(256)))
        await engine.close()
        assert {each.status for each in replies} == {"ok"}
        assert len(server.calls) == sum(each.tries for each in replies) < 3 * 256
        assert server.most_at_once <= 64


async def test_a_server_that_fails_everything_is_hardly_asked_more_than_one_that_works() -> None:
    async def responder(_: Call) -> Answer:
        return Failed(500)

    with ChatServer(responder) as server:
        engine = an_engine(server.endpoint, in_flight=16)
        replies = await asyncio.gather(*(engine.ask(a_request(number)) for number in range(256)))
        await engine.close()
        assert {each.status for each in replies} == {"server_error"}
        assert len(server.calls) == 256 + 2 * 16
