"""Plain tables that fit a terminal of 80 columns."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from egoetl.cli.terminal import Terminal


def print_rows(rows: Sequence[Mapping[str, Any]], *, empty: str, title: str | None = None, console: Console | None = None) -> None:
    """Print rows under the names of their columns; columns that are empty in every row are left out."""
    console = console or Terminal()
    if not rows:
        console.print(empty)
        return
    columns = [name for name in rows[0] if any(row[name] not in (None, "") for row in rows)]
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for name in columns:
        number = all(isinstance(row[name], int | float) for row in rows if row[name] is not None)
        table.add_column(name.replace("_", " "), justify="right" if number else "left", overflow="fold", no_wrap=name == columns[0])
    for row in rows:
        table.add_row(*("" if row[name] is None else str(row[name]) for name in columns))
    console.print(table)
