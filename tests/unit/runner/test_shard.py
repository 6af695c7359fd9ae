"""A stage over a shard: only what is outstanding, with each unit's fate its own."""

import asyncio
import logging
from dataclasses import replace

import pytest

from egoetl.core.errors import ConfigError, DataError, TryAgainError
from egoetl.core.records import Drop
from egoetl.runner.shard import run_stage, silent
from egoetl.testing.outcomes import configs_of

STAGES = ("register", "split", "caption", "qa_tour", "verify")


def bad(item):
    return DataError(f"{item.segment.segment_id} cannot be captioned.", reason="reply_refused")


def only(index: int, error):
    """Raise an error for the segments of that index."""

    async def behaviour(item):
        if item.segment.index == index:
            raise error(item) if callable(error) else error

    return behaviour


async def test_every_unit_is_computed_once_and_the_counts_add_up(toy) -> None:
    build = toy.plan()
    reports = await toy.run(build)
    assert {name: (each.total, each.computed) for name, each in reports.items()} == {
        "register": (2, 2), "split": (2, 2), "caption": (4, 4), "qa_tour": (2, 2), "verify": (4, 4),
    }  # fmt: skip
    assert all(each.finished == each.total for each in reports.values())
    assert len(toy.attempts(build)) == 14


async def test_a_second_run_does_nothing(toy) -> None:
    build = toy.plan()
    await toy.run(build)
    reports = await toy.run(build)
    assert {each.already for each in reports.values()} == {2, 4}
    assert len(toy.attempts(build)) == 14


async def test_another_build_of_the_same_rows_reuses_every_result(toy) -> None:
    await toy.run(toy.plan("monday"))
    files = list(toy.tools.store.paths())
    build = toy.plan("tuesday")
    reports = await toy.run(build)
    assert sum(each.computed for each in reports.values()) == 0
    assert sum(each.reused for each in reports.values()) == 14
    assert toy.attempts(build) == []
    assert list(toy.tools.store.paths()) == files


async def test_a_renamed_file_is_the_same_video(toy) -> None:
    await toy.run(toy.plan("monday"))
    toy.film("copy", "a")
    reports = await toy.run(toy.plan("tuesday", "copy"))
    assert sum(each.computed for each in reports.values()) == 0


async def test_a_stage_of_another_version_is_computed_again_with_all_below_it(toy) -> None:
    build = toy.plan("monday")
    await toy.run(build)
    toy.tools.raised = {"caption": 1}
    reports = await toy.run(toy.plan("tuesday"))
    assert {name: (each.computed, each.reused) for name, each in reports.items()} == {
        "register": (0, 2), "split": (0, 2), "caption": (4, 0), "qa_tour": (2, 0), "verify": (4, 0),
    }  # fmt: skip


async def test_a_failing_segment_blocks_its_clip_and_nothing_else(toy, behave) -> None:
    toy.film("b", "another")
    build = toy.plan("night", "a")
    behave("caption", only(1, bad))
    reports = await toy.run(build)
    assert (reports["caption"].computed, reports["caption"].failed) == (1, 1)
    assert toy.states(build, "qa_tour") == {next(iter(toy.states(build, "split"))): "blocked"}
    assert toy.states(build, "verify") == {}
    (outcome,) = [each for _, each in toy.attempts(build) if each.state == "failed"]
    assert (outcome.error_class, outcome.reason) == ("data", "reply_refused")
    assert "cannot be captioned" in outcome.message

    behave("caption", only(9, bad))
    await toy.run(build)
    assert set(toy.states(build, "verify").values()) == {"done"}
    assert set(toy.states(build, "qa_tour").values()) == {"done"}


async def test_an_unexpected_error_is_one_units_failure(toy, behave) -> None:
    build = toy.plan()
    behave("caption", only(0, ZeroDivisionError("what")))
    reports = await toy.run(build, "register", "split", "caption")
    assert (reports["caption"].computed, reports["caption"].failed) == (2, 2)
    failed = [each for _, each in toy.attempts(build) if each.state == "failed"]
    assert {(each.error_class, each.reason, each.message) for each in failed} == {
        ("internal", "unexpected_zerodivisionerror", "ZeroDivisionError: what")
    }


async def test_a_clip_whose_split_failed_is_blocked_in_every_later_stage_that_has_it(toy, behave) -> None:
    build = toy.plan("night", "a")

    async def refuse(_):
        raise DataError("No.", reason="refused")

    behave("split", refuse)
    await toy.run(build)
    assert set(toy.states(build, "qa_tour").values()) == {"blocked"}


