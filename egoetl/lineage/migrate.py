"""Bring a database to this release's schema, and tell how far it is."""

import psycopg2.errors
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from egoetl.core.errors import ConfigError
from egoetl.lineage import roles
from egoetl.lineage.database import Database
from egoetl.lineage.limits import Limits
from egoetl.lineage.schema import SchemaStatus, schema_comment, schema_status, sql_root, view_files
from egoetl.lineage.tables.base import SCHEMA


def upgrade(url: str, *, patience_seconds: float = 30.0, lock_seconds: float = 5.0) -> SchemaStatus:
    """Migrate to this release's schema and make its views anew, in one transaction; a second call changes nothing.

    Several may be called at once: one migrates, the others wait for it. Whoever works on the database is kept waiting for
    `lock_seconds` at most; where a lock is not free by then, all is undone and tried again until patience is over.

    Raises:
        TryAgainError: `database_locked`; nothing was changed.
        ConfigError: `not_the_owner`, `schema_newer`, `view_in_use`.
    """
    limits = Limits(lock_seconds=lock_seconds)
    database = Database(url, patience_seconds=patience_seconds, application_name="egoetl db upgrade", limits=limits)
    try:
        return database.transaction(lambda connection: _upgrade(connection, patience_seconds), unhurried=True)
    except DBAPIError as error:
        if isinstance(error.orig, psycopg2.errors.DependentObjectsStillExist):
            raise ConfigError(
                f"A view of somebody's own depends on a view of schema {SCHEMA}; drop it before `egoetl db upgrade`: {error.orig}",
                reason="view_in_use",
            ) from error
        raise
    finally:
        database.close()


def status(url: str, *, patience_seconds: float = 0.0) -> SchemaStatus:
    """How far a database is."""
    database = Database(url, patience_seconds=patience_seconds, application_name="egoetl db status")
    try:
        return database.transaction(schema_status)
    finally:
        database.close()


def _upgrade(connection: Connection, patience_seconds: float) -> SchemaStatus:
    _wait_for_other_upgrades(connection, patience_seconds)
    owns = roles.become_owner(connection)
    if not (before := schema_status(connection)).up_to_date:
        if not owns:
            raise ConfigError(
                "This login does not own the lineage schema; run `egoetl db upgrade` with EGOETL_DATABASE_OWNER_URL.",
                reason="not_the_owner",
            )
        _migrate(connection, before)
    if owns:
        roles.grant(connection)
    return schema_status(connection)


def _migrate(connection: Connection, before: SchemaStatus) -> None:
    if before.current is not None and before.current > before.wanted:
        raise ConfigError(
            f"The database has revision {before.current}, newer than this release's {before.wanted}; install the newer release.",
            reason="schema_newer",
        )
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    _drop_views(connection)
    config = Config()
    config.set_main_option("script_location", str(sql_root() / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    for file in view_files():
        connection.exec_driver_sql(file.read_text(encoding="utf-8"), execution_options={"no_parameters": True})
    connection.exec_driver_sql(f"COMMENT ON SCHEMA {SCHEMA} IS '{schema_comment()}'")


def _wait_for_other_upgrades(connection: Connection, patience_seconds: float) -> None:
    """Nobody who works waits for this lock, so it may be waited for as long as there is patience."""
    lock_timeout = connection.execute(text("SELECT current_setting('lock_timeout')")).scalar_one()
    change = text("SELECT set_config('lock_timeout', :value, true)")
    connection.execute(change, {"value": f"{max(patience_seconds, 1.0) * 1000:.0f}ms"})
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('lineage.upgrade'))"))
    connection.execute(change, {"value": lock_timeout})


def _drop_views(connection: Connection) -> None:
    names = connection.execute(text("SELECT quote_ident(viewname) FROM pg_views WHERE schemaname = :schema"), {"schema": SCHEMA}).scalars()
    if views := ", ".join(f"{SCHEMA}.{name}" for name in names):
        connection.exec_driver_sql(f"DROP VIEW {views}")
