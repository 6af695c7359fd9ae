"""Who writes an address of the store first, where its server has no conditional writes."""

import uuid
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection

from egoetl.core.ledger import Ledger
from egoetl.core.ports import FirstWrite
from egoetl.lineage.database import Database
from egoetl.lineage.reports import database_of

# The row is always returned, and locked until the end of the transaction: of two that come at once, one waits for the other.
_CLAIM = text(
    """
    INSERT INTO first_write AS held (url, sha256, writer) VALUES (:url, decode(:sha256, 'hex'), :writer)
    ON CONFLICT (url) DO UPDATE
    SET (sha256, writer, claimed_at) = (
        SELECT CASE WHEN void THEN EXCLUDED.sha256 ELSE held.sha256 END,
               CASE WHEN void THEN EXCLUDED.writer ELSE held.writer END,
               CASE WHEN void THEN now() ELSE held.claimed_at END
        FROM (SELECT coalesce(held.claimed_at < now() - make_interval(secs => CAST(:seconds AS double precision)), false) AS void) AS old
    )
    RETURNING encode(sha256, 'hex') AS sha256, writer = :writer AS mine
    """
)
_FORGET = text("DELETE FROM first_write WHERE url = :url")


class PostgresFirstWrites:
    """Implements `core.ports.FirstWrites` in the lineage database."""

    def __init__(self, ledger: Ledger | Database) -> None:
        self._database = database_of(ledger)

    def claim(self, url: str, sha256: str, *, void_after_seconds: float | None = None) -> FirstWrite:
        """Claim an address, unless it is claimed; a claim older than `void_after_seconds` is void."""
        values = {"url": url, "sha256": sha256, "writer": uuid.uuid4(), "seconds": void_after_seconds}
        return self._database.transaction(lambda connection: _claim(connection, values))

    def forget(self, url: str) -> None:
        """Free an address whose bytes are gone."""
        self._database.transaction(lambda connection: connection.execute(_FORGET, {"url": url}))


def _claim(connection: Connection, values: dict[str, Any]) -> FirstWrite:
    return FirstWrite(**connection.execute(_CLAIM, values).mappings().one())