async def test_a_passing_trouble_has_as_many_tries_as_the_recipe_gives(toy, behave) -> None:
    build = toy.plan("night", "a")
    await toy.run(build, "register", "split")
    behave("caption", only(0, TryAgainError("The model is away.", reason="reply_timed_out")))
    for attempt in (1, 2):
        with pytest.raises(TryAgainError) as raised:
            await toy.run(build, "caption")
        assert (raised.value.reason, raised.value.exit_code) == ("units_waiting", 75), attempt
    report = (await toy.run(build, "caption"))["caption"]
    assert (report.failed, report.waiting, report.already) == (1, 0, 1)
    assert len([each for stage, each in toy.attempts(build) if stage == "caption" and each.state == "failed"]) == 3


async def test_a_unit_that_was_given_up_is_left_alone_and_one_that_fails_for_good_is_given_up(toy, behave) -> None:
    build = toy.plan("night", "a")
    await toy.run(build, "register", "split")
    behave("caption", only(0, bad))
    given_up: set[str] = set()
    await toy.run(build, "caption", given_up=given_up)
    assert [each.rsplit(".")[-1].startswith("0_") for each in given_up] == [True]
    report = (await toy.run(build, "caption", given_up=given_up))["caption"]
    assert (report.given_up, report.failed, report.finished, report.total) == (1, 0, 2, 2)
    assert len([each for _, each in toy.attempts(build) if each.state == "failed"]) == 1


@pytest.mark.parametrize("error", [ConfigError("The model has no address.", reason="model_unset")])
async def test_a_wrong_configuration_ends_the_run_and_keeps_what_is_finished(toy, behave, error: Exception) -> None:
    toy.tools.settings = toy.tools.settings.model_copy(update={"concurrency": 1, "commit_seconds": 60})
    build = toy.plan("night", "a")
    await toy.run(build, "register", "split")
    behave("caption", only(1, error))
    with pytest.raises(type(error)) as raised:
        await toy.run(build, "caption")
    assert raised.value is error
    assert list(toy.states(build, "caption").values()) == ["done"]
    toy.ledger.release(toy.ledger.acquire(build.seq, "caption", 0, seconds=1))


async def test_a_defect_of_the_stage_is_told_from_a_record(toy, behave) -> None:
    build = toy.plan("night", "a")

    async def wrong(_):
        return "words"

    behave("register", wrong)
    await toy.run(build, "register")
    ((_, outcome),) = toy.attempts(build)
    assert (outcome.reason, outcome.error_class) == ("stage_output_wrong", "internal")


async def test_a_drop_is_a_result_and_leaves_the_clip(toy, behave) -> None:
    async def drop(item):
        return Drop(reason="too_dark", detail="mean 3 of 255") if item.segment.index == 0 else None

    behave("caption", drop)
    build = toy.plan("night", "a")
    reports = await toy.run(build)
    assert sorted(toy.states(build, "caption").values()) == ["done", "dropped"]
    assert reports["verify"].total == 1
    again = await toy.run(toy.plan("next", "a"))
    assert again["caption"].reused == 2


async def test_a_blocked_unit_that_exists_no_more_does_not_stay_blocked(toy, behave) -> None:
    """A segment failed, its cause was mended, and now a filter drops it."""
    build = toy.plan("night", "a")
    behave("split", _refuse)
    await toy.run(build)
    assert set(toy.states(build, "qa_tour").values()) == {"blocked"}
    behave("split", _drop)
    await toy.run(build)
    assert set(toy.states(build, "qa_tour").values()) == {"dropped"}
    attempts = len(toy.attempts(build))
    await toy.run(build)
    assert len(toy.attempts(build)) == attempts


async def test_pairs_that_a_mended_stage_no_longer_makes_are_withdrawn(toy, behave) -> None:
    build = toy.plan("night", "a")
    await toy.run(build)
    toy.tools.raised = {"caption": 1}
    await toy.run(build)
    states = sorted(toy.states(build, "verify").values())
    assert states == ["done", "done", "dropped", "dropped"]


async def test_a_stage_before_the_builds_first_only_reuses(toy) -> None:
    build = toy.plan("night", "a", stages=("caption", "qa_tour", "verify"))
    reports = await toy.run(build, "register")
    assert (reports["register"].blocked, reports["register"].computed) == (1, 0)
    await toy.run(toy.plan("whole", "a"))
    reports = await toy.run(build)
    assert (reports["register"].reused, reports["verify"].reused) == (1, 2)


async def test_a_missing_file_fails_its_row_alone(toy) -> None:
    build = toy.plan("night", "a", "nowhere")
    reports = await toy.run(build)
    assert (reports["register"].computed, reports["register"].failed) == (1, 1)
    assert reports["verify"].computed == 2
    (failed,) = [each for _, each in toy.attempts(build) if each.state == "failed"]
    assert (failed.kind, failed.reason, failed.error_class) == ("row", "video_missing", "data")


