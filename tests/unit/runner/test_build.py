"""A whole build in one process, over a real lineage database: its stages, its gate, and its second chances."""

from typing import Any

import pytest

from egoetl.core.errors import CallerError, ConfigError, DataError, TryAgainError
from egoetl.core.records import Drop
from egoetl.runner.build import find_build, reopen, run_build
from egoetl.runner.gate import close_gate
from egoetl.runner.report import build_report
from egoetl.runner.shard import silent

NO_VIDEOS = ("",)


def failing(*indexes: int, error: Any = None):
    """Fail segments of these indexes."""

    async def behaviour(item):
        if item.segment.index in indexes:
            raise error or DataError(f"Segment {item.segment.index} is bad.", reason=f"bad_{item.segment.index}")

    return behaviour


def report(toy, name: str = "night"):
    return build_report(toy.tools, toy.named(name), 1.23)


async def test_a_build_ends_with_a_public_version(recorded) -> None:
    build = recorded.plan()
    await run_build(recorded.tools, build, silent)
    made = report(recorded)
    assert (made.state, made.version_state) == ("succeeded", "published")
    assert {name: (each.total, each.done, each.computed) for name, each in made.counts.items()} == {
        "register": (2, 2, 2), "split": (2, 2, 2), "caption": (4, 4, 4), "qa_tour": (2, 2, 2), "verify": (4, 4, 4),
    }  # fmt: skip
    assert list(made.counts) == ["register", "split", "caption", "qa_tour", "verify"]
    assert (made.qa, made.failures, made.drops, made.computed, made.reused, made.seconds) == ({"tour": 4}, (), (), 14, 0, 1.2)


async def test_a_second_identical_build_computes_nothing_and_publishes_the_same_version(recorded) -> None:
    await run_build(recorded.tools, recorded.plan("monday"), silent)
    await run_build(recorded.tools, recorded.plan("tuesday"), silent)
    monday, tuesday = report(recorded, "monday"), report(recorded, "tuesday")
    assert (tuesday.computed, tuesday.reused) == (0, 14)
    assert tuesday.version_path == monday.version_path
    assert tuesday.version_state == "published"


async def test_below_the_floor_the_build_is_red_and_its_version_a_candidate(recorded, behave) -> None:
    build = recorded.plan("night", "a")
    behave("caption", failing(1))
    with pytest.raises(DataError, match=r"2 of 5 units are not done \(1 failed, 1 blocked, 0 never ran\).*stays a candidate") as raised:
        await run_build(recorded.tools, build, silent)
    assert raised.value.reason == "yield_below_floor"
    made = report(recorded)
    assert (made.state, made.version_state) == ("failed", "candidate")
    assert [(each["stage"], each["reason"]) for each in made.failures] == [("caption", "bad_1")]


async def test_a_lower_floor_lets_the_same_build_pass(recorded, behave) -> None:
    build = recorded.plan("night", "a", recipe_settings={"floor": "0.6"})
    behave("caption", failing(1))
    await run_build(recorded.tools, build, silent)
    assert report(recorded).version_state == "published"


async def test_a_lower_floor_than_the_yield_is_needed_to_the_last_unit(recorded, behave) -> None:
    build = recorded.plan("night", "a", recipe_settings={"floor": "0.61"})
    behave("caption", failing(1))
    with pytest.raises(DataError):
        await run_build(recorded.tools, build, silent)


async def test_drops_are_successes(recorded, behave) -> None:
    async def drop(item):
        return Drop(reason="too_dark") if item.segment.index == 1 else None

    behave("caption", drop)
    await run_build(recorded.tools, recorded.plan("night", "a"), silent)
    made = report(recorded)
    assert made.state == "succeeded"
    assert made.drops == ({"stage": "caption", "reason": "too_dark", "units": 1},)


async def test_refused_rows_are_told_but_not_counted_against_the_yield(recorded) -> None:
    await run_build(recorded.tools, recorded.plan("night", "a", "nowhere", refused=2), silent)
    made = report(recorded)
    assert made.state == "succeeded"
    assert sorted(each["reason"] for each in made.failures) == ["video_missing", "window_inverted", "window_inverted"]


async def test_a_build_of_refused_rows_alone_is_red(recorded) -> None:
    build = recorded.plan("night", *NO_VIDEOS, refused=2)
    with pytest.raises(DataError, match="Every row") as raised:
        await run_build(recorded.tools, build, silent)
    assert raised.value.reason == "all_rows_refused"
    assert report(recorded).state == "failed"


async def test_a_build_with_nothing_to_do_is_green(recorded) -> None:
    await run_build(recorded.tools, recorded.plan("monday"), silent)
    build = recorded.plan("tuesday", *NO_VIDEOS)
    await run_build(recorded.tools, build, silent)
    assert close_gate(recorded.tools, build).share == 1.0
    assert report(recorded, "tuesday").version_path == report(recorded, "monday").version_path


