"""Progress of an ingest: a bar on a terminal, a line now and then in a log."""

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from egoetl.runner.ingesting import IngestProgress

_LINE_EVERY_SECONDS = 10.0


class IngestBar:
    """Shows IngestProgress on standard error. Use as a context manager; call it with each report, one at a time."""

    def __init__(self) -> None:
        columns = (TextColumn("Reading"), BarColumn(), DownloadColumn(), TextColumn("{task.fields[files]}"), TimeRemainingColumn())
        self._bars = Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
        self._task = self._bars.add_task("reading", total=None, files="")
        self._started = self._told = time.monotonic()

    def __enter__(self) -> "IngestBar":
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bars.stop()

    def __call__(self, report: IngestProgress) -> None:
        """Show one report."""
        files = f"{report.files}/{report.total_files} files"
        self._bars.update(self._task, completed=report.read_bytes, total=report.total_bytes, files=files)
        now = time.monotonic()
        if self._bars.disable and now - self._told >= _LINE_EVERY_SECONDS:
            self._told = now
            print(_line(report, now - self._started), file=sys.stderr, flush=True)


def _line(report: IngestProgress, seconds: float) -> str:
    left = seconds / report.read_bytes * (report.total_bytes - report.read_bytes) if report.read_bytes else 0.0
    megabytes = f"{report.read_bytes / 1e6:.0f} of {report.total_bytes / 1e6:.0f} MB"
    return f"Reading: {report.files} of {report.total_files} files, {megabytes}" + (f", about {left:.0f} s left" if left else "")