async def test_a_file_that_cannot_be_read_fails_its_row_alone(toy) -> None:
    (toy.folder / "torn.mp4").symlink_to("/proc/self/mem")
    build = toy.plan("night", "a", "torn")
    reports = await toy.run(build)
    assert (reports["register"].computed, reports["register"].failed) == (1, 1)
    (failed,) = [each for _, each in toy.attempts(build) if each.state == "failed"]
    assert (failed.reason, failed.error_class) == ("video_unreadable", "data")


async def test_finished_units_are_committed_while_a_slow_one_runs(toy, behave) -> None:
    build = toy.plan("night", "a")
    await toy.run(build, "register", "split")
    go_on = asyncio.Event()

    async def slow(item):
        if item.segment.index == 1:
            await go_on.wait()

    behave("caption", slow)
    running = asyncio.create_task(toy.run(build, "caption"))
    async with asyncio.timeout(5):
        while list(toy.states(build, "caption").values()) != ["done"]:  # noqa: ASYNC110 - what is awaited happens in the ledger
            await asyncio.sleep(0.01)
    go_on.set()
    await running
    assert list(toy.states(build, "caption").values()) == ["done", "done"]


async def test_a_worker_that_is_told_to_stop_commits_what_is_finished_and_gives_its_lease_back(toy, behave) -> None:
    toy.tools.settings = toy.tools.settings.model_copy(update={"commit_seconds": 60})
    build = toy.plan("night", "a")
    await toy.run(build, "register", "split")
    reached = asyncio.Event()

    async def stuck(item):
        if item.segment.index == 1:
            reached.set()
            await asyncio.Event().wait()

    behave("caption", stuck)
    running = asyncio.create_task(toy.run(build, "caption"))
    await reached.wait()
    await asyncio.sleep(0.05)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert list(toy.states(build, "caption").values()) == ["done"]
    toy.ledger.release(toy.ledger.acquire(build.seq, "caption", 0, seconds=1))


async def test_a_lease_that_went_to_another_worker_ends_the_run(toy, behave) -> None:
    build = toy.plan("night", "a")
    await toy.run(build, "register", "split")

    async def steal(item):
        if item.segment.index == 0:
            toy.ledger._leases[build.seq, "caption", 0].ends = 0
            toy.ledger.acquire(build.seq, "caption", 0, seconds=30)

    behave("caption", steal)
    with pytest.raises(TryAgainError) as raised:
        await toy.run(build, "caption")
    assert raised.value.reason == "lease_lost"
    assert toy.states(build, "caption") == {}


async def test_a_shard_sees_its_own_clips_only(toy) -> None:
    build = toy.plan("night", "a", "b", shards=2)
    report = await run_stage(toy.tools, build, "register", 0, silent)
    assert report.total == 1
    assert list(toy.states(build, "register").values()).count("done") == 1


async def test_progress_ends_with_everything_finished(toy) -> None:
    build = toy.plan()
    seen: list[tuple[int, int]] = []
    await run_stage(toy.tools, build, "register", 0, lambda report: seen.append((report.finished, report.total)))
    assert seen[0] == (0, 2)
    assert seen[-1] == (2, 2)


async def test_an_unknown_configuration_is_registered_before_its_results(toy) -> None:
    build = toy.plan("night", "a")
    await toy.run(build, "register")
    assert {each.stage for each in toy.ledger.configs.values()} == {"register"}
    assert configs_of("caption").keys().isdisjoint(toy.ledger.configs)


async def test_waiting_for_another_worker_is_said(toy, caplog: pytest.LogCaptureFixture) -> None:
    toy.tools.settings = toy.tools.settings.model_copy(update={"patience_seconds": 5})
    build = toy.plan("night", "a")
    other = toy.ledger.acquire(build.seq, "register", 0, seconds=30)
    asyncio.get_running_loop().call_later(0.1, toy.ledger.release, other)
    with caplog.at_level(logging.WARNING):
        await toy.run(build, "register")
    assert "Waiting for it." in caplog.text


async def test_the_recipe_bounds_the_tries(toy, behave) -> None:
    toy.tools.recipe = replace(toy.tools.recipe, max_tries=1)
    build = toy.plan("night", "a")
    await toy.run(build, "register", "split")
    behave("caption", only(0, TryAgainError("Away.", reason="reply_server_error")))
    assert (await toy.run(build, "caption"))["caption"].failed == 1


async def _refuse(_):
    raise DataError("No.", reason="refused")


async def _drop(_):
    return Drop(reason="empty")
