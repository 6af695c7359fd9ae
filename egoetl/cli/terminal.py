"""The terminal that people read: plain text, so that a name or message with brackets stays what it is."""

from rich.console import Console


class Terminal(Console):
    """Standard output, or standard error, without markup."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, stderr=stderr)
