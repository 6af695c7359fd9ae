"""Videos that arrive: registered once by their bytes, on the day whose nightly build takes them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection

from egoetl.core.arrivals import FoundVideo, KnownArrival, NotVideo, Registered
from egoetl.core.ledger import Ledger
from egoetl.core.records import ManifestRow
from egoetl.lineage.reports import database_of
from egoetl.lineage.withdrawing import REASON as WITHDRAWN

_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('lineage.arrivals'), hashtext(:dataset))")
_KNOWN = text(
    """
    SELECT address, stamp, size_bytes, state, encode(sha256, 'hex') AS sha256, reason FROM arrival
    WHERE dataset = :dataset AND starts_with(address, :root)
    """
)
_KEEP = text(
    """
    INSERT INTO arrival AS kept (dataset, address, stamp, size_bytes, state, sha256, reason, message)
    VALUES (:dataset, :address, :stamp, :size_bytes, :state, decode(:sha256, 'hex'), :reason, :message)
    ON CONFLICT (dataset, address) DO UPDATE
    SET stamp = excluded.stamp, size_bytes = excluded.size_bytes, state = excluded.state, sha256 = excluded.sha256,
        reason = excluded.reason, message = excluded.message,
        seen_at = CASE WHEN (kept.stamp, kept.state) = (excluded.stamp, excluded.state) THEN kept.seen_at ELSE now() END
    """
)
_IS_WITHDRAWN = text("SELECT EXISTS (SELECT FROM tombstone WHERE video = decode(:sha256, 'hex'))")
_VIDEO = text("SELECT video_id, night, address FROM arrival_video WHERE dataset = :dataset AND sha256 = decode(:sha256, 'hex')")
# A name is taken by other bytes that arrived under it, or that a build of the dataset has had under it.
_NAME_IS_TAKEN = text(
    """
    SELECT EXISTS (SELECT FROM arrival_video WHERE dataset = :dataset AND video_id = :video_id)
        OR EXISTS (
            SELECT FROM build_row AS seen
            JOIN build ON build.seq = seen.build_seq AND build.dataset = :dataset
            JOIN clip ON clip.clip_id = seen.clip_id AND clip.video <> decode(:sha256, 'hex')
            WHERE seen.video_id = :video_id
        )
    """
)
# The clock is read under the lock: a night that was planned has everything that was registered on its day. Where the day's own
# night was planned before the day is over, the next one takes what comes after. A video that builds have had keeps its split.
_REGISTER = text(
    """
    INSERT INTO arrival_video (dataset, sha256, video_id, address, split, duration_ms, night)
    SELECT :dataset, decode(:sha256, 'hex'), :video_id, :address, coalesce(had.split, :split), :duration_ms,
           today + CASE WHEN EXISTS (
               SELECT FROM build WHERE dataset = :dataset AND arrivals AND state <> 'dropped' AND night = today::text
           ) THEN 1 ELSE 0 END
    FROM (SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date AS today) AS clock
    LEFT JOIN LATERAL (
        SELECT seen.split FROM clip
        JOIN build_row AS seen USING (clip_id)
        JOIN build ON build.seq = seen.build_seq AND build.dataset = :dataset
        WHERE clip.video = decode(:sha256, 'hex') ORDER BY build.seq LIMIT 1
    ) AS had ON true
    RETURNING night
    """
)
_CLIPS = text(
    """
    INSERT INTO arrival_clip (dataset, sha256, start_ms, end_ms)
    SELECT :dataset, decode(:sha256, 'hex'), start_ms, end_ms FROM unnest(CAST(:starts AS integer[]), CAST(:ends AS integer[]))
        AS clips (start_ms, end_ms)
    """
)
# Where the bytes lie now, if anywhere: the file that brought them may hold others by now.
_ROWS = """
    SELECT video.video_id, coalesce(held.address, video.address) AS address, video.split, clip.start_ms, clip.end_ms,
           encode(video.sha256, 'hex') AS sha256
    FROM arrival_video AS video
    JOIN arrival_clip AS clip USING (dataset, sha256)
    LEFT JOIN LATERAL (
        SELECT address FROM arrival
        WHERE arrival.dataset = video.dataset AND arrival.sha256 = video.sha256 AND starts_with(arrival.address, :root)
        ORDER BY arrival.address <> video.address, arrival.address LIMIT 1
    ) AS held ON true
    WHERE video.dataset = :dataset AND starts_with(coalesce(held.address, video.address), :root)
      AND NOT EXISTS (SELECT FROM tombstone WHERE tombstone.video = video.sha256)
