"""What every ledger promises, asked of PostgreSQL and of the one in memory."""

import time
from collections.abc import Iterator
from datetime import date

import pytest

from egoetl.core.content_key import StageConfig
from egoetl.core.errors import CallerError, CancelledError, LeaseLostError, TryAgainError
from egoetl.core.ledger import BuildState, Lease, Ledger, Outcome, ShardRow
from egoetl.core.records import Captions, ManifestRow
from egoetl.testing.ledger import MemoryLedger
from egoetl.testing.outcomes import (
    a_spec,
    blocked,
    commit,
    configs_of,
    done,
    dropped,
    failed,
    part_of,
    refused_row,
    reused,
    shard_row,
)
from egoetl.testing.samples import a_clip, a_segment

CLIP = a_clip()
FIRST, SECOND = a_segment(CLIP, 0).segment_id, a_segment(CLIP, 1).segment_id
CAPTIONS = Captions(video_description="A table.", sound_description="Silence.", object_description="A mug.")


@pytest.fixture(params=["memory", "postgres"])
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    if request.param == "memory":
        yield MemoryLedger()
        return
    from egoetl.lineage.open import open_ledger

    opened = open_ledger(request.getfixturevalue("database_url"), patience_seconds=5)
    yield opened
    opened.close()


@pytest.fixture
def seq(ledger: Ledger) -> int:
    return ledger.create_build(a_spec(), [shard_row(3, 1), shard_row(2, 0), shard_row(4, 1)], [refused_row(5)]).seq


def states(ledger: Ledger, seq: int, stage: str, shard: int = 0) -> dict[str, tuple[str, int]]:
    return {each.unit_id: (each.state, each.attempts) for each in ledger.statuses(seq, shard, [stage])}


def test_a_new_build_has_every_accepted_row_pending(ledger: Ledger, seq: int):
    build = ledger.build("demo")
    assert (build.seq, build.state, build.shards, build.spec) == (seq, "planned", (0, 1), a_spec())
    assert [row.row for row in ledger.rows(seq, 1)] == [3, 4]
    assert ledger.rows(seq, 0) == [shard_row(2, 0).row]
    assert states(ledger, seq, "register", 1) == {"3": ("pending", 0), "4": ("pending", 0)}


def test_a_row_keeps_the_address_of_its_narrations(ledger: Ledger):
    told = shard_row(2, 0).row.model_copy(update={"narrations": "kitchen.narrations.csv"})
    build = ledger.create_build(a_spec(), [ShardRow(row=told, shard=0), shard_row(3, 0)], [])
    assert [row.narrations for row in ledger.rows(build.seq, 0)] == ["kitchen.narrations.csv", None]


def test_a_build_of_the_same_name_is_returned_as_it_is(ledger: Ledger, seq: int):
    ledger.set_state(seq, "running")
    again = ledger.create_build(a_spec(dataset="other"), [shard_row(9, 7)], [])
    assert (again.seq, again.state, again.shards, again.spec.dataset) == (seq, "running", (0, 1), "egoavu")
    assert ledger.create_build(a_spec("next"), [], []).seq > seq


def test_an_unknown_build_is_the_callers_error(ledger: Ledger):
    with pytest.raises(CallerError) as caught:
        ledger.build("nobody")
    assert caught.value.reason == "build_unknown"


def test_a_committed_result_is_found_by_its_key(ledger: Ledger, seq: int):
    made, drop = done("caption", FIRST, CAPTIONS), dropped("caption", SECOND)
    assert made.key is not None
    assert drop.key is not None
    assert ledger.results([made.key, drop.key]) == {}
    commit(ledger, seq, "caption", 0, [drop, made])
    found = ledger.results([made.key, drop.key, "00" * 32])
    assert set(found) == {made.key, drop.key}
    pointer = found[made.key].pointer
    assert pointer is not None
    assert (pointer.part, pointer.row) == (f"caption/{seq}/0.jsonl.zst", 0)
    assert (found[drop.key].pointer, found[drop.key].drop_reason) == (None, "too_dark")
    assert states(ledger, seq, "caption") == {FIRST: ("done", 1), SECOND: ("dropped", 1)}


