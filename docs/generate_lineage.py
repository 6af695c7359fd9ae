#!/usr/bin/env python3
"""Write docs/lineage.md from the comments of a migrated database. Run it with the Python of .venv, without arguments.

It starts an embedded PostgreSQL of its own, migrates it, and removes it again.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection, Row

from egoetl.lineage.database import Database
from egoetl.lineage.migrate import upgrade
from egoetl.lineage.schema import sql_root
from egoetl.local.home import Home
from egoetl.local.postgres import Postgres

PAGE = Path(__file__).with_name("lineage.md")
INTRODUCTION = """# Lineage: tables and views

*Made by `docs/generate_lineage.py` from the comments of the database; a test holds it to them. Do not edit it.*

Everything lies in the schema `lineage` of the database that `EGOETL_DATABASE_URL` names. On a machine where `make demo` or
`make up` has run, `.egoetl/psql` opens it. Ask the views first; they name what the tables store by short ids and keys.
Views of your own belong in another schema, because `egoetl db upgrade` makes these anew.

In the tables content keys and sha256 are `bytea`: `encode(key, 'hex')` reads one, `decode('4f0c...', 'hex')` writes one; the
views show them in hexadecimal. Columns ending in `_ms` are milliseconds of the source video, windows are half-open.
`build_unit`, `attempt` and `reply` have one partition a build (`build_unit_b7`): ask the parent, and name the build.
"""
RELATIONS = text(
    """
    SELECT oid, relname, relkind, obj_description(oid, 'pg_class') AS comment
    FROM pg_class
    WHERE relnamespace = 'lineage'::regnamespace AND relkind = ANY(:kinds) AND NOT relispartition AND relname <> 'alembic_version'
    ORDER BY relname
    """
)
COLUMNS = text(
    """
    SELECT attname, format_type(atttypid, atttypmod) AS type, attnotnull, col_description(attrelid, attnum) AS comment
    FROM pg_attribute WHERE attrelid = :oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum
    """
)
PRIMARY_KEY = text(
    """
    SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY(indkey)
    WHERE indrelid = :oid AND indisprimary ORDER BY array_position(indkey, attnum)
    """
)
FUNCTIONS = text(
    """
    SELECT proname, pg_get_function_identity_arguments(oid) AS arguments, obj_description(oid, 'pg_proc') AS comment
    FROM pg_proc WHERE pronamespace = 'lineage'::regnamespace ORDER BY proname
    """
)
ENUMERATIONS = text(
    """
    SELECT typname, string_agg(enumlabel, ', ' ORDER BY enumsortorder) AS labels
    FROM pg_type JOIN pg_enum ON enumtypid = pg_type.oid
    WHERE typnamespace = 'lineage'::regnamespace GROUP BY typname ORDER BY typname
    """
)


def lineage_page(url: str) -> str:
    """The page for a migrated database at this address."""
    database = Database(url, patience_seconds=5)
    try:
        return database.transaction(lambda connection: "\n".join([INTRODUCTION, *_sections(connection)]) + "\n")
    finally:
        database.close()


def _sections(connection: Connection) -> Iterator[str]:
    yield "## Ready queries\n\nEach file runs as it is: `.egoetl/psql -f FILE`.\n"
    yield from (f"- [`sql/queries/{each.name}`](../sql/queries/{each.name}): {_purpose(each)}" for each in _queries())
    yield "\n## Views\n"
    yield from _views(connection)
    yield "## Functions\n"
    yield from (f"- `{row.proname}({row.arguments})`: {row.comment}" for row in connection.execute(FUNCTIONS))
    yield "\n## Enumerations\n"
    yield from (f"- `{row.typname}`: {row.labels}" for row in connection.execute(ENUMERATIONS))
    yield "\n## Tables\n"
    yield from _tables(connection)


def _queries() -> list[Path]:
    return sorted((sql_root() / "queries").glob("*.sql"))


def _purpose(query: Path) -> str:
    return query.read_text(encoding="utf-8").splitlines()[0].removeprefix("-- ")


def _views(connection: Connection) -> Iterator[str]:
    for view in connection.execute(RELATIONS, {"kinds": ["v"]}).all():
        columns = ", ".join(f"`{column.attname}` {column.type}" for column in connection.execute(COLUMNS, {"oid": view.oid}))
        yield f"### `lineage.{view.relname}`\n\n{view.comment}\n\nColumns: {columns}\n"


def _tables(connection: Connection) -> Iterator[str]:
    for table in connection.execute(RELATIONS, {"kinds": ["r", "p"]}).all():
        key = ", ".join(f"`{name}`" for name in connection.execute(PRIMARY_KEY, {"oid": table.oid}).scalars())
        unique = f" Primary key: {key}." if key else ""
        yield f"### `lineage.{table.relname}`\n\n{table.comment}{unique}\n\n| column | type | |\n|---|---|---|"
        yield from (_row(column) for column in connection.execute(COLUMNS, {"oid": table.oid}))
        yield ""


def _row(column: Row[Any]) -> str:
    optional = "" if column.attnotnull else ", may be NULL"
    return f"| `{column.attname}` | {column.type}{optional} | {column.comment.replace('|', '&#124;')} |"


def main() -> None:
    """Write the page."""
    with tempfile.TemporaryDirectory(prefix="egoetl-lineage-") as folder:
        server = Postgres(Home.at(Path(folder)))
        try:
            server.start()
            url = server.url("egoetl")
            upgrade(url)
            PAGE.write_text(lineage_page(url), encoding="utf-8")
        finally:
            server.remove()
    print(f"Wrote {PAGE}.")


if __name__ == "__main__":
    main()
