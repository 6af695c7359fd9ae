"""Progress of a stage: a bar on a terminal, a line now and then in a log."""

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

from egoetl.runner.shard import ShardReport

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_LINE_EVERY_SECONDS = 10.0


class StageProgress:
    """Shows ShardReports on standard error as they come. Use as a context manager; call it with each report."""

    def __init__(self) -> None:
        self._bars: Progress | None = None
        self._running: dict[tuple[str, int], TaskID] = {}
        self._started: dict[tuple[str, int], float] = {}
        self._told = time.monotonic()

    def __enter__(self) -> "StageProgress":
        if sys.stderr.isatty():
            self._bars = _bars()
            self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bars is not None:
            self._bars.stop()

    def __call__(self, report: ShardReport) -> None:
        """Show one report."""
        key, now = (report.stage, report.shard), time.monotonic()
        started = self._started.setdefault(key, now)
        if self._bars is not None:
            self._draw(self._bars, key, report)
        elif report.finished == report.total or now - self._told >= _LINE_EVERY_SECONDS:
            self._told = now
            print(_line(report, now - started), file=sys.stderr, flush=True)

    def _draw(self, bars: "Progress", key: tuple[str, int], report: ShardReport) -> None:
        """A bar for what runs, a line above it for what is over: a build has more stages and shards than a screen has lines."""
        if key not in self._running:
            self._running[key] = bars.add_task(f"{report.stage} shard {report.shard}", total=report.total)
        bars.update(self._running[key], completed=report.finished, total=report.total)
        if report.finished == report.total:
            bars.remove_task(self._running.pop(key))
            bars.console.print(_line(report, 0.0), soft_wrap=True)


def _bars() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True, markup=False, highlight=False))


def _line(report: ShardReport, seconds: float) -> str:
    """The counts, and how long the rest will take at the pace so far."""
    worked = report.finished - report.already - report.given_up
    left = seconds / worked * (report.total - report.finished) if worked else 0.0
    return (
        f"{report.stage} shard {report.shard}: {report.finished} of {report.total} "
        f"(computed {report.computed}, reused {report.reused}, already {report.already}, failed {report.failed}, "
        f"blocked {report.blocked})" + (f", about {left:.0f} s left" if left else "")
    )
