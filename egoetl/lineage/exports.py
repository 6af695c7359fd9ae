"""What exports ask of lineage: the clips of a build or of a version, and where results lie."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection

from egoetl.core.errors import InternalError
from egoetl.core.export import BuildRow, SourceClip, StoredUnit
from egoetl.core.ledger import Ledger, Pointer
from egoetl.core.release import DropCount
from egoetl.lineage.counting import COUNTING
from egoetl.lineage.postgres_ledger import PostgresLedger

_BUILD_ROWS = """
    SELECT seen.row_no AS row, seen.video_id, seen.uri, seen.split, seen.start_ms, seen.end_ms, seen.clip_id, build.videos,
           encode(clip.video, 'hex') AS video_sha256, clip.start_ms AS clip_start_ms, clip.end_ms AS clip_end_ms,
           coalesce(seen.reason, unit.reason) AS reason, coalesce(seen.message, unit.message) AS message
    FROM build_row AS seen
    JOIN build ON build.seq = seen.build_seq
    LEFT JOIN clip ON clip.clip_id = seen.clip_id
    LEFT JOIN build_unit AS unit
        ON unit.build_seq = seen.build_seq AND unit.unit_kind = 'row' AND unit.state = 'failed'
        AND unit.unit_id = seen.row_no::text AND unit.shard = seen.shard
    WHERE seen.build_seq = :build_seq
    ORDER BY seen.row_no
"""
_STAGE_UNITS = """
    SELECT unit.unit_id, unit.clip_id, part.path AS part, result.part_row AS row
    FROM build_unit AS unit
    JOIN result ON result.key = unit.key
    JOIN part ON part.id = result.part_id
    WHERE unit.build_seq = :build_seq AND unit.stage = :stage AND unit.state = 'done'
    ORDER BY unit.unit_id, unit.shard
"""
# The build's own, and those of which an earlier build made what it has reused; the last of one request comes last.
_REPLIES = """
    WITH said AS (
        SELECT build_seq, stage, unit_id, number, ordinal, reply_part_id, part_row FROM reply WHERE build_seq = :build_seq
        UNION ALL
        SELECT earlier.build_seq, earlier.stage, earlier.unit_id, earlier.number, earlier.ordinal, earlier.reply_part_id, earlier.part_row
        FROM build_unit AS mine
        JOIN reply AS earlier
            ON earlier.unit_id = mine.unit_id AND earlier.stage = mine.stage AND earlier.build_seq <> mine.build_seq
        JOIN build_unit AS theirs
            ON theirs.build_seq = earlier.build_seq AND theirs.stage = earlier.stage AND theirs.shard = earlier.shard
            AND theirs.unit_id = earlier.unit_id AND theirs.computed AND theirs.key = mine.key
        WHERE mine.build_seq = :build_seq AND NOT mine.computed
    )
    SELECT part.path AS part, said.part_row AS row
    FROM said
    JOIN reply_part AS part ON part.id = said.reply_part_id
    ORDER BY said.build_seq, said.stage, said.unit_id, said.number, said.ordinal
"""
_STATES = "SELECT unit_id, state FROM build_unit WHERE build_seq = :build_seq AND stage = :stage ORDER BY unit_id, shard"
_CLIPS = """
    SELECT DISTINCT clip.clip_id, encode(clip.video, 'hex') AS video_sha256, clip.start_ms AS clip_start_ms,
           clip.end_ms AS clip_end_ms, build.videos, seen.uri, build.seq
    FROM clip
    JOIN build_row AS seen ON seen.clip_id = clip.clip_id
    JOIN build ON build.seq = seen.build_seq
    WHERE clip.clip_id = ANY(:clip_ids)
    ORDER BY build.seq DESC, clip.clip_id, seen.uri
