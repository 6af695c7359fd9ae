"""Run a whole build in this process, without Airflow: the same stages, in the same order, over the same ledger."""

import asyncio
import itertools
import logging
from collections.abc import Callable, Collection, Iterable

from egoetl.core.errors import CallerError, CancelledError, TryAgainError
from egoetl.core.ledger import Build
from egoetl.runner.evaluations import score
from egoetl.runner.gate import close_gate
from egoetl.runner.publish import publish
from egoetl.runner.shard import Progress, run_stage
from egoetl.runner.tools import Tools

_log = logging.getLogger(__name__)
_PAUSE_SECONDS = 1.0
_WORTH_ANOTHER_TRY = ("units_waiting", "lease_lost")
"""Every other passing trouble has been waited for already, as long as patience lasted."""

FOLDS: dict[str, Callable[[Tools, Build], object]] = {"publish": publish, "gate": close_gate, "score": score}


def run_fold(tools: Tools, build: Build, name: str) -> object:
    """Run one of the stages that work on the whole dataset. Raises CancelledError."""
    if tools.ledger.is_cancelled(build.seq):
        raise CancelledError.of(build.spec.name)
    return FOLDS[name](tools, build)


def find_build(tools: Tools, name: str) -> Build:
    """The build of that name, to work on. Raises CallerError `build_unknown` or `build_dropped`."""
    build = tools.ledger.build(name)
    if build.state == "dropped":
        raise CallerError(f"Build {name} was dropped; `egoetl build run --name {name}` plans it anew.", reason="build_dropped")
    return build


def reopen(tools: Tools, build: Build, stage: str | None, reason: str | None) -> set[tuple[str, str]]:
    """Make failed units pending again, those of a stage or reason if given, and what waits for them.

    Returns (stage, unit id) of those that stay failed. Raises CallerError if no unit failed in that stage or for that reason.
    """
    failures = tools.reports.failures(build.seq)
    for what, asked in (("stage", stage), ("reason", reason)):
        known = sorted({str(row[what]) for row in failures})
        if asked is not None and asked not in known:
            there = f"it has failures with {what} {', '.join(known)}" if known else "nothing failed in it"
            raise CallerError(f"Build {build.spec.name} has no failure with {what} {asked!r}: {there}.", reason="nothing_to_retry")
    tools.reports.reset_failed(build.seq, stage=stage, reason=reason)
    return {(row["stage"], row["unit_id"]) for row in tools.reports.failures(build.seq)}


async def run_stages(tools: Tools, build: Build, stages: Iterable[str], shard: int, progress: Progress) -> None:
    """Run stages over a shard, one after another, with one set of engines: a model that is served here is loaded once.

    Raises as `run_stage` does; the engines end however this does.
    """
    try:
        for name in stages:
            await run_stage(tools, build, name, shard, progress)
    finally:
        await tools.close()


async def run_build(tools: Tools, build: Build, progress: Progress, stay_failed: Collection[tuple[str, str]] = ()) -> None:
    """Run what is outstanding of a build, then its folds.

    Args:
        tools: the adapters.
        build: the planned build.
        progress: called after each unit.
        stay_failed: (stage, unit id) of failed units that are not to be tried again.

    Raises:
        DataError: the gate is closed.
        TryAgainError: a passing trouble outlasted the tries.
        CancelledError: somebody has cancelled the build.
    """
    recipe = tools.recipe_of(build.spec)
    if build.state != "succeeded":  # a green build that runs again counts for later versions all the while
        tools.ledger.set_state(build.seq, "running")
    last = max(index for index, each in enumerate(recipe.stages) if each.name in build.spec.stages)
    try:
        for shard in build.shards:
            for stage in recipe.stages[: last + 1]:
                given_up = {unit for at, unit in stay_failed if at == stage.name}
                await _run_patiently(tools, build, stage.name, shard, progress, given_up)
    finally:
        await tools.close()
    # A build that ends at a stage publishes nothing, but is held to the same yield.
    for name in [fold for fold in recipe.folds if fold in build.spec.stages] or ["gate"]:
        await asyncio.to_thread(run_fold, tools, build, name)


async def _run_patiently(tools: Tools, build: Build, stage: str, shard: int, progress: Progress, given_up: set[str]) -> None:
    """Run a stage until no unit waits for another try; each try is only for those that do."""
    tries = tools.recipe_of(build.spec).max_tries
    for number in itertools.count(1):
        try:
            await run_stage(tools, build, stage, shard, progress, given_up)
        except TryAgainError as error:
            if number >= tries or error.reason not in _WORTH_ANOTHER_TRY:
                raise
            _log.warning("%s Trying again (%d of %d).", error, number + 1, tries)
            await asyncio.sleep(_PAUSE_SECONDS * 2**number)
        else:
            return
