"""COPY into temporary tables, and from there into the ledger's: an order of magnitude faster than inserts, and repeatable."""

import io
from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import Any, cast

import psycopg2.extensions
from sqlalchemy import Table
from sqlalchemy.engine import Connection

_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\N{REPLACEMENT CHARACTER}"})


def copy(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows into a table. Keys are bytes, arrays are tuples of strings."""
    text = "".join("\t".join(map(_field, row)) + "\n" for row in rows)
    # A message of a failed library may hold half a surrogate pair, which UTF-8 cannot.
    data = io.BytesIO(text.encode("utf-8", "replace"))
    with closing(cast("psycopg2.extensions.cursor", connection.connection.cursor())) as cursor:
        cursor.copy_expert(f"COPY {table} ({_names(columns)}) FROM STDIN", data)


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


def _field(value: Any) -> str:
    """A value in COPY's text format."""
    match value:
        case None:
            return "\\N"
        case str():
            return value.translate(_ESCAPES)
        case bool():
            return "t" if value else "f"
        case bytes():
            return "\\\\x" + value.hex()
        case tuple():
            return _array(cast("tuple[str, ...]", value)).translate(_ESCAPES)
        case _:
            return str(value)


def _array(items: tuple[str, ...]) -> str:
    quoted = (item.replace("\\", "\\\\").replace('"', '\\"') for item in items)
    return "{" + ",".join(f'"{item}"' for item in quoted) + "}"
