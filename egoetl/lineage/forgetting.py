"""Forget results whose bytes are lost, so that their units are made again. Pairs keep their words, which versions show."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection

from egoetl.core.ledger import Ledger
from egoetl.core.records import Artifact, Record
from egoetl.lineage import bulk
from egoetl.lineage.database import Database
from egoetl.lineage.reports import database_of
from egoetl.lineage.withdrawing import wait_for_nobody

_PARTS = text("SELECT encode(sha256, 'hex') AS sha256, size_bytes, path, 'application/zstd' AS media_type FROM part ORDER BY path")
_REPLY_PARTS = text(
    "SELECT DISTINCT encode(sha256, 'hex') AS sha256, size_bytes, path, 'application/zstd' AS media_type FROM reply_part ORDER BY path"
)
_FILES = text("SELECT encode(sha256, 'hex') AS sha256, size_bytes, path, media_type FROM artifact ORDER BY path")
# The parts whose records point to files.
_POINTING = text(
    """
    SELECT DISTINCT part.path FROM result JOIN part ON part.id = result.part_id
    WHERE result.config_id IN (SELECT config_id FROM result WHERE key IN (SELECT result FROM artifact)) ORDER BY part.path
    """
)
_LOST = text(
    """
    INSERT INTO lost_result
    SELECT key FROM result WHERE part_id IN (SELECT id FROM part WHERE path = ANY(:parts))
    UNION SELECT result FROM artifact WHERE path = ANY(:files)
    UNION SELECT result.key FROM result JOIN part ON part.id = result.part_id
          JOIN unnest(CAST(:at_parts AS text[]), CAST(:at_rows AS integer[])) AS pointer (path, row)
              ON pointer.path = part.path AND pointer.row = result.part_row
    """
)
_REOPEN = text(
    """
    WITH again AS (
        UPDATE build_unit
        SET state = 'pending', computed = false, key = NULL, reason = NULL, error_class = NULL, message = NULL
        WHERE key IN (SELECT key FROM lost_result)
        RETURNING build_seq
    )
    SELECT build.name AS build, count(*)::integer AS units FROM again JOIN build ON build.seq = again.build_seq
    GROUP BY build.seq, build.name ORDER BY build.seq
    """
)
_FORGET = (
    "DELETE FROM edge WHERE child IN (SELECT key FROM lost_result)",
    "DELETE FROM result WHERE key IN (SELECT key FROM lost_result)",
    "DELETE FROM artifact WHERE path = ANY(:files)",
    "DELETE FROM part WHERE path = ANY(:parts)",
    """
    UPDATE reply SET reply_part_id = NULL, part_row = NULL
    FROM reply_part AS lost WHERE lost.path = ANY(:reply_parts) AND (reply.build_seq, reply.reply_part_id) = (lost.build_seq, lost.id)
    """,
    "DELETE FROM reply_part WHERE path = ANY(:reply_parts)",
)


class Pointing(Record):
    """A row of a part whose record points to a file that is lost."""

    part: str
    row: int


class Lost(Record):
    """What is not in the store as lineage has it: paths of parts and files, and the records that point to such files.

    What models said lies in `reply_parts`; nothing is made again for those, their words are lost.
    """

    parts: tuple[str, ...]
    reply_parts: tuple[str, ...]
    files: tuple[str, ...]
    pointing: tuple[Pointing, ...]


class KeptFiles:
    """What lineage says that the store holds; each call is one transaction."""

    def __init__(self, ledger: Ledger | Database) -> None:
        self._database = database_of(ledger)

    def parts(self) -> list[Artifact]:
        """Every part file."""
        return self._artifacts(_PARTS)

    def reply_parts(self) -> list[Artifact]:
        """Every part file of replies."""
        return self._artifacts(_REPLY_PARTS)

    def files(self) -> list[Artifact]:
        """Every file that a result points to."""
        return self._artifacts(_FILES)

    def pointing_parts(self) -> list[str]:
        """The parts whose records point to files."""
        return self._database.transaction(lambda connection: list(connection.execute(_POINTING).scalars()), unhurried=True)

    def forget(self, lost: Lost) -> list[dict[str, Any]]:
        """Forget the results that these bytes were; returns the builds that have units to make again, and how many.

        Raises TryAgainError `builds_running`.
        """
        return self._database.transaction(lambda connection: _forget(connection, lost), unhurried=True)

    def _artifacts(self, statement: Any) -> list[Artifact]:
        def read(connection: Connection) -> list[Artifact]:
            return [Artifact(**row) for row in connection.execute(statement).mappings()]

        return self._database.transaction(read, unhurried=True)


def _forget(connection: Connection, lost: Lost) -> list[dict[str, Any]]:
    wait_for_nobody(connection)
    bulk.stage(connection, "lost_result", "(key bytea)")
    paths: dict[str, Sequence[object]] = {
        "parts": list(lost.parts),
        "files": list(lost.files),
        "reply_parts": list(lost.reply_parts),
    }
    pointers = {"at_parts": [each.part for each in lost.pointing], "at_rows": [each.row for each in lost.pointing]}
    connection.execute(_LOST, {**paths, **pointers})
    builds = [dict(row) for row in connection.execute(_REOPEN).mappings()]
    for statement in _FORGET:
        connection.execute(text(statement), paths)
    return builds