def test_statuses_are_those_of_the_shard_and_the_stages(ledger: Ledger, seq: int):
    commit(ledger, seq, "caption", 0, [done("caption", FIRST, CAPTIONS)])
    commit(ledger, seq, "caption", 1, [done("caption", SECOND, CAPTIONS)])
    commit(ledger, seq, "mcg", 0, [done("mcg", FIRST, CAPTIONS)])
    (status,) = ledger.statuses(seq, 0, ["caption", "qa"])
    assert (status.stage, status.kind, status.unit_id, status.key) == ("caption", "segment", FIRST, done("caption", FIRST).key)
    assert {(each.stage, each.unit_id) for each in ledger.statuses(seq, 0, ["caption", "mcg"])} == {("caption", FIRST), ("mcg", FIRST)}


def test_the_first_result_under_a_key_stays(ledger: Ledger, seq: int):
    made = done("caption", FIRST, CAPTIONS)
    commit(ledger, seq, "caption", 0, [made])
    other = ledger.create_build(a_spec("next"), [], []).seq
    commit(ledger, other, "caption", 0, [made])
    assert made.key is not None
    pointer = ledger.results([made.key])[made.key].pointer
    assert pointer is not None
    assert pointer.part == f"caption/{seq}/0.jsonl.zst"


def test_a_reused_result_costs_no_attempt(ledger: Ledger, seq: int):
    made = done("caption", FIRST, CAPTIONS)
    commit(ledger, seq, "caption", 0, [made])
    other = ledger.create_build(a_spec("next"), [], []).seq
    commit(ledger, other, "caption", 0, [reused(made)])
    assert states(ledger, other, "caption") == {FIRST: ("done", 0)}


def test_attempts_count_up_until_the_unit_is_done(ledger: Ledger, seq: int):
    commit(ledger, seq, "caption", 0, [failed(FIRST)])
    commit(ledger, seq, "caption", 0, [failed(FIRST), failed(FIRST)])
    assert states(ledger, seq, "caption") == {FIRST: ("failed", 3)}
    commit(ledger, seq, "caption", 0, [done("caption", FIRST, CAPTIONS)])
    assert states(ledger, seq, "caption") == {FIRST: ("done", 4)}


def test_the_last_outcome_of_a_unit_in_a_batch_decides(ledger: Ledger, seq: int):
    commit(ledger, seq, "caption", 0, [failed(FIRST), done("caption", FIRST, CAPTIONS)])
    assert states(ledger, seq, "caption") == {FIRST: ("done", 2)}


@pytest.mark.parametrize("late", [failed(FIRST), blocked(FIRST, kind="segment")], ids=["failed", "blocked"])
@pytest.mark.parametrize("first", [done("caption", FIRST, CAPTIONS), dropped("caption", FIRST)], ids=["done", "dropped"])
def test_a_late_failure_does_not_undo_a_result(ledger: Ledger, seq: int, first: Outcome, late: Outcome):
    commit(ledger, seq, "caption", 0, [first])
    commit(ledger, seq, "caption", 0, [late])
    assert states(ledger, seq, "caption")[FIRST][0] == first.state


def test_a_newer_result_takes_the_place_of_an_older_one(ledger: Ledger, seq: int):
    commit(ledger, seq, "caption", 0, [done("caption", FIRST, CAPTIONS)])
    newer = done("caption", FIRST, CAPTIONS, prompt="describe better")
    commit(ledger, seq, "caption", 0, [newer], prompt="describe better")
    (status,) = ledger.statuses(seq, 0, ["caption"])
    assert (status.key, status.attempts) == (newer.key, 2)


def test_a_blocked_unit_runs_later(ledger: Ledger, seq: int):
    commit(ledger, seq, "qa", 0, [blocked(CLIP.clip_id)])
    assert states(ledger, seq, "qa") == {CLIP.clip_id: ("blocked", 0)}
    commit(ledger, seq, "qa", 0, [done("qa", CLIP.clip_id, CAPTIONS, kind="clip")])
    assert states(ledger, seq, "qa") == {CLIP.clip_id: ("done", 1)}


def test_a_lease_is_held_by_one_worker_at_a_time(ledger: Ledger, seq: int):
    lease = ledger.acquire(seq, "caption", 0, seconds=30)
    with pytest.raises(TryAgainError) as caught:
        ledger.acquire(seq, "caption", 0, seconds=30)
    assert caught.value.reason == "lease_held"
    assert ledger.acquire(seq, "caption", 1, seconds=30).shard == 1
    assert ledger.acquire(seq, "mcg", 0, seconds=30).stage == "mcg"
    ledger.release(lease)
    assert ledger.acquire(seq, "caption", 0, seconds=30).token > lease.token


