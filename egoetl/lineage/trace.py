"""From a pair, a unit or a video, hop by hop to the source's bytes."""

from collections import Counter
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection

from egoetl.core.errors import CallerError
from egoetl.core.ids import clip_of
from egoetl.core.records import QAPair, Record
from egoetl.lineage.reply_reports import replies_at
from egoetl.lineage.trace_records import ClipTrace, Hop, PairTrace, Sighting, Source, UnitStanding, UnitTrace, VideoTrace

_PAIR = text("SELECT pair.*, encode(result, 'hex') AS key FROM qa_pair AS pair WHERE qa_id = :qa_id")
_HOPS = text(
    """
    SELECT hop, encode(key, 'hex') AS key, stage, version, unit_id, models, params, prompts, decoder, seed, seconds, build_seq,
           part, part_row
    FROM hops(ARRAY(SELECT decode(hex, 'hex') FROM unnest(CAST(:keys AS text[])) AS hex))
    ORDER BY hop, stage, unit_id
    """
)
_SOURCE = text(
    """
    SELECT encode(sha256, 'hex') AS sha256, size_bytes, duration_ms FROM video
    WHERE sha256 = coalesce((SELECT video FROM clip WHERE clip_id = :clip_id), decode(:sha256, 'hex'))
    """
)
_SIGHTINGS = text(
    """
    SELECT build, row_no, video_id, uri, split, start_ms, end_ms FROM video_sightings
    WHERE clip_id IN (SELECT clip_id FROM clip WHERE video = decode(:sha256, 'hex')) ORDER BY build_seq DESC, row_no
    """
)
_VERSIONS = text("SELECT dataset || ' ' || number FROM version_pairs WHERE qa_id = :qa_id ORDER BY dataset, number")
_PLACE = text(
    """
    SELECT build.name AS build, build.seq AS build_seq, seen.shard FROM build_row AS seen JOIN build ON build.seq = seen.build_seq
    WHERE seen.clip_id = :clip_id ORDER BY build.seq DESC, seen.row_no LIMIT 1
    """
)
_STANDING = text(
    """
    SELECT stage, state, reason, attempts, encode(key, 'hex') AS key FROM build_unit
    JOIN build_progress USING (build_seq, stage)
    WHERE build_seq = :build_seq AND shard = :shard AND unit_id = :unit_id ORDER BY position
    """
)
_CLIPS = text(
    """
    SELECT clip_id, start_ms, end_ms,
           ARRAY(SELECT segment_id FROM segment WHERE segment.clip_id = clip.clip_id ORDER BY index) AS segments,
           ARRAY(SELECT task FROM qa_pair WHERE qa_pair.clip_id = clip.clip_id ORDER BY task) AS tasks
    FROM clip WHERE video = decode(:sha256, 'hex') ORDER BY start_ms, end_ms
    """
)
_NAMED = text("SELECT DISTINCT video_sha256 FROM video_sightings WHERE video_id = :name ORDER BY video_sha256")
_KNOWN = text("SELECT encode(sha256, 'hex') FROM video WHERE sha256 = CASE WHEN :name ~ '^[0-9a-f]{64}$' THEN decode(:name, 'hex') END")


class BuildPlace(Record):
    """Where a unit was worked on last."""

    build: str
    build_seq: int
    shard: int


def trace_pair(connection: Connection, qa_id: str) -> PairTrace:
    """A pair and everything it was made from. Raises CallerError `pair_unknown`."""
    row = connection.execute(_PAIR, {"qa_id": qa_id}).mappings().one_or_none()
    if row is None:
        raise CallerError(f"There is no pair {qa_id!r}; the `qa_id` column of a version names those there are.", reason="pair_unknown")
    return PairTrace(
        pair=QAPair(**{name: row[name] for name in QAPair.model_fields}),
        versions=tuple(connection.execute(_VERSIONS, {"qa_id": qa_id}).scalars()),
        hops=_hops(connection, [row["key"]]),
        source=_source(connection, clip_id=row["clip_id"]),
    )


def trace_unit(connection: Connection, unit_id: str) -> UnitTrace:
    """A segment or clip in its newest build, and what it was made from. Raises CallerError `unit_unknown`."""
    place = find_place(connection, unit_id)
    if place is None:
        raise CallerError(f"No build has a unit {unit_id!r}; `egoetl trace video ID` lists a video's segments.", reason="unit_unknown")
    values = {"build_seq": place.build_seq, "shard": place.shard, "unit_id": unit_id}
    rows = connection.execute(_STANDING, values).mappings().all()
    said = replies_at(connection, [(place.build_seq, row["stage"], unit_id) for row in rows])
    standing = [UnitStanding(**row, replies=said.get((place.build_seq, row["stage"], unit_id), ())) for row in rows]
    return UnitTrace(
        unit_id=unit_id,
        build=place.build,
        stages=tuple(standing),
        hops=_hops(connection, [each.key for each in standing if each.key]),
        source=_source(connection, clip_id=_clip_of(connection, unit_id)),
    )


def trace_video(connection: Connection, name: str) -> VideoTrace:
    """The files that a manifest id or sha256 names. Raises CallerError `video_unknown`."""
    found = connection.execute(_KNOWN, {"name": name}).scalars().all() or connection.execute(_NAMED, {"name": name}).scalars().all()
    if not found:
        raise CallerError(f"No registered video is named {name!r}, by its id in a manifest or its sha256.", reason="video_unknown")
    sources = tuple(_source(connection, sha256=sha256) for sha256 in found)
    clips = tuple(_clip(sha256, row) for sha256 in found for row in connection.execute(_CLIPS, {"sha256": sha256}).mappings())
    return VideoTrace(name=name, sources=sources, clips=clips)


def find_place(connection: Connection, unit_id: str) -> BuildPlace | None:
    """The newest build that has a clip, segment or pair, and its shard there."""
    row = connection.execute(_PLACE, {"clip_id": _clip_of(connection, unit_id)}).mappings().one_or_none()
    return None if row is None else BuildPlace(**row)


def _clip_of(connection: Connection, unit_id: str) -> str:
    if not unit_id.startswith("qa_"):
        return clip_of(unit_id)
    return connection.execute(text("SELECT clip_id FROM qa_pair WHERE qa_id = :qa_id"), {"qa_id": unit_id}).scalar() or ""


def _hops(connection: Connection, keys: list[str]) -> tuple[Hop, ...]:
    rows = connection.execute(_HOPS, {"keys": keys}).mappings().all()
    said = replies_at(connection, [(row["build_seq"], row["stage"], row["unit_id"]) for row in rows])
    return tuple(Hop(**row, replies=said.get((row["build_seq"], row["stage"], row["unit_id"]), ())) for row in rows)


def _source(connection: Connection, *, clip_id: str | None = None, sha256: str | None = None) -> Source:
    row = connection.execute(_SOURCE, {"clip_id": clip_id, "sha256": sha256}).mappings().one()
    sightings = connection.execute(_SIGHTINGS, {"sha256": row["sha256"]}).mappings()
    return Source(**row, sightings=tuple(Sighting(**each) for each in sightings))


def _clip(sha256: str, row: Any) -> ClipTrace:
    return ClipTrace(
        clip_id=row["clip_id"],
        start_ms=row["start_ms"],
        end_ms=row["end_ms"],
        video_sha256=sha256,
        segments=tuple(row["segments"]),
        pairs=dict(Counter(row["tasks"])),
    )
