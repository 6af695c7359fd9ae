"""Give failed units another chance."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection

from egoetl.lineage.builds import NO_SHARD

# Blocked units only wait for others: all of them are asked again, and block again if nothing has changed.
_RESET = text(
    """
    WITH again AS (
        UPDATE build_unit SET state = 'pending', reason = NULL, error_class = NULL, message = NULL
        WHERE build_seq = :build_seq AND shard <> :no_shard
          AND (state = 'blocked'
               OR (state = 'failed' AND stage = coalesce(:stage, stage) AND reason IS NOT DISTINCT FROM coalesce(:reason, reason)))
        RETURNING stage, shard
    )
    SELECT stage, shard, count(*)::integer AS units FROM again GROUP BY stage, shard ORDER BY stage, shard
    """
)


def reset_failed(connection: Connection, build_seq: int, stage: str | None, reason: str | None) -> list[dict[str, Any]]:
    """Make failed units and all blocked ones pending again; their attempts stay. Refused manifest rows stay refused."""
    values = {"build_seq": build_seq, "stage": stage, "reason": reason, "no_shard": NO_SHARD}
    return [dict(row) for row in connection.execute(_RESET, values).mappings()]
