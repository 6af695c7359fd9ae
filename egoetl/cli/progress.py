"""Progress of a stage: a bar on a terminal, a line now and then in a log."""

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from egoetl.runner.shard import ShardReport

_LINE_EVERY_SECONDS = 10.0


class StageProgress:
    """Shows ShardReports as they come. Use as a context manager; call it with each report."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._bars: Progress | None = None
        self._tasks: dict[tuple[str, int], TaskID] = {}
        self._started: dict[tuple[str, int], float] = {}
        self._told = time.monotonic()

    def __enter__(self) -> "StageProgress":
        if not self._quiet and sys.stderr.isatty():
            self._bars = Progress(
                TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
                console=Console(stderr=True),
            )  # fmt: skip
            self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bars is not None:
            self._bars.stop()

    def __call__(self, report: ShardReport) -> None:
        """Show one report."""
        if self._quiet:
            return
        key = (report.stage, report.shard)
        self._started.setdefault(key, time.monotonic())
        if self._bars is None:
            self._tell(report, self._started[key])
            return
        if key not in self._tasks:
            self._tasks[key] = self._bars.add_task(f"{report.stage} shard {report.shard}", total=report.total)
        self._bars.update(self._tasks[key], completed=report.finished, total=report.total)

    def _tell(self, report: ShardReport, started: float) -> None:
        now = time.monotonic()
        ended = report.finished == report.total
        if not ended and now - self._told < _LINE_EVERY_SECONDS:
            return
        self._told = now
        worked = report.finished - report.already - report.given_up
        seconds = (now - started) / worked * (report.total - report.finished) if worked else 0
        left = f", about {seconds:.0f} s left" if seconds else ""
        print(
            f"{report.stage} shard {report.shard}: {report.finished} of {report.total} "
            f"(computed {report.computed}, reused {report.reused}, already {report.already}, failed {report.failed}, "
            f"blocked {report.blocked}){left}",
            file=sys.stderr,
            flush=True,
        )
