"""The terminal that people read: plain text, so that a name or message with brackets stays what it is."""

from typing import NoReturn

from rich.console import Console


class Terminal(Console):
    """Standard output. A reader that goes away, such as `head`, is the caller's right and ends the command quietly."""

    def __init__(self) -> None:
        super().__init__(markup=False, emoji=False, highlight=False)

    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError
