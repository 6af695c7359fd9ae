"""What a build came to, in one object: for people as a funnel, for programs as JSON."""

from typing import Any

from egoetl.core.records import Record
from egoetl.runner.tools import Tools


class StageCounts(Record):
    """Units of one stage. total = done + dropped + failed + blocked + pending."""

    total: int
    done: int
    dropped: int
    failed: int
    blocked: int
    pending: int
    computed: int
    reused: int


class BuildReport(Record):
    """How a build stands. `version_path` is None until publish has run; `seconds` are those of this command."""

    build: str
    state: str
    version_path: str | None
    version_state: str | None
    version: int | None
    mends_version: int | None
    """The version that a backfill's version is to replace."""
    mends: dict[str, bool]
    """Builds that a backfill mends, and whether each is whole with it; empty for any other build."""
    mended_by: tuple[str, ...]
    """Backfills that mend this build, oldest first."""
    left_out: dict[str, int]
    """Accepted pairs that the rules over the whole version left out of it, by reason."""
    counts: dict[str, StageCounts]
    """By stage, in the recipe's order."""
    qa: dict[str, int]
    failures: tuple[dict[str, Any], ...]
    drops: tuple[dict[str, Any], ...]
    computed: int
    reused: int
    seconds: float


def build_report(tools: Tools, name: str, seconds: float) -> BuildReport:
    """Read a build's report from lineage."""
    build = tools.ledger.build(name)
    counts = {
        row["stage"]: StageCounts.model_validate({key: value for key, value in row.items() if key != "stage"})
        for row in tools.reports.funnel(build.seq)
    }
    version = tools.reports.version_of(build.seq)
    return BuildReport(
        build=name,
        state=build.state,
        version_path=tools.store.url(version["path"]) if version else None,
        version_state=version["state"] if version else None,
        version=version["number"] if version else None,
        mends_version=version["mends"] if version else None,
        mends=tools.backfills.mended(build.seq),
        mended_by=tuple(tools.backfills.mending(build.seq)),
        left_out=version["left_out"] if version else {},
        counts=counts,
        qa=tools.reports.qa_counts(build.seq),
        failures=tuple(tools.reports.failures(build.seq)),
        drops=tuple(tools.reports.drops(build.seq)),
        computed=sum(each.computed for each in counts.values()),
        reused=sum(each.reused for each in counts.values()),
        seconds=round(seconds, 1),
    )