"""
_SEGMENT_RESULTS = (
    COUNTING  # noqa: S608 - both parts are constants
    + """
    , decided AS (
        SELECT DISTINCT ON (unit.unit_id) unit.unit_id, unit.clip_id, unit.key
        FROM counting
        JOIN build_unit AS unit
            ON unit.build_seq = counting.seq AND unit.stage = :stage AND unit.state IN ('done', 'dropped')
        JOIN cut ON cut.build_seq = unit.build_seq AND cut.shard = unit.shard AND cut.clip_id = unit.clip_id
        WHERE unit.clip_id = ANY(:clip_ids) AND cut.key = cut.newest
        ORDER BY unit.unit_id, unit.build_seq DESC, unit.shard
    )
    SELECT decided.unit_id, decided.clip_id, part.path AS part, result.part_row AS row, segment.start_ms, segment.end_ms
    FROM decided
    JOIN result ON result.key = decided.key
    JOIN part ON part.id = result.part_id
    JOIN segment ON segment.segment_id = decided.unit_id
    ORDER BY decided.unit_id
    """
)
# The newest of the counting builds that finished a unit says whether it was dropped; a pair counts with the result it is of.
_DROPS = (
    COUNTING  # noqa: S608 - as above
    + """
    , finished AS (
        SELECT DISTINCT ON (unit.stage, unit.unit_id)
               unit.stage, unit.unit_id, unit.build_seq, unit.shard, unit.state, unit.reason, unit.key
        FROM counting
        JOIN build_unit AS unit ON unit.build_seq = counting.seq AND unit.state IN ('done', 'dropped')
        LEFT JOIN cut ON cut.build_seq = unit.build_seq AND cut.shard = unit.shard AND cut.clip_id = unit.clip_id
        WHERE unit.unit_kind IN ('clip', 'segment') AND cut.key IS NOT DISTINCT FROM cut.newest
        ORDER BY unit.stage, unit.unit_id, unit.build_seq DESC, unit.shard
    ), dropped AS (
        SELECT stage, reason FROM finished WHERE state = 'dropped'
        UNION ALL
        SELECT verified.stage, verified.reason
        FROM counting
        JOIN build_unit AS verified ON verified.build_seq = counting.seq AND verified.unit_kind = 'qa' AND verified.state = 'dropped'
        JOIN qa_pair AS pair ON pair.qa_id = verified.unit_id
        JOIN finished ON finished.build_seq = verified.build_seq AND finished.shard = verified.shard AND finished.key = pair.result
    )
    SELECT stage, reason, count(*) AS units FROM dropped GROUP BY stage, reason ORDER BY stage, reason
    """
)


class Exports:
    """Questions to lineage; each is one transaction, and waits for a database that is away."""

    def __init__(self, ledger: Ledger) -> None:
        if not isinstance(ledger, PostgresLedger):
            raise InternalError("Only the ledger in PostgreSQL can be exported from.", reason="ledger_without_reports")
        self._database = ledger.database

    def rows(self, build_seq: int) -> list[BuildRow]:
        """The manifest rows of a build, in the manifest's order."""
        own = ("row", "video_id", "uri", "split", "start_ms", "end_ms", "reason", "message")
        return [
            BuildRow(clip=_clip(row) if row["video_sha256"] else None, **{name: row[name] for name in own})
            for row in self._rows(_BUILD_ROWS, build_seq=build_seq)
        ]

    def units(self, build_seq: int, stage: str) -> list[StoredUnit]:
        """The units for which a build has a result of the stage, by unit id."""
        return [_stored(row) for row in self._rows(_STAGE_UNITS, build_seq=build_seq, stage=stage)]

    def replies(self, build_seq: int) -> list[Pointer]:
        """Where the replies lie of which a build's results were made, those to one request in the order in which they came."""
        return [Pointer(row["part"], row["row"]) for row in self._rows(_REPLIES, build_seq=build_seq)]

    def states(self, build_seq: int, stage: str) -> dict[str, str]:
        """How each unit of the stage stands in a build."""
        return {row["unit_id"]: row["state"] for row in self._rows(_STATES, build_seq=build_seq, stage=stage)}

    def clips(self, clip_ids: Iterable[str]) -> dict[str, list[SourceClip]]:
        """Each clip with every place that its video was read from, that of the newest build first."""
        found: dict[str, list[SourceClip]] = {}
        for row in self._rows(_CLIPS, clip_ids=sorted(clip_ids)):
            found.setdefault(row["clip_id"], []).append(_clip(row))
        return found

    def segment_results(self, dataset: str, build_seq: int, stage: str, clip_ids: Iterable[str]) -> list[tuple[StoredUnit, int, int]]:
        """What counts of a segment stage for a version made after a build: the segments of these clips, with start and end in ms.

        For each segment of a clip's newest cut the newest counting build that finished it decides; dropped ones are absent.
        """
        rows = self._rows(_SEGMENT_RESULTS, dataset=dataset, build_seq=build_seq, stage=stage, clip_ids=sorted(clip_ids))
        return [(_stored(row), row["start_ms"], row["end_ms"]) for row in rows]

    def drops(self, dataset: str, build_seq: int) -> list[DropCount]:
        """What filters said no to in the builds that count for a version, by stage and reason; the same set gives the same list."""
        return [DropCount(**row) for row in self._rows(_DROPS, dataset=dataset, build_seq=build_seq)]

    def _rows(self, statement: str, **values: Any) -> Sequence[Mapping[str, Any]]:
        def read(connection: Connection) -> list[dict[str, Any]]:
            return [dict(row) for row in connection.execute(text(statement), values).mappings()]

        return self._database.transaction(read, unhurried=True)


def _clip(row: Mapping[str, Any]) -> SourceClip:
    return SourceClip(
        clip_id=row["clip_id"],
        video_sha256=row["video_sha256"],
        start_ms=row["clip_start_ms"],
        end_ms=row["clip_end_ms"],
        videos=row["videos"],
        uri=row["uri"],
    )


def _stored(row: Mapping[str, Any]) -> StoredUnit:
    return StoredUnit(unit_id=row["unit_id"], clip_id=row["clip_id"], pointer=Pointer(part=row["part"], row=row["row"]))
