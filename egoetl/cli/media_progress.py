"""Progress of writing media: a bar on a terminal, a line now and then in a log."""

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from egoetl.runner.exporting.media_files import MediaProgress

_LINE_EVERY_SECONDS = 10.0


class MediaBar:
    """Shows MediaProgress on standard error. Use as a context manager; call it with each report, from any thread."""

    def __init__(self) -> None:
        columns = (TextColumn("Cutting"), BarColumn(), TextColumn("{task.fields[files]}"), TimeRemainingColumn())
        self._bars = Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
        self._task = self._bars.add_task("cutting", total=None, files="")
        self._started = self._told = time.monotonic()

    def __enter__(self) -> "MediaBar":
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bars.stop()

    def __call__(self, report: MediaProgress) -> None:
        """Show one report."""
        files = f"{report.files}/{report.total} files"
        self._bars.update(self._task, completed=report.seconds, total=report.total_seconds, files=files)
        now = time.monotonic()
        if self._bars.disable and now - self._told >= _LINE_EVERY_SECONDS:
            self._told = now
            print(_line(report, now - self._started), file=sys.stderr, flush=True)


def _line(report: MediaProgress, seconds: float) -> str:
    left = seconds / report.seconds * (report.total_seconds - report.seconds) if report.seconds else 0.0
    return f"Cutting: {report.files} of {report.total} files, {report.seconds:.0f} of {report.total_seconds:.0f} s of footage" + (
        f", about {left:.0f} s left" if left else ""
    )
