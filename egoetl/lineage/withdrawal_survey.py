"""What lineage and the store hold of a video, found before it is withdrawn."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.engine import Connection

from egoetl.core.records import Record
from egoetl.lineage import bulk

_GOING = {
    "going_clip": '(clip_id text COLLATE "C")',
    "going_pair": '(qa_id text COLLATE "C")',
    "going_result": "(key bytea, config_id integer, part_id integer, part_row integer)",
    "going_row": "(build_seq bigint, row_no integer)",
    "going_reply": "(reply_part_id integer, part_rows integer[])",
}
# The rows of units that go, in tables whose rows have a unit and its kind; a manifest row is known by its build and number.
UNITS_GO = "(unit_id LIKE left(:video, 16) || '\\_%' OR unit_id IN (SELECT qa_id FROM going_pair))"
ROWS_GO = "unit_kind = 'row' AND (build_seq, unit_id) IN (SELECT build_seq, row_no::text FROM going_row)"
# A name that other bytes have as well is theirs too, so only the rows that turned out to be this video go.
_COLLECT = (
    "INSERT INTO going_clip SELECT clip_id FROM clip WHERE video = decode(:video, 'hex')",
    "INSERT INTO going_pair SELECT qa_id FROM qa_pair WHERE clip_id IN (SELECT clip_id FROM going_clip)",
    """
    INSERT INTO going_result SELECT key, config_id, part_id, part_row FROM result
    WHERE unit_id LIKE left(:video, 16) || '\\_%' OR unit_id IN (SELECT qa_id FROM going_pair)
    """,
    """
    INSERT INTO going_row
    SELECT build_seq, row_no FROM build_row AS seen
    WHERE clip_id IN (SELECT clip_id FROM going_clip)
       OR clip_id IS NULL AND video_id IN (
              SELECT video_id FROM build_row WHERE clip_id IS NOT NULL
              GROUP BY video_id HAVING bool_and(clip_id IN (SELECT clip_id FROM going_clip))
          )
    """,
    f"""
    INSERT INTO going_reply SELECT reply_part_id, array_agg(part_row ORDER BY part_row) FROM reply
    WHERE reply_part_id IS NOT NULL AND ({UNITS_GO} OR {ROWS_GO}) GROUP BY reply_part_id
    """,  # noqa: S608 - constants of this file
)
_NAMES = text(
    """
    SELECT video_id FROM build_row JOIN going_row USING (build_seq, row_no) WHERE clip_id IS NOT NULL
    UNION SELECT video_id FROM arrival_video WHERE sha256 = decode(:video, 'hex') ORDER BY video_id
    """
)
_COUNTS = text(
    """
    SELECT (SELECT count(*) FROM going_row) AS manifest_rows, (SELECT count(*) FROM going_clip) AS clips,
           (SELECT count(*) FROM segment WHERE clip_id IN (SELECT clip_id FROM going_clip)) AS segments,
           (SELECT count(*) FROM going_pair) AS pairs, (SELECT count(*) FROM going_result) AS results,
           (SELECT coalesce(sum(cardinality(part_rows)), 0)::integer FROM going_reply) AS replies
    """
)
# Equal records of two videos may lie in one row of a part, which then stays.
_PARTS = text(
    """
    WITH staying AS (
        SELECT DISTINCT part_id, part_row FROM result
        WHERE part_id IN (SELECT part_id FROM going_result)
          AND NOT EXISTS (SELECT FROM going_result AS going WHERE going.key = result.key)
    ), gone AS (
        SELECT DISTINCT part_id, part_row FROM going_result WHERE part_id IS NOT NULL EXCEPT SELECT part_id, part_row FROM staying
    )
    SELECT part.id AS part_id, part.path, array_agg(gone.part_row ORDER BY gone.part_row) AS gone,
           EXISTS (SELECT FROM staying WHERE staying.part_id = part.id) AS stays
    FROM gone JOIN part ON part.id = gone.part_id
    GROUP BY part.id, part.path ORDER BY part.id
    """
)
_REPLY_PARTS = text(
    """
    SELECT part.id AS part_id, part.path, going.part_rows AS gone, EXISTS (
               SELECT FROM reply WHERE reply.build_seq = part.build_seq AND reply.reply_part_id = part.id
                 AND reply.part_row <> ALL (going.part_rows)
           ) AS stays
    FROM going_reply AS going JOIN reply_part AS part ON part.id = going.reply_part_id ORDER BY part.id
    """
)
_FILES = text(
    """
    SELECT encode(sha256, 'hex') AS sha256, path, size_bytes FROM artifact WHERE result IN (SELECT key FROM going_result) ORDER BY path
    """
)
# The parts in which a result of another video may point to one of these files.
_POINTING_PARTS = text(
    """
    SELECT DISTINCT part.id AS part_id, part.path FROM result JOIN part ON part.id = result.part_id
    WHERE result.config_id IN (SELECT config_id FROM going_result WHERE key IN (SELECT result FROM artifact))
      AND NOT EXISTS (SELECT FROM going_result AS going WHERE going.key = result.key)
    ORDER BY part.id
    """
)
_HOLDING = text(
    """
    SELECT version.dataset, version.number, version.state, version.path, count(*)::integer AS pairs
    FROM version_pair AS held
    JOIN dataset_version AS version
        ON version.dataset = held.dataset AND held.since <= version.number AND (held.until IS NULL OR held.until > version.number)
    WHERE held.qa_id = ANY(:qa_ids)
    GROUP BY version.dataset, version.number, version.state, version.path ORDER BY version.dataset, version.number
    """
)


class PartRows(Record):
    """Rows of a part file, of results or of replies, that hold nothing but the video's records; `stays`: the part has others."""

    part_id: int
    path: str
    gone: tuple[int, ...]
    stays: bool


