"""Whatever a stage does with one unit becomes one outcome, and only a wrong call or configuration ends the run."""

from functools import partial

import pytest

from egoetl.core.errors import CallerError, ConfigError, DataError, InternalError, TryAgainError
from egoetl.core.items import RowItem
from egoetl.core.records import Drop
from egoetl.runner.inputs import Blocked, Ready, Unit
from egoetl.runner.shard import StageRun
from egoetl.runner.unit import blocked, compute, gone, reused
from egoetl.testing.samples import a_clip, a_row

KEY = "ab" * 32
UNIT = Unit("row", "2", None)
READY = Ready(UNIT, partial(RowItem, row=a_row()), ("bytes",), ("cd" * 32,))


@pytest.fixture
def outcome(toy, behave):
    """What becomes of a row whose registration does as told."""

    async def run(does):
        async def behaviour(_):
            if isinstance(does, BaseException):
                raise does
            return does

        behave("register", behaviour)
        build = toy.plan()
        run = StageRun(toy.tools, build, "register", 0)
        return await compute(run.bench(run.load()[0]), READY, KEY)

    return run


async def test_a_record_is_done(outcome) -> None:
    clip = a_clip()
    made = await outcome(clip)
    assert (made.state, made.computed, made.key, made.inputs, made.payload) == ("done", True, KEY, ("cd" * 32,), clip)
    assert made.config_sha is not None
    assert made.seconds > 0
    assert (made.reason, made.error_class) == (None, None)


async def test_a_drop_is_dropped_with_its_reason(outcome) -> None:
    made = await outcome(Drop(reason="too_dark", detail="mean 3 of 255"))
    assert (made.state, made.key, made.reason, made.message, made.payload) == ("dropped", KEY, "too_dark", "mean 3 of 255", None)


@pytest.mark.parametrize(
    ("error", "error_class", "reason"),
    [
        (DataError("Bad.", reason="bad"), "data", "bad"),
        (TryAgainError("Later.", reason="later"), "try_again", "later"),
        (InternalError("Ours.", reason="ours"), "internal", "ours"),
        (KeyError("what"), "internal", "unexpected_keyerror"),
        (MemoryError(), "internal", "unexpected_memoryerror"),
        (ExceptionGroup("both", [ValueError("x")]), "internal", "unexpected_exceptiongroup"),
    ],
)
async def test_an_error_is_the_units_failure(outcome, error: Exception, error_class: str, reason: str) -> None:
    made = await outcome(error)
    assert (made.state, made.error_class, made.reason) == ("failed", error_class, reason)
    assert (made.key, made.payload) == (None, None)
    assert made.computed


@pytest.mark.parametrize("error", [CallerError("Wrong call.", reason="x"), ConfigError("Wrong setting.", reason="y")])
async def test_a_wrong_call_or_configuration_is_not_the_units_fault(outcome, error: Exception) -> None:
    with pytest.raises(type(error)):
        await outcome(error)


@pytest.mark.parametrize("made", [0, "words", a_row()])
async def test_what_is_no_result_of_the_stage_is_a_defect(outcome, made) -> None:
    result = await outcome(made)
    assert (result.state, result.reason) == ("failed", "stage_output_wrong")


async def test_a_long_message_is_cut(outcome) -> None:
    made = await outcome(DataError("x" * 10_000, reason="long"))
    assert len(made.message) == 2000


def test_a_blocked_unit_says_which_input_is_missing() -> None:
    made = blocked(Blocked(UNIT, "caption of clip.001 is failed"))
    assert (made.state, made.reason, made.message, made.computed) == ("blocked", "input_missing", "caption of clip.001 is failed", False)


def test_a_reused_result_is_not_computed() -> None:
    assert reused(READY, KEY, None, None).model_dump(include={"state", "computed", "key"}) == {
        "state": "done",
        "computed": False,
        "key": KEY,
    }
    assert reused(READY, KEY, "too_dark", None).state == "dropped"


async def test_a_unit_that_is_gone_counts_as_dropped_without_a_result(toy) -> None:
    build = toy.plan()
    await toy.run(build, "register", "split")
    status = next(each for each in toy.ledger.statuses(build.seq, 0, ["split"]))
    made = gone(status)
    assert (made.state, made.key, made.reason, made.clip_id) == ("dropped", None, "unit_gone", status.unit_id)
