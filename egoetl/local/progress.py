"""What a long command says meanwhile: a line with running seconds on a terminal, plain short lines elsewhere."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn


class Steps:
    """Steps of one command, told on standard error so that standard output holds only what was asked for."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True, highlight=False)

    @contextmanager
    def step(self, name: str) -> Generator[None]:
        """One step: its name while it runs, its seconds when it is done."""
        with self._shown(name, SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()):
            yield

    @contextmanager
    def counted(self, name: str) -> Generator[Callable[[int, int], None]]:
        """A step that knows how far it is: yields what to tell how much is done, and of how much."""
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TextColumn("about"), TimeRemainingColumn())
        with self._shown(name, *columns, TextColumn("left")) as tell:
            yield tell

    @contextmanager
    def _shown(self, name: str, *columns: ProgressColumn) -> Generator[Callable[[int, int], None]]:
        begun = time.monotonic()
        if not self.console.is_terminal:
            self.say(f"{name} ...")
        with Progress(*columns, console=self.console, transient=True, disable=not self.console.is_terminal) as shown:
            task = shown.add_task(name, total=None)
            yield lambda done, total: shown.update(task, completed=done, total=total)
        self.say(f"{name}: {time.monotonic() - begun:.1f} s")

    def say(self, text: str) -> None:
        """One line."""
        self.console.print(text, markup=False, soft_wrap=True)
