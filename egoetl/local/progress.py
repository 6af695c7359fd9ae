"""What a long command says meanwhile: a line with running seconds on a terminal, plain short lines elsewhere."""

import time
from collections.abc import Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


class Steps:
    """Steps of one command, told on standard error so that standard output holds only what was asked for."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True, highlight=False)

    @contextmanager
    def step(self, name: str) -> Generator[None]:
        """One step: its name while it runs, its seconds when it is done."""
        begun = time.monotonic()
        if self.console.is_terminal:
            columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
            with Progress(*columns, console=self.console, transient=True) as shown:
                shown.add_task(name, total=None)
                yield
        else:
            self.console.print(f"{name} ...")
            yield
        self.say(f"{name}: {time.monotonic() - begun:.1f} s")

    def say(self, text: str) -> None:
        """One line."""
        self.console.print(text, markup=False, soft_wrap=True)
