"""Note which results a backfill has replaced, in the transaction that makes its version public."""

from sqlalchemy import text
from sqlalchemy.engine import Connection

# A unit is known by its id, a row, whose number means something only within its build, by its window. What the backfill
# reused is not replaced. A unit that it does not have any more, such as a pair of a replaced result, is replaced by nothing.
_SUPERSEDE = text(
    """
    INSERT INTO superseded_result (build_seq, old, stage, unit_id, new, clip_id)
    SELECT DISTINCT ON (old.key, old.stage, old.unit_id) :build_seq, old.key, old.stage, old.unit_id, now.key, old.clip_id
    FROM build_row AS mine
    JOIN backfill_build AS link ON link.build_seq = mine.build_seq
    JOIN build_row AS was
        ON was.build_seq = link.mends_seq AND (was.video_id, was.start_ms, was.end_ms) = (mine.video_id, mine.start_ms, mine.end_ms)
    JOIN build_unit AS old
        ON old.build_seq = was.build_seq AND old.shard = was.shard AND old.state IN ('done', 'dropped') AND old.key IS NOT NULL
        AND CASE WHEN old.unit_kind = 'row' THEN old.unit_id = was.row_no::text ELSE old.clip_id = was.clip_id END
    LEFT JOIN build_unit AS now
        ON now.build_seq = mine.build_seq AND now.shard = mine.shard AND now.stage = old.stage
        AND now.unit_id = CASE WHEN old.unit_kind = 'row' THEN mine.row_no::text ELSE old.unit_id END
    WHERE mine.build_seq = :build_seq
      AND NOT EXISTS (SELECT FROM build_unit AS made WHERE made.build_seq = :build_seq AND made.key = old.key)
      AND coalesce(now.state IN ('done', 'dropped'), true)
    ORDER BY old.key, old.stage, old.unit_id
    ON CONFLICT DO NOTHING
    """
)


def supersede(connection: Connection, build_seq: int) -> None:
    """Record the results that a backfill's took the place of; nothing happens for any other build."""
    connection.execute(_SUPERSEDE, {"build_seq": build_seq})
