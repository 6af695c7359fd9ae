"""The stages of a running build as a live table; a short line now and then where there is no terminal."""

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

_LINE_EVERY_SECONDS = 10.0
_FINISHED = ("done", "dropped", "failed", "blocked")
_NOTHING = dict.fromkeys((*_FINISHED, "total", "reused"), 0)
_FEW = 0.05
"""Share of the work before which an estimate would mislead."""


class StageTable:
    """Shows the counts of each stage. Use as a context manager; call it with the rows of the funnel."""

    def __init__(self, console: Console, stages: Sequence[str]) -> None:
        self._stages = stages
        self._live = Live(console=console, transient=True, refresh_per_second=4) if console.is_terminal else None
        self._console = console
        self._begun = time.monotonic()
        self._told = self._begun

    def __enter__(self) -> "StageTable":
        if self._live:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._live:
            self._live.stop()

    def __call__(self, rows: Sequence[dict[str, Any]]) -> None:
        """Show the counts as they are now."""
        elapsed = time.monotonic() - self._begun
        known = {row["stage"]: row for row in rows}
        rows = [known.get(stage, {**_NOTHING, "stage": stage}) for stage in self._stages]
        if self._live:
            self._live.update(Group(_table(rows), Text(_times(rows, elapsed), style="dim")))
        elif time.monotonic() - self._told >= _LINE_EVERY_SECONDS:
            self._told = time.monotonic()
            counts = ", ".join(f"{row['stage']} {_finished(row)}/{row['total']}" for row in rows if row["total"])
            self._console.print(f"{_times(rows, elapsed)}: {counts}", soft_wrap=True)


def estimate(rows: Sequence[dict[str, Any]], elapsed: float) -> float | None:
    """Seconds left at the pace so far, each stage counting the same; None too early to say."""
    share = sum(_finished(row) / row["total"] for row in rows if row["total"]) / (len(rows) or 1)
    return elapsed * (1 - share) / share if share >= _FEW else None


def _finished(row: dict[str, Any]) -> int:
    return sum(int(row[state]) for state in _FINISHED)


def _times(rows: Sequence[dict[str, Any]], elapsed: float) -> str:
    left = estimate(rows, elapsed)
    return f"{elapsed:.0f} s" + (f", about {left:.0f} s left" if left else "")


def _table(rows: Sequence[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("stage", "", "finished", "reused", "failed"):
        table.add_column(name, justify="left" if name in ("stage", "") else "right")
    for row in rows:
        bar = ProgressBar(total=row["total"] or 1, completed=_finished(row), width=24)
        table.add_row(row["stage"], bar, f"{_finished(row)}/{row['total']}", str(row["reused"]), str(row["failed"]))
    return table
