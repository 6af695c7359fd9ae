"""What lineage tells of the replies of a build, and of those on the way to a result."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection

from egoetl.core.records import Record

# Without a status, of a unit all that it took, else what was no answer at first.
_WANTED = """
    build_seq = :build_seq AND (CAST(:unit AS text) IS NULL OR unit_id = :unit) AND (CAST(:stage AS text) IS NULL OR stage = :stage)
    AND CASE WHEN CAST(:status AS text) IS NULL THEN CAST(:unit AS text) IS NOT NULL OR status <> 'ok' ELSE status::text = :status END
"""
_REPLIES = text(
    f"""
    SELECT stage, unit_kind::text, unit_id, shard, attempt, ordinal, turn, role, task, model, status::text, finish_reason, tries,
           prompt_tokens, completion_tokens, cached_tokens, thinking_length, seconds, request, part, part_row
    FROM reply_history WHERE {_WANTED}
    ORDER BY stage, shard, unit_id, attempt, ordinal LIMIT :most
    """  # noqa: S608 - a constant of this file
)
_COUNT = text(f"SELECT count(*) FROM reply WHERE {_WANTED}")  # noqa: S608 - as above
_STATUSES = text(
    "SELECT status::text, count(*)::integer AS replies FROM reply WHERE build_seq = :build_seq GROUP BY reply.status ORDER BY reply.status"
)
_AT = text(
    """
    SELECT reply.build_seq, reply.stage, reply.unit_id, reply.task, reply.model, reply.number AS attempt, reply.status::text
    FROM unnest(CAST(:builds AS bigint[]), CAST(:stages AS text[]), CAST(:units AS text[])) AS asked (build_seq, stage, unit_id)
    JOIN reply USING (build_seq, stage, unit_id)
    ORDER BY reply.build_seq, reply.stage, reply.unit_id, reply.shard, reply.number, reply.ordinal
    """
)


class SeenReply(Record):
    """How a model's reply was judged, in which attempt at its unit."""

    task: str
    model: str
    attempt: int
    status: str


Place = tuple[int, str, str]
"""Build, stage, unit."""


def replies(
    connection: Connection, build_seq: int, unit: str | None, stage: str | None, status: str | None, most: int
) -> tuple[int, list[dict[str, Any]]]:
    """How many replies of a build there are, and the first of them, by stage, unit and attempt."""
    wanted = {"build_seq": build_seq, "unit": unit, "stage": stage, "status": status}
    count: int = connection.execute(_COUNT, wanted).scalar_one()
    return count, [dict(row) for row in connection.execute(_REPLIES, {**wanted, "most": most}).mappings()]


def statuses(connection: Connection, build_seq: int) -> dict[str, int]:
    """Replies of a build by status; none for a status that none has."""
    return {row.status: row.replies for row in connection.execute(_STATUSES, {"build_seq": build_seq})}


def replies_at(connection: Connection, places: Iterable[Place]) -> dict[Place, tuple[SeenReply, ...]]:
    """The replies of each of these units, in the order in which they came."""
    asked = sorted(set(places))
    found = dict[Place, list[SeenReply]]()
    for row in connection.execute(_AT, {"builds": _column(asked, 0), "stages": _column(asked, 1), "units": _column(asked, 2)}).mappings():
        seen = SeenReply(task=row["task"], model=row["model"], attempt=row["attempt"], status=row["status"])
        found.setdefault((row["build_seq"], row["stage"], row["unit_id"]), []).append(seen)
    return {place: tuple(each) for place, each in found.items()}


def _column(places: Sequence[Place], index: int) -> list[Any]:
    return [each[index] for each in places]