async def test_a_build_that_ends_at_a_stage_publishes_nothing(recorded) -> None:
    await run_build(recorded.tools, recorded.plan("night", stages=("register", "split", "caption")), silent)
    made = report(recorded)
    assert (made.state, made.version_path) == ("succeeded", None)
    assert list(made.counts) == ["register", "split", "caption"]


async def test_a_build_that_ends_at_a_stage_is_held_to_the_same_yield(recorded, behave) -> None:
    build = recorded.plan("night", "a", stages=("register", "split", "caption"))
    behave("caption", failing(0))
    with pytest.raises(DataError, match="so the build has failed"):
        await run_build(recorded.tools, build, silent)
    assert report(recorded).state == "failed"


async def test_a_passing_trouble_is_tried_again_and_a_lasting_one_is_not(recorded, behave) -> None:
    troubles = [TryAgainError("Away.", reason="reply_timed_out")] * 2

    async def behaviour(item):
        if item.segment.index == 0:
            raise DataError("Bad.", reason="bad")
        if troubles:
            raise troubles.pop()

    behave("caption", behaviour)
    with pytest.raises(DataError, match="1 failed"):
        await run_build(recorded.tools, recorded.plan("night", "a"), silent)
    (failure,) = report(recorded).failures
    assert (failure["reason"], failure["attempts"]) == ("bad", 1)


async def test_a_retry_of_everything_turns_the_build_green(recorded, behave) -> None:
    build = recorded.plan("night", "a")
    behave("caption", failing(1))
    with pytest.raises(DataError):
        await run_build(recorded.tools, build, silent)
    behave("caption", failing())
    stay = reopen(recorded.tools, build, None, None)
    assert stay == set()
    await run_build(recorded.tools, build, silent, stay)
    assert report(recorded).version_state == "published"


async def test_a_retry_of_one_reason_leaves_the_others_failed(recorded, behave) -> None:
    build = recorded.plan("night", "a", "b")
    behave("caption", failing(0, 1))
    with pytest.raises(DataError):
        await run_build(recorded.tools, build, silent)
    behave("caption", failing())
    stay = reopen(recorded.tools, build, None, "bad_1")
    assert len(stay) == 2
    with pytest.raises(DataError, match="2 failed"):
        await run_build(recorded.tools, build, silent, stay)
    assert {(each["reason"], each["attempts"]) for each in report(recorded).failures} == {("bad_0", 1)}


@pytest.mark.parametrize(("stage", "reason"), [("nap", None), ("split", None), (None, "nap")])
async def test_a_retry_of_what_did_not_fail_is_a_wrong_call(recorded, behave, stage: str | None, reason: str | None) -> None:
    build = recorded.plan("night", "a")
    behave("caption", failing(1))
    with pytest.raises(DataError):
        await run_build(recorded.tools, build, silent)
    with pytest.raises(CallerError, match=r"caption|bad_1") as raised:
        reopen(recorded.tools, build, stage, reason)
    assert raised.value.reason == "nothing_to_retry"


async def test_a_mend_that_makes_other_pairs_leaves_nothing_behind(recorded, behave) -> None:
    """The cause is a stage's own defect, and its next version makes other captions: the old pairs go, the gate opens."""
    build = recorded.plan()

    async def refuse(_):
        raise DataError("Bad.", reason="bad")

    behave("verify", refuse)
    with pytest.raises(DataError):
        await run_build(recorded.tools, build, silent)
    behave("verify", _accept)
    recorded.tools.raised = {"caption": 1}
    await run_build(recorded.tools, build, silent, reopen(recorded.tools, build, None, None))
    made = report(recorded)
    assert (made.state, made.qa) == ("succeeded", {"tour": 4})
    assert made.drops == ({"stage": "verify", "reason": "unit_gone", "units": 4},)


async def test_a_green_build_that_runs_again_and_is_stopped_still_counts_for_the_next_version(recorded, behave) -> None:
    await run_build(recorded.tools, recorded.plan("monday", "a"), silent)
    recorded.tools.raised = {"caption": 1}
    behave("caption", failing(0, error=ConfigError("The model has no address.", reason="model_unset")))
    with pytest.raises(ConfigError):
        await run_build(recorded.tools, find_build(recorded.tools, recorded.named("monday")), silent)
    assert report(recorded, "monday").state == "succeeded"
    recorded.tools.raised = {}
    behave("caption", failing())
    tuesday = recorded.plan("tuesday", "b")
    await run_build(recorded.tools, tuesday, silent)
    assert recorded.tools.reports.version_of(tuesday.seq)["counts"] == {"train": {"tour": 4}}


async def test_a_dropped_build_is_not_worked_on(recorded) -> None:
    build = recorded.plan("night", "a", stages=("register",))
    recorded.tools.reports.drop_build(build.seq)
    with pytest.raises(CallerError) as raised:
        find_build(recorded.tools, recorded.named("night"))
    assert raised.value.reason == "build_dropped"


async def _accept(_):
    return None
