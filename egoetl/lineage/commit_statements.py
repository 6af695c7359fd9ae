"""The statements of a commit, over the temporary table `incoming` with one row an outcome."""

from sqlalchemy import bindparam, text

from egoetl.lineage.tables.base import Sha256
from egoetl.lineage.tables.results import result

_DEFINITION = {
    "position": "integer",
    "unit_kind": "unit_kind",
    "unit_id": 'text COLLATE "C"',
    "clip_id": "text",
    "state": "unit_state",
    "computed": "boolean",
    "key": "bytea",
    "config_id": "integer",
    "part_row": "integer",
    "result_unit": "text",
    "reason": "text",
    "error_class": "text",
    "message": "text",
    "model": "text",
    "seconds": "real",
    "requests": "integer",
    "prompt_tokens": "integer",
    "completion_tokens": "integer",
}
INCOMING = "(" + ", ".join(f"{name} {definition}" for name, definition in _DEFINITION.items()) + ")"
INCOMING_COLUMNS = tuple(_DEFINITION)

INSERT_PART = text(
    "INSERT INTO part (sha256, path, size_bytes, rows) VALUES (:sha256, :path, :size_bytes, :rows) ON CONFLICT DO NOTHING"
).bindparams(bindparam("sha256", type_=Sha256))
SELECT_PART = text("SELECT id FROM part WHERE sha256 = :sha256").bindparams(bindparam("sha256", type_=Sha256))

# The first result committed under a key stays; the keys returned are those that this commit brought.
INSERT_RESULTS = text(
    """
    INSERT INTO result (key, build_seq, config_id, part_id, part_row, seconds, status, unit_id, drop_reason)
    SELECT DISTINCT ON (key)
        key, :build_seq, config_id, CASE WHEN part_row IS NOT NULL THEN CAST(:part_id AS integer) END, part_row, seconds,
        CASE state WHEN 'dropped' THEN 'drop' ELSE 'ok' END::result_status, result_unit, CASE state WHEN 'dropped' THEN reason END
    FROM incoming
    WHERE computed AND key IS NOT NULL AND state IN ('done', 'dropped')
    ORDER BY key
    ON CONFLICT (key) DO NOTHING
    RETURNING key
    """
).columns(result.c.key)

# A unit that is done or dropped stays so, with the result it has, unless a newer result takes its place.
_STAYS = """(unit.state IN ('done', 'dropped')
             AND (EXCLUDED.state NOT IN ('done', 'dropped') OR EXCLUDED.key IS NOT DISTINCT FROM unit.key))"""
_STATE_COLUMNS = ("state", "computed", "key", "clip_id", "reason", "error_class", "message")
_REPLACEMENTS = ",\n        ".join(f"{name} = CASE WHEN {_STAYS} THEN unit.{name} ELSE EXCLUDED.{name} END" for name in _STATE_COLUMNS)

# Only the lease's holder writes these rows, so a unit's count is the number of its last attempt.
KEEP_UNITS = text(
    f"""
    WITH kept AS (
        INSERT INTO build_unit AS unit
            (build_seq, stage, shard, unit_id, unit_kind, attempts, state, computed, key, clip_id, reason, error_class, message)
        SELECT DISTINCT ON (unit_id)
            :build_seq, :stage, :shard, unit_id, unit_kind,
            count(*) FILTER (WHERE computed OR state = 'failed') OVER (PARTITION BY unit_id),
            state, computed, key, clip_id, reason, error_class, message
        FROM incoming
        ORDER BY unit_id, position DESC
        ON CONFLICT (build_seq, stage, shard, unit_id) DO UPDATE SET
            attempts = unit.attempts + EXCLUDED.attempts,
            {_REPLACEMENTS}
        WHERE EXCLUDED.attempts > 0 OR NOT {_STAYS}
        RETURNING unit_id, attempts
    )
    INSERT INTO attempt (build_seq, worker_id, seconds, unit_kind, state, requests, prompt_tokens, completion_tokens,
                         shard, number, stage, unit_id, model, reason, error_class, message)
    SELECT :build_seq, :worker_id, new.seconds, new.unit_kind, new.state, new.requests, new.prompt_tokens, new.completion_tokens, :shard,
           kept.attempts + 1 - row_number() OVER (PARTITION BY new.unit_id ORDER BY new.position DESC),
           :stage, new.unit_id, new.model, new.reason, new.error_class, new.message
    FROM incoming AS new JOIN kept ON kept.unit_id = new.unit_id
    WHERE new.computed OR new.state = 'failed'
    """  # noqa: S608 - the inserted text is made of the constants above
)

SET_CLIPS = text(
    """
    UPDATE build_row AS seen SET clip_id = result.unit_id
    FROM incoming AS new JOIN result ON result.key = new.key
    WHERE seen.build_seq = :build_seq AND seen.row_no::text = new.unit_id AND new.unit_kind = 'row' AND new.state = 'done'
      AND seen.clip_id IS DISTINCT FROM result.unit_id
    """
)