def test_a_lease_that_ran_out_goes_to_the_next_worker(ledger: Ledger, seq: int):
    late = ledger.acquire(seq, "caption", 0, seconds=0.05)
    time.sleep(0.1)
    lease = ledger.acquire(seq, "caption", 0, seconds=30)
    assert lease.token > late.token
    for call in (lambda: ledger.renew(late), lambda: _commit_one(ledger, late)):
        with pytest.raises(LeaseLostError):
            call()
    ledger.release(late)
    _commit_one(ledger, lease)
    assert states(ledger, seq, "caption") == {FIRST: ("done", 1)}


def test_a_lease_that_ran_out_is_lost_even_if_nobody_took_it(ledger: Ledger, seq: int):
    late = ledger.acquire(seq, "caption", 0, seconds=0.05)
    time.sleep(0.1)
    with pytest.raises(LeaseLostError):
        ledger.renew(late)
    with pytest.raises(LeaseLostError):
        _commit_one(ledger, late)
    assert states(ledger, seq, "caption") == {}
    assert ledger.results([done("caption", FIRST).key or ""]) == {}


def test_a_released_lease_commits_no_more(ledger: Ledger, seq: int):
    lease = ledger.acquire(seq, "caption", 0, seconds=30)
    ledger.release(lease)
    with pytest.raises(LeaseLostError):
        _commit_one(ledger, lease)


def test_a_renewed_lease_lives_on(ledger: Ledger, seq: int):
    lease = ledger.acquire(seq, "caption", 0, seconds=0.4)
    for _ in range(4):
        time.sleep(0.2)
        ledger.renew(lease)
    _commit_one(ledger, lease)


def test_configurations_may_be_registered_ahead_of_results(ledger: Ledger, seq: int):
    configs: dict[str, StageConfig] = configs_of("caption")
    for _ in range(2):
        ledger.register_configs(configs, {"ab" * 32: ("describe", "---\n---\nDescribe.")})
    lease = ledger.acquire(seq, "caption", 0, seconds=30)
    ledger.commit(lease, [done("caption", FIRST, CAPTIONS)], None, {})
    assert states(ledger, seq, "caption") == {FIRST: ("done", 1)}


def test_rows_belong_to_the_night_that_first_saw_them(ledger: Ledger):
    monday, tuesday, wednesday = date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 7)
    old, new, newest = (shard_row(each, 0, start_ms=each * 1000).row for each in (2, 3, 4))

    def of_night(night: date, *rows: ManifestRow) -> tuple[list[ManifestRow], bool]:
        return ledger.rows_of_night("egoavu", rows, night=night, today=wednesday)

    assert of_night(monday, old) == ([old], True)
    assert of_night(tuesday, old, new) == ([new], True)
    # A row that turns up while a past night is built again belongs to today.
    assert of_night(monday, old, new, newest) == ([old], False)
    assert of_night(wednesday, old, new, newest) == ([newest], True)
    assert ledger.rows_of_night("another", [old], night=tuesday, today=wednesday) == ([old], True)


@pytest.mark.parametrize("before", ["planned", "running"])
def test_a_cancelled_build_takes_no_worker_and_ends_no_other_way(ledger: Ledger, seq: int, before: BuildState):
    ledger.set_state(seq, before)
    assert not ledger.is_cancelled(seq)
    ledger.cancel(seq)
    assert ledger.is_cancelled(seq)
    assert ledger.build("demo").state == "cancelled"
    for call in (lambda: ledger.acquire(seq, "caption", 0, seconds=30), lambda: ledger.set_state(seq, "succeeded")):
        with pytest.raises(CancelledError):
            call()
    assert ledger.build("demo").state == "cancelled"


def test_a_worker_of_a_cancelled_build_may_commit_what_it_has(ledger: Ledger, seq: int):
    lease = ledger.acquire(seq, "caption", 0, seconds=30)
    ledger.cancel(seq)
    ledger.renew(lease)
    _commit_one(ledger, lease)
    assert states(ledger, seq, "caption") == {FIRST: ("done", 1)}


def test_a_cancelled_build_goes_on_when_somebody_says_so(ledger: Ledger, seq: int):
    ledger.cancel(seq)
    ledger.set_state(seq, "running")
    assert not ledger.is_cancelled(seq)
    ledger.release(ledger.acquire(seq, "caption", 0, seconds=30))
    ledger.set_state(seq, "succeeded")