"""
_OF_NIGHT = " AND video.night = :night"
_UNBUILT = """
      AND NOT EXISTS (
          SELECT FROM build_row AS seen JOIN build ON build.seq = seen.build_seq
          WHERE build.dataset = video.dataset AND build.state <> 'dropped' AND seen.sha256 = video.sha256
            AND (seen.start_ms, seen.end_ms) = (clip.start_ms, clip.end_ms)
      )
"""
_ORDER = " ORDER BY video.number, clip.start_ms"


class Arrivals:
    """What has arrived for datasets. Each call is one transaction and may be repeated; of two at once, one registers a video."""

    def __init__(self, ledger: Ledger) -> None:
        self._database = database_of(ledger)

    def known(self, dataset: str, root: str) -> dict[str, KnownArrival]:
        """Every file below a root as it was last seen, by address."""

        def read(connection: Connection) -> dict[str, KnownArrival]:
            rows = connection.execute(_KNOWN, {"dataset": dataset, "root": _below(root)}).mappings()
            return {row["address"]: KnownArrival(**row) for row in rows}

        return self._database.transaction(read)

    def register(self, dataset: str, found: FoundVideo) -> Registered:
        """Make a video known to a dataset, unless its bytes are or it was withdrawn."""
        return self._database.transaction(lambda connection: _register(connection, dataset, found))

    def refuse(self, dataset: str, refused: NotVideo) -> None:
        """Note a file that brings no video."""
        values = {"state": "waiting" if refused.waiting else "refused", "sha256": refused.sha256}
        values |= {"reason": refused.reason, "message": refused.message}
        self._database.transaction(lambda connection: connection.execute(_KEEP, {**_file(dataset, refused), **values}))

    def rows(self, dataset: str, root: str, *, night: date | None, unbuilt: bool, first_row: int) -> list[ManifestRow]:
        """The clips that arrived below a root, as rows numbered from `first_row`: of a night, or all; `unbuilt` ones alone.

        Those of a withdrawn video are none any more.
        """
        statement = text(_ROWS + (_OF_NIGHT if night else "") + (_UNBUILT if unbuilt else "") + _ORDER)
        values = {"dataset": dataset, "root": _below(root), **({"night": night} if night else {})}

        def read(connection: Connection) -> list[dict[str, Any]]:
            connection.execute(_LOCK, {"dataset": dataset})
            return [dict(row) for row in connection.execute(statement, values).mappings()]

        rows = self._database.transaction(read)
        return [_row(number, row, root) for number, row in enumerate(rows, first_row)]


def _register(connection: Connection, dataset: str, found: FoundVideo) -> Registered:
    connection.execute(_LOCK, {"dataset": dataset})
    values = {"dataset": dataset, "sha256": found.sha256, "video_id": found.video_id}
    if connection.execute(_IS_WITHDRAWN, values).scalar_one():
        message = "It is a video that was withdrawn; take the file out of the source."
        _keep(connection, dataset, found, "refused", WITHDRAWN, message)
        return Registered(outcome="withdrawn", video_id=found.video_id, night=None)
    if (known := connection.execute(_VIDEO, values).one_or_none()) is not None:
        brought_it = known.address == found.file.address
        _keep(connection, dataset, found, "registered" if brought_it else "duplicate", None, None)
        return Registered(outcome="known" if brought_it else "duplicate", video_id=known.video_id, night=known.night)
    if connection.execute(_NAME_IS_TAKEN, values).scalar_one():
        values["video_id"] = f"{found.video_id[:190]}~{found.sha256[:8]}"
    about = {"address": found.file.address, "split": found.split, "duration_ms": found.duration_ms}
    night = connection.execute(_REGISTER, {**values, **about}).scalar_one()
    starts, ends = ([window[side] for window in found.clips] for side in (0, 1))
    connection.execute(_CLIPS, {**values, "starts": starts, "ends": ends})
    _keep(connection, dataset, found, "registered", None, None)
    return Registered(outcome="new", video_id=values["video_id"], night=night)


def _keep(connection: Connection, dataset: str, found: FoundVideo, state: str, reason: str | None, message: str | None) -> None:
    values = {"state": state, "sha256": found.sha256, "reason": reason, "message": message}
    connection.execute(_KEEP, {**_file(dataset, found), **values})


def _file(dataset: str, found: FoundVideo | NotVideo) -> dict[str, Any]:
    file = found.file
    return {"dataset": dataset, "address": file.address, "stamp": file.stamp, "size_bytes": file.size_bytes}


def _row(number: int, row: Mapping[str, Any], root: str) -> ManifestRow:
    uri = str(row["address"]).removeprefix(_below(root))
    names = ("video_id", "split", "start_ms", "end_ms", "sha256")
    return ManifestRow(row=number, uri=uri, **{name: row[name] for name in names})


def _below(root: str) -> str:
    return root.rstrip("/") + "/"
