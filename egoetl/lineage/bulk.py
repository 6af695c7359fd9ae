"""COPY into temporary tables, and from there into the ledger's: an order of magnitude faster than inserts, and repeatable."""

import io
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from datetime import date
from typing import Any, cast

import psycopg2.extensions
from sqlalchemy import Table
from sqlalchemy.engine import Connection

_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\N{REPLACEMENT CHARACTER}"})


def copy(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows into a table. Keys are bytes, arrays are tuples of strings."""
    copy_lines(connection, table, columns, [_line(row) for row in rows])


def copy_lines(connection: Connection, table: str, columns: Sequence[str], lines: Iterable[str]) -> None:
    """COPY rows that are in COPY's text format already, each with its line's end."""
    # A message of a failed library may hold half a surrogate pair, which UTF-8 cannot.
    data = io.BytesIO("".join(lines).encode("utf-8", "replace"))
    with closing(cast("psycopg2.extensions.cursor", connection.connection.cursor())) as cursor:
        cursor.copy_expert(f"COPY {table} ({_names(columns)}) FROM STDIN", data)


def field(value: str | None) -> str:
    """A text in COPY's text format."""
    return "\\N" if value is None else value.translate(_ESCAPES)


def key(value: str | None) -> str:
    """A sha256 in hexadecimal, for a bytea."""
    return "\\N" if value is None else "\\\\x" + value


def stage(connection: Connection, name: str, definition: str) -> None:
    """Have an empty temporary table; it outlives the transaction, so that a busy worker seldom changes the catalogue."""
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE IF NOT EXISTS {name} {definition} ON COMMIT DELETE ROWS")


def merge(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert the rows that are not there yet, in key order, so that two workers with the same rows never deadlock."""
    if not rows:
        return
    staged = f"incoming_{table.name}"
    stage(connection, staged, f"(LIKE {table.name} INCLUDING DEFAULTS)")
    copy(connection, staged, columns, rows)
    names, order = _names(columns), _names([column.name for column in table.primary_key])
    # The names are those of our own tables.
    statement = f"INSERT INTO {table.name} ({names}) SELECT {names} FROM {staged} ORDER BY {order} ON CONFLICT DO NOTHING"  # noqa: S608
    connection.exec_driver_sql(statement)


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _array(items: tuple[str, ...]) -> str:
    quoted = (item.replace("\\", "\\\\").replace('"', '\\"') for item in items)
    return ("{" + ",".join(f'"{item}"' for item in quoted) + "}").translate(_ESCAPES)


# By exact type, which costs half of what asking one type after the other does.
_FORMATS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "\\N",
    str: lambda value: value.translate(_ESCAPES),
    int: str,
    float: repr,
    date: str,
    bool: lambda value: "t" if value else "f",
    bytes: lambda value: "\\\\x" + value.hex(),
    tuple: _array,
}


def _line(row: Sequence[Any]) -> str:
    """A row in COPY's text format."""
    return "\t".join([_FORMATS[type(value)](value) for value in row]) + "\n"
