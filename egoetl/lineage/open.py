"""Open the ledger of a migrated database."""

from egoetl.core.errors import ConfigError
from egoetl.core.ledger import AirflowTry
from egoetl.lineage.database import Database
from egoetl.lineage.limits import Limits
from egoetl.lineage.postgres_ledger import PostgresLedger
from egoetl.lineage.process import application_name
from egoetl.lineage.schema import schema_status


def open_ledger(url: str, *, patience_seconds: float, airflow: AirflowTry | None = None, limits: Limits | None = None) -> PostgresLedger:
    """Connect, and check that the schema is this release's.

    Args:
        url: `postgresql://user:password@host:port/name`.
        patience_seconds: how long each call waits for a database that is away.
        airflow: where in Airflow the process runs, if it does.
        limits: how much of the database it may take; those of `Limits` by default.

    Raises:
        ConfigError: `schema_outdated`, `database_refused`, `database_url_invalid`.
        TryAgainError: `database_away`.
    """
    database = Database(url, patience_seconds=patience_seconds, application_name=application_name(airflow), limits=limits)
    status = database.transaction(schema_status)
    if not status.up_to_date:
        raise ConfigError(
            f"The lineage database has schema {status.current or 'none'}, this release needs {status.wanted}; run `egoetl db upgrade`.",
            reason="schema_outdated",
        )
    return PostgresLedger(database, airflow)
