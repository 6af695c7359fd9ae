"""The gate: a build whose yield reaches its recipe's floor makes its version public; below it, the version stays a candidate."""

from egoetl.core.errors import DataError
from egoetl.core.ledger import Build
from egoetl.core.records import Record
from egoetl.runner.tools import Tools


class Yield(Record):
    """How much of a build came through. Refused manifest rows are not counted against it."""

    total: int
    done: int
    dropped: int
    failed: int
    blocked: int
    pending: int
    refused: int

    @property
    def share(self) -> float:
        """(done + dropped) / (total less refused rows); 1.0 for a build with nothing to do."""
        due = self.total - self.refused
        return (self.done + self.dropped) / due if due else 1.0


def close_gate(tools: Tools, build: Build) -> Yield:
    """Compare the yield with the floor and settle the build and its version.

    Raises:
        DataError: below the floor (`yield_below_floor`), every row of the manifest was refused (`all_rows_refused`), or
            there is no version to make public (`not_published`).
        CancelledError: somebody has cancelled the build.
    """
    recipe = tools.recipe_of(build.spec)
    measured = Yield.model_validate(tools.reports.yield_counts(build.seq))
    name = build.spec.name
    if measured.refused and measured.refused == measured.total:
        tools.ledger.set_state(build.seq, "failed")
        raise DataError(f"Every row of {build.spec.manifest} was refused; see `egoetl build failed {name}`.", reason="all_rows_refused")
    if measured.share < recipe.floor:
        tools.ledger.set_state(build.seq, "failed")
        raise DataError(_red(build, measured, recipe.floor), reason="yield_below_floor")
    if "publish" in build.spec.stages and tools.reports.version_of(build.seq) is None:
        raise DataError(f"Build {name} has no version yet; run stage publish, then the gate.", reason="not_published")
    tools.reports.succeed(build.seq)
    return measured


def _red(build: Build, measured: Yield, floor: float) -> str:
    name, due, failed = build.spec.name, measured.total - measured.refused, measured.failed - measured.refused
    outcome = "the version stays a candidate" if "publish" in build.spec.stages else "the build has failed"
    return (
        f"Yield {measured.share:.4f} is below the floor {floor:g}: "
        f"{failed + measured.blocked + measured.pending} of {due} units are not done "
        f"({failed} failed, {measured.blocked} blocked, {measured.pending} never ran), so {outcome}; "
        f"see `egoetl build failed {name}`, mend the cause, then `egoetl build retry {name}`."
    )
