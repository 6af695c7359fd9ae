"""Run a whole build in this process, without Airflow: the same stages, in the same order, over the same ledger."""

import asyncio
import logging
import time
from collections.abc import Callable

from egoetl.core.errors import TryAgainError
from egoetl.core.ledger import Build
from egoetl.runner.gate import close_gate
from egoetl.runner.publish import publish
from egoetl.runner.shard import Progress, ShardReport, run_stage
from egoetl.runner.tools import Tools

_log = logging.getLogger(__name__)
_PAUSE_SECONDS = 1.0

FOLDS: dict[str, Callable[[Tools, Build], object]] = {"publish": publish, "gate": close_gate}


def run_fold(tools: Tools, build: Build, name: str) -> object:
    """Run one of the stages that work on the whole dataset."""
    return FOLDS[name](tools, build)


async def run_build(tools: Tools, build: Build, progress: Progress) -> None:
    """Run what is outstanding of a build, then its folds.

    Raises:
        DataError: the gate is closed.
        TryAgainError: a passing trouble outlasted the tries.
    """
    recipe = tools.recipe_of(build.spec)
    tools.ledger.set_state(build.seq, "running")
    last = max(index for index, each in enumerate(recipe.stages) if each.name in build.spec.stages)
    for shard in build.shards:
        for stage in recipe.stages[: last + 1]:
            await _run_patiently(tools, build, stage.name, shard, progress, recipe.max_tries)
    folds = [name for name in recipe.folds if name in build.spec.stages]
    for name in folds:
        await asyncio.to_thread(run_fold, tools, build, name)
    if not folds:
        tools.ledger.set_state(build.seq, "succeeded")


async def _run_patiently(tools: Tools, build: Build, stage: str, shard: int, progress: Progress, tries: int) -> ShardReport | None:
    """Run a stage until no unit waits for another try; the ledger bounds the tries of each unit."""
    for attempt in range(1, tries + 1):
        try:
            return await run_stage(tools, build, stage, shard, progress)
        except TryAgainError as error:
            if attempt == tries:
                raise
            _log.warning("%s Trying again (%d of %d).", error, attempt + 1, tries)
            await asyncio.sleep(_PAUSE_SECONDS * 2**attempt)
    return None


def seconds_since(started: float) -> float:
    """Whole tenths of a second since a `time.monotonic` reading."""
    return round(time.monotonic() - started, 1)