class VideoFile(Record):
    """A file that a result of the video points to."""

    sha256: str
    path: str
    size_bytes: int


class HoldingVersion(Record):
    """A version that holds pairs about the video, and how many."""

    dataset: str
    number: int
    state: str
    path: str
    pairs: int


class Survey(Record):
    """All that lineage and the store hold of a video. Two equal surveys have the same to do."""

    video: str
    video_ids: tuple[str, ...]
    counts: dict[str, int]
    parts: tuple[PartRows, ...]
    reply_parts: tuple[PartRows, ...]
    """Part files of replies; their ids are those of `reply_part`."""
    files: tuple[VideoFile, ...]
    pointing_parts: tuple[tuple[int, str], ...]
    """Id and path of the parts in which another video's result may point to one of the files."""
    newest_part: int
    newest_reply_part: int


def survey(connection: Connection, video: str) -> Survey:
    """What there is of a registered video, known by its sha256. Leaves its ids in the temporary tables `going_*`."""
    for name, definition in _GOING.items():
        bulk.stage(connection, name, definition)
        connection.exec_driver_sql(f"TRUNCATE {name}")
    for statement in _COLLECT:
        connection.execute(text(statement), {"video": video})
    files = tuple(VideoFile(**row) for row in connection.execute(_FILES).mappings())
    return Survey(
        video=video,
        video_ids=tuple(connection.execute(_NAMES, {"video": video}).scalars()),
        counts=dict(connection.execute(_COUNTS).mappings().one()),
        parts=tuple(PartRows(**row) for row in connection.execute(_PARTS).mappings()),
        reply_parts=tuple(PartRows(**row) for row in connection.execute(_REPLY_PARTS).mappings()),
        files=files,
        pointing_parts=tuple((row.part_id, row.path) for row in connection.execute(_POINTING_PARTS)) if files else (),
        newest_part=connection.execute(text("SELECT coalesce(max(id), 0) FROM part")).scalar_one(),
        newest_reply_part=connection.execute(text("SELECT coalesce(max(id), 0) FROM reply_part")).scalar_one(),
    )


def holding_versions(connection: Connection, qa_ids: Sequence[str]) -> tuple[HoldingVersion, ...]:
    """The versions that hold any of these pairs."""
    return tuple(HoldingVersion(**row) for row in connection.execute(_HOLDING, {"qa_ids": list(qa_ids)}).mappings())
