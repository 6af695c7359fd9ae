"""Run one stage over one shard: only what is outstanding, reusing results that any build has committed."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

from egoetl.core.content_key import content_key, sha256_of
from egoetl.core.errors import DataError, EgoetlError, TryAgainError
from egoetl.core.items import RowItem
from egoetl.core.ledger import Build, Outcome, StoredResult, UnitStatus
from egoetl.core.records import Clip
from egoetl.runner.cancelling import Cancellation
from egoetl.runner.claiming import Claims
from egoetl.runner.committing import Committer
from egoetl.runner.holding import held_lease
from egoetl.runner.inputs import Blocked, Ready, ShardInputs, load_inputs
from egoetl.runner.long_lived import records_stay
from egoetl.runner.question_parts import QuestionParts
from egoetl.runner.sources import SourceVideos, refuse_withdrawn
from egoetl.runner.tools import Tools
from egoetl.runner.unit import Workbench, blocked, compute, failed, gone, reused
from egoetl.storage.sources.folder import unreadable

_MOST_AT_ONCE = 128
"""Units that ask models at once; each may hold the pictures of its segment, about 20 MB."""
FINISHED = frozenset({"done", "dropped"})


@dataclass
class ShardReport:
    """What a run of a stage over a shard did.

    `already` finished in an earlier run, `given_up` failed in one and are not tried again; `waiting` units failed
    now, for a passing reason, and have tries left.
    """

    stage: str
    shard: int
    total: int = 0
    already: int = 0
    given_up: int = 0
    computed: int = 0
    reused: int = 0
    failed: int = 0
    blocked: int = 0
    waiting: int = 0

    @property
    def finished(self) -> int:
        """Units that need no more work in this run."""
        return self.already + self.given_up + self.computed + self.reused + self.failed + self.blocked


Progress = Callable[[ShardReport], None]
Settle = Callable[["Keyed"], Awaitable[bool]]
Round = Callable[[list["Keyed"]], Awaitable[list["Keyed"]]]


def silent(_: ShardReport) -> None:
    """Progress that nobody watches."""


async def run_stage(
    tools: Tools, build: Build, stage_name: str, shard: int, progress: Progress, given_up: set[str] | None = None
) -> ShardReport:
    """Work on a stage of a shard until nothing is outstanding.

    Args:
        tools: the adapters.
        build: the planned build.
        stage_name: one of its recipe's stages.
        shard: one of its shards.
        progress: called after each unit.
        given_up: units that failed earlier and are not to be tried again; those that fail for good now are added.

    Raises:
        TryAgainError: units failed for a passing reason and have tries left (`units_waiting`), the lease is
            held or lost, or the database stayed away.
        CancelledError: somebody has cancelled the build; what was finished is committed.
    """
    run = StageRun(tools, build, stage_name, shard, progress, set() if given_up is None else given_up)
    with records_stay():
        await run.work()
    if run.report.waiting:
        raise TryAgainError(
            f"{run.report.waiting} units of {stage_name}, shard {shard}, failed for a passing reason and have tries left; "
            "run the same command again.",
            reason="units_waiting",
        )
    return run.report


class StageRun:
    """One stage over one shard of a build. A stage outside `build.spec.stages` only reuses, it computes nothing."""

    def __init__(
        self, tools: Tools, build: Build, stage_name: str, shard: int, progress: Progress = silent, given_up: set[str] | None = None
    ) -> None:
        self.tools = tools
        self.build = build
        self.shard = shard
        self.recipe = tools.recipe_of(build.spec)
        self.stage = self.recipe.stage(stage_name)
        self.engines = tools.engines(self.recipe)
        self.config = tools.config_of(self.recipe, self.stage)
        self.config_sha = sha256_of(self.config)
        self.report = ShardReport(stage_name, shard)
        self._progress = progress
        self._given_up: set[str] = set() if given_up is None else given_up
        self._computes = stage_name in build.spec.stages
        self._cancellation = Cancellation(tools.ledger, build)

    async def work(self) -> None:
        """Hold the lease, do what is outstanding, commit it. A stage that is off touches nothing."""
        if self.recipe.params_of(self.stage).off:
            return
        ledger, settings = self.tools.ledger, self.tools.settings
        configs = {self.config_sha: self.config}
        prompts = {each.sha256: (each.name, each.text) for each in self.stage.prompts}
        await asyncio.to_thread(ledger.register_configs, configs, prompts)
        lease_of = held_lease(
            ledger, self.build.seq, self.stage.name, self.shard, seconds=settings.lease_seconds, patience=settings.patience_seconds
        )
        async with lease_of as lease:
            committer = Committer(ledger, self.tools.store, lease, self.stage.store_prefix, configs, settings.commit_seconds)
            inputs, known = await asyncio.to_thread(self.load)
            bench = self.bench(inputs)
            units = await self._keyed(inputs, bench)
            outstanding = [each for each in units if self._is_outstanding(each, known)]
            self._progress(self.report)
            await self._withdraw(units, known, committer)
            await self._do(outstanding, bench, known, committer)

    def load(self) -> tuple[ShardInputs, dict[str, UnitStatus]]:
        """What earlier stages made for the shard, and how this stage's own units stand."""
        from egoetl.storage.parts import PartReader

        reader = PartReader(self.tools.store)
        return load_inputs(
            self.tools.ledger, lambda at, kind: reader.record(at.part, at.row, kind), self.recipe, self.stage, self.build.seq, self.shard
        )

    def bench(self, inputs: ShardInputs) -> Workbench:
        """What the stage's units share."""
        sources = SourceVideos(
            self.tools.source(self.build.spec.videos),
            {sha: row.uri for sha, row in inputs.videos().items()},
            inputs.narrations(),
            digests=self.tools.ledger,
            until_ms=inputs.until_ms(),
        )
        store, questions = self.tools.store, QuestionParts(self.tools.store, inputs.questions()).about
        return Workbench(self.recipe, self.stage, self.config_sha, self.tools.media, store, self.engines, sources, questions)

    async def _keyed(self, inputs: ShardInputs, bench: Workbench) -> "list[Keyed]":
        """Every unit of the stage with the content key of its result; a fingerprint may need a file's bytes."""
        joined = list(inputs.joined())
        if self.stage.fingerprint is None:
            return [Keyed(each, None if isinstance(each, Blocked) else content_key(self.config_sha, each.inputs)) for each in joined]
        gate = asyncio.Semaphore(self.tools.settings.concurrency)
        withdrawn = await asyncio.to_thread(self.tools.ledger.withdrawn) if self.stage.output is Clip else frozenset[str]()

        async def key_of(each: Ready | Blocked) -> Keyed:
            if isinstance(each, Blocked):
                return Keyed(each, None)
            async with gate:
                try:
                    fingerprint = await asyncio.to_thread(_fingerprint, each, bench)
                    refuse_withdrawn(each.item, fingerprint, withdrawn)
                except DataError as error:
                    return Keyed(each, None, error)
            return Keyed(each, content_key(self.config_sha, (*each.inputs, fingerprint)))

        return list(await asyncio.gather(*map(key_of, joined)))

    def _is_outstanding(self, each: "Keyed", known: Mapping[str, UnitStatus]) -> bool:
        """Whether the unit has no finished result under its present key, and is to be tried."""
        self.report.total += 1
        status = known.get(each.unit_id)
        if status is not None and status.state in FINISHED and status.key == each.key:
            self.report.already += 1
            return False
        if status is not None and status.state == "failed" and each.unit_id in self._given_up:
            self.report.given_up += 1
            return False
        return True

    async def _withdraw(self, units: "Iterable[Keyed]", known: Mapping[str, UnitStatus], committer: Committer) -> None:
        """Settle units of an earlier run that exist no more: an earlier stage has dropped them since, or made others."""
        present = {each.unit_id for each in units}
        for status in known.values():
            if status.unit_id not in present and not (status.state == "dropped" and status.key is None):
                await committer.add(gone(status))
        await committer.flush()

    async def _do(self, outstanding: "list[Keyed]", bench: Workbench, known: Mapping[str, UnitStatus], committer: Committer) -> None:
        ledger = self.tools.ledger
        stored = await asyncio.to_thread(ledger.results, [each.key for each in outstanding if each.key])
        claims = Claims(ledger, committer.lease, stored, first_batch=2 * self._at_once)

        async def one(each: Keyed) -> bool:
            """Settle a unit; False if another worker is computing its result."""
            if each.key is not None and self._computes and not await claims.may_have(each.key):
                return False
            outcome = await self._outcome(each, bench, stored)
            self._count(outcome, known.get(each.unit_id))
            await committer.add(outcome)
            self._progress(self.report)
            return True

        if self._computes and any(each.key is not None and each.key not in stored for each in outstanding):
            await self.tools.make_ready(self.recipe, self.stage)
        try:
            await self._all(outstanding, one, claims, committer)
        finally:
            await committer.flush()
        self._cancellation.check()

    async def _all(self, outstanding: "list[Keyed]", one: "Settle", claims: Claims, committer: Committer) -> None:
        """Do all units, committing as time passes. Raises the first error that is not a unit's own."""
        try:
            async with asyncio.TaskGroup() as group:
                clocks = [group.create_task(committer.keep_flushing()), group.create_task(self._cancellation.watch())]
                await self._rounds(outstanding, partial(self._round, group, one), claims, committer)
                for clock in clocks:
                    clock.cancel()
        # No `except*`: Python 3.11.2, which is Debian 12, wraps in a group again what is raised there.
        except ExceptionGroup as errors:
            first, others = errors.split(EgoetlError)
            if first is None or others is not None:
                raise
            raise first.exceptions[0] from errors

    async def _rounds(self, outstanding: "list[Keyed]", do: "Round", claims: Claims, committer: Committer) -> None:
        """First what nobody else is at; then, holding no claim, wait for what others compute."""
        todo, waiting = outstanding, list[Keyed]()
        while todo:
            claims.plan(each.key for each in todo if each.key and self._computes)
            waiting += await do(todo)
            await committer.flush()
            await claims.give_up()
            keys = [each.key for each in waiting if each.key]
            ready = await claims.wait(keys, until=lambda: self._cancellation.seen) if keys else set[str]()
            todo, waiting = [each for each in waiting if each.key in ready], [each for each in waiting if each.key not in ready]

    async def _round(self, group: asyncio.TaskGroup, one: "Settle", todo: "list[Keyed]") -> "list[Keyed]":
        """Do units, several at once, until none is left or the build is cancelled; returns those that another worker is at."""
        queue, aside = iter(todo), list[Keyed]()

        async def work() -> None:
            for each in queue:
                if self._cancellation.seen:
                    return
                if not await one(each):
                    aside.append(each)
                await asyncio.sleep(0)  # an engine that answers at once must not keep the clocks from running

        await asyncio.gather(*(group.create_task(work()) for _ in range(min(self._at_once, len(todo)))))
        return aside

    async def _outcome(self, each: "Keyed", bench: Workbench, stored: Mapping[str, StoredResult]) -> Outcome:
        if isinstance(each.unit, Blocked):
            return blocked(each.unit)
        if each.key is None:
            assert each.error is not None
            return failed(each.unit, each.error)
        if (result := stored.get(each.key)) is not None:
            return reused(each.unit, each.key, result.drop_reason, self._registered(result))
        if not self._computes:
            return blocked(Blocked(each.unit.unit, f"{self.stage.name} has no result for it yet, and this build starts later"))
        return await compute(bench, each.unit, each.key)

    @cached_property
    def _at_once(self) -> int:
        """Units in flight: as many as the engines that the stage asks take, within what a worker's memory holds."""
        wanted = max((self.engines[role].at_once for role in self.stage.roles), default=0)
        return max(self.tools.settings.concurrency, min(wanted, _MOST_AT_ONCE))

    def _registered(self, result: StoredResult) -> Clip | None:
        """The clip of a reused registration, which the ledger notes for the row of this build."""
        if self.stage.output is not Clip or result.pointer is None:
            return None
        from egoetl.storage.parts import PartReader

        return PartReader(self.tools.store).record(result.pointer.part, result.pointer.row, Clip)

    def _count(self, outcome: Outcome, status: UnitStatus | None) -> None:
        if outcome.state in FINISHED:
            self.report.computed += outcome.computed
            self.report.reused += not outcome.computed
        elif outcome.state == "blocked":
            self.report.blocked += 1
        else:
            self.report.failed += 1
            tries = (status.attempts if status else 0) + 1
            if outcome.error_class == TryAgainError.error_class and tries < self.recipe.max_tries:
                self.report.waiting += 1
            else:
                self._given_up.add(outcome.unit_id)


@dataclass(frozen=True)
class Keyed:
    """A unit and the content key of its result; none for a blocked unit, or one whose source cannot be read."""

    unit: Ready | Blocked
    key: str | None
    error: DataError | None = None

    @property
    def unit_id(self) -> str:
        """The unit's id."""
        return self.unit.unit.unit_id


def _fingerprint(ready: Ready, bench: Workbench) -> str:
    """What the stage says of the item, apart from results of earlier stages. Raises DataError."""
    assert bench.stage.fingerprint is not None
    try:
        with bench.io("", ready.unit.unit_id) as io:
            return bench.stage.fingerprint(ready.item, io)
    except OSError as error:
        raise unreadable(ready.item.row.uri if isinstance(ready.item, RowItem) else ready.unit.unit_id, error) from error