@pytest.mark.parametrize(("state", "reason"), [("succeeded", "build_ended"), ("failed", "build_ended"), ("cancelled", "build_cancelled")])
def test_a_build_that_is_over_cannot_be_cancelled(ledger: Ledger, seq: int, state: BuildState, reason: str):
    ledger.set_state(seq, state)
    with pytest.raises(CallerError) as caught:
        ledger.cancel(seq)
    assert caught.value.reason == reason
    assert ledger.build("demo").state == state


@pytest.mark.parametrize("before", ["planned", "failed"])
def test_a_build_runs_from_its_first_worker_on(ledger: Ledger, seq: int, before: BuildState):
    ledger.set_state(seq, before)
    ledger.release(ledger.acquire(seq, "caption", 0, seconds=30))
    assert ledger.build("demo").state == "running"


def test_a_green_build_stays_green_while_it_runs_again(ledger: Ledger, seq: int):
    ledger.set_state(seq, "succeeded")
    ledger.release(ledger.acquire(seq, "caption", 0, seconds=30))
    assert ledger.build("demo").state == "succeeded"


def two_builds(ledger: Ledger, seq: int) -> tuple[Lease, Lease]:
    """Leases for the same stage of two builds."""
    other = ledger.create_build(a_spec("next"), [], []).seq
    return ledger.acquire(seq, "caption", 0, seconds=30), ledger.acquire(other, "caption", 0, seconds=30)


KEYS = tuple(f"{number:02x}" * 32 for number in range(1, 5))


def test_of_two_workers_that_claim_a_key_one_gets_it(ledger: Ledger, seq: int):
    first, second = two_builds(ledger, seq)
    assert ledger.claim(first, KEYS[:3]).mine == set(KEYS[:3])
    claimed = ledger.claim(second, [*reversed(KEYS), KEYS[3]])
    assert claimed.mine == {KEYS[3]}
    assert len(claimed.holders) == 1
    assert ledger.claim(first, KEYS).mine == set(KEYS[:3])
    assert ledger.claim(first, ()).mine == frozenset()


def test_a_claim_that_is_given_up_goes_to_the_next_who_asks(ledger: Ledger, seq: int):
    first, second = two_builds(ledger, seq)
    ledger.claim(first, KEYS)
    ledger.give_up(second, KEYS)
    assert ledger.claim(second, KEYS).mine == frozenset()
    ledger.give_up(first, KEYS[:2])
    assert ledger.claim(second, KEYS).mine == set(KEYS[:2])


def test_a_claim_ends_with_its_lease(ledger: Ledger, seq: int):
    first, second = two_builds(ledger, seq)
    ledger.claim(first, KEYS)
    ledger.release(first)
    claimed = ledger.claim(second, KEYS)
    assert (claimed.mine, claimed.holders) == (set(KEYS), ())
    again = ledger.acquire(seq, "caption", 0, seconds=30)
    assert ledger.claim(again, KEYS).mine == frozenset()


def test_a_later_lease_of_the_same_shard_takes_the_claims_of_the_one_before(ledger: Ledger, seq: int):
    late = ledger.acquire(seq, "caption", 0, seconds=0.05)
    ledger.claim(late, KEYS)
    time.sleep(0.1)
    lease = ledger.acquire(seq, "caption", 0, seconds=30)
    assert ledger.claim(lease, KEYS).mine == set(KEYS)
    ledger.give_up(late, KEYS)
    assert ledger.claim(lease, KEYS).mine == set(KEYS)


def test_a_lost_lease_claims_nothing(ledger: Ledger, seq: int):
    late = ledger.acquire(seq, "caption", 0, seconds=0.05)
    time.sleep(0.1)
    with pytest.raises(LeaseLostError):
        ledger.claim(late, KEYS)


def test_whoever_claims_a_key_is_told_of_the_result_that_is_there_by_now(ledger: Ledger, seq: int):
    first, second = two_builds(ledger, seq)
    made = done("caption", FIRST, CAPTIONS)
    assert made.key is not None
    ledger.claim(first, [made.key])
    ledger.commit(first, [made], part_of([made]), configs_of("caption"))
    claimed = ledger.claim(second, [made.key, KEYS[0]])
    assert (claimed.mine, set(claimed.stored), claimed.holders) == ({KEYS[0]}, {made.key}, ())
    assert claimed.stored == ledger.results([made.key])


def _commit_one(ledger: Ledger, lease: Lease) -> None:
    made = [done("caption", FIRST, CAPTIONS)]
    ledger.commit(lease, made, part_of(made), configs_of("caption"))
