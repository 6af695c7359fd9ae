"""Take a video out of lineage: in one transaction, while no worker is at anything.

What is left in the builds that had it: its manifest rows as refused ones without a name, so that a build still accounts for
every line, and its attempts and replies without unit and words, so that a build still knows what its models cost and how they did.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.engine import Connection

from egoetl.core.errors import TryAgainError
from egoetl.core.ledger import Ledger
from egoetl.core.records import Artifact, Record
from egoetl.lineage import leases, versions
from egoetl.lineage.builds import NO_SHARD
from egoetl.lineage.database import Database
from egoetl.lineage.reports import database_of
from egoetl.lineage.tombstones import Tombstone, tombstone
from egoetl.lineage.video_names import find_video
from egoetl.lineage.withdrawal_survey import ROWS_GO, UNITS_GO, HoldingVersion, PartRows, Survey, holding_versions, survey

REASON = "video_withdrawn"
T = TypeVar("T")

_KEYS_AT = text("SELECT encode(key, 'hex') FROM result WHERE part_id = :part_id AND part_row = :part_row ORDER BY key")

_FORGET = (
    f"UPDATE attempt SET unit_id = '', message = NULL WHERE {UNITS_GO} OR {ROWS_GO}",  # noqa: S608 - constants of ours
    f"""
    UPDATE reply SET unit_id = '', reply_part_id = NULL, part_row = NULL, request = NULL WHERE {UNITS_GO} OR {ROWS_GO}
    """,  # noqa: S608 - constants of ours
    f"DELETE FROM build_unit WHERE unit_kind <> 'row' AND {UNITS_GO} OR stage <> 'register' AND {ROWS_GO}",  # noqa: S608 - constants
    f"""
    UPDATE build_unit
    SET shard = :no_shard, state = 'failed', computed = false, key = NULL, clip_id = NULL, reason = :refusal, error_class = 'data',
        message = NULL
    WHERE {ROWS_GO}
    """,  # noqa: S608 - constants
    "DELETE FROM clip_pairs WHERE clip_id IN (SELECT clip_id FROM going_clip)",
    """
    DELETE FROM registered_row AS known USING going_row JOIN build_row AS seen USING (build_seq, row_no)
    WHERE known.video_id = seen.video_id AND NOT EXISTS (
        SELECT FROM build_row AS other JOIN build ON build.seq = other.build_seq
        WHERE build.dataset = known.dataset AND other.video_id = known.video_id
          AND (other.start_ms, other.end_ms) = (known.start_ms, known.end_ms)
          AND NOT EXISTS (SELECT FROM going_row AS going WHERE (going.build_seq, going.row_no) = (other.build_seq, other.row_no))
    )
    """,
    """
    UPDATE build_row AS seen
    SET video_id = '', uri = NULL, split = NULL, narrations = NULL, sha256 = NULL, clip_id = NULL, shard = NULL, start_ms = NULL,
        end_ms = NULL, reason = :refusal, message = NULL
    FROM going_row WHERE (seen.build_seq, seen.row_no) = (going_row.build_seq, going_row.row_no)
    """,
    "DELETE FROM version_left_out WHERE qa_id IN (SELECT qa_id FROM going_pair)",
    "DELETE FROM superseded_result WHERE clip_id IN (SELECT clip_id FROM going_clip)",
    "DELETE FROM key_claim WHERE key IN (SELECT key FROM going_result)",
    "DELETE FROM edge WHERE child IN (SELECT key FROM going_result)",
    "DELETE FROM artifact WHERE result IN (SELECT key FROM going_result)",
    "DELETE FROM result WHERE key IN (SELECT key FROM going_result)",
    "DELETE FROM qa_pair WHERE qa_id IN (SELECT qa_id FROM going_pair)",
    "DELETE FROM segment WHERE clip_id IN (SELECT clip_id FROM going_clip)",
    "DELETE FROM clip WHERE clip_id IN (SELECT clip_id FROM going_clip)",
    "DELETE FROM video WHERE sha256 = decode(:video, 'hex')",
    # The files stay known, so that they are not read again for as long as they lie there.
    "UPDATE arrival SET state = 'refused', reason = :refusal, message = NULL WHERE sha256 = decode(:video, 'hex')",
    "DELETE FROM arrival_video WHERE sha256 = decode(:video, 'hex')",
)
_BURY = text(
    """
    INSERT INTO tombstone (video, video_ids, qa_ids, withdrawn_by, reason)
    SELECT decode(:video, 'hex'), CAST(:video_ids AS text[]),
           ARRAY(SELECT qa_id FROM going_pair ORDER BY qa_id), :by, :why
    """
)
_SAME_BYTES = text("SELECT id FROM part WHERE sha256 = decode(:sha256, 'hex') AND id <> :part_id")
_REWRITE = text("UPDATE part SET sha256 = decode(:sha256, 'hex'), path = :path, size_bytes = :size_bytes WHERE id = :part_id")
_REWRITE_REPLIES = text("UPDATE reply_part SET sha256 = decode(:sha256, 'hex'), path = :path, size_bytes = :size_bytes WHERE id = :part_id")
_DOOM = text("INSERT INTO doomed_file (path) SELECT unnest(CAST(:paths AS text[])) ON CONFLICT DO NOTHING")


class Rewritten(Record):
    """Part files without a video's records, by the id of the part whose place each takes: of results and of replies."""

    results: dict[int, Artifact]
    replies: dict[int, Artifact]


class Leftovers(Record):
    """What the store may hold without need: `doomed` paths were taken out of lineage, `known` and below `versions` are needed."""

    doomed: frozenset[str]
    known: frozenset[str]
    versions: frozenset[str]


class Withdrawals:
    """Withdrawing videos; each call is one transaction."""

    def __init__(self, ledger: Ledger | Database) -> None:
        self._database = database_of(ledger)

    def find(self, name: str) -> tuple[str, bool]:
        """The sha256 of the video that a manifest id or a sha256 names, and whether it is withdrawn already.

        Raises CallerError `video_unknown` or `video_ambiguous`.
        """
        return self._database.transaction(lambda connection: find_video(connection, name))

    def survey(self, video: str) -> tuple[Survey, tuple[HoldingVersion, ...]]:
        """What there is of a registered video, and which versions hold pairs about it."""

        def look(connection: Connection) -> tuple[Survey, tuple[HoldingVersion, ...]]:
            found = survey(connection, video)
            return found, holding_versions(connection, connection.execute(text("SELECT qa_id FROM going_pair")).scalars().all())

        return self._database.transaction(look, unhurried=True)

    def keys_at(self, part_id: int, part_row: int) -> list[str]:
        """The results whose record lies there."""
        values = {"part_id": part_id, "part_row": part_row}
        return self._database.transaction(lambda connection: list(connection.execute(_KEYS_AT, values).scalars()), unhurried=True)

    def forget(self, found: Survey, rewritten: Rewritten, heirs: Mapping[str, str], *, by: str, why: str | None) -> bool:
        """Take the video out of lineage and leave a tombstone; False, and nothing changed, if the survey no longer holds.

        Args:
            found: what is to go.
            rewritten: the part files without the video's records, for each part that stays.
            heirs: sha256 of each file that stays to the result of another video that points to it.
            by: who withdraws it.
            why: the reason in words.

        Raises:
            TryAgainError: a worker is at a build (`builds_running`).
        """
        return self._database.transaction(lambda connection: _forget(connection, found, rewritten, heirs, by, why), unhurried=True)

    def clean(self, delete: Callable[[Leftovers], T]) -> T:
        """Have the files deleted that purges took out of lineage, while no worker is at anything.

        `delete` may be called again after a lost connection. Raises TryAgainError `builds_running`.
        """
        return self._database.transaction(lambda connection: _clean(connection, delete), unhurried=True)

    def check_nobody_works(self) -> None:
        """Raises TryAgainError `builds_running` if a worker is at a build, or a version is being published."""
        self._database.transaction(wait_for_nobody)

    def tombstone(self, video: str) -> Tombstone:
        """What is kept of a withdrawn video."""
        return self._database.transaction(lambda connection: tombstone(connection, video))


def wait_for_nobody(connection: Connection) -> None:
    """Keep workers and publishers from beginning until the transaction ends. Raises TryAgainError `builds_running`."""
    if not versions.is_nobody_publishing(connection):
        raise TryAgainError("A version is being published; wait until it is, then run the same command again.", reason="builds_running")
    connection.exec_driver_sql("LOCK TABLE shard_lease IN SHARE ROW EXCLUSIVE MODE")
    holders = leases.holders(connection)
    gone = [each for each in holders if each.process.is_gone()]
    leases.end(connection, gone)
    if alive := [each for each in holders if each not in gone]:
        raise TryAgainError(
            f"A worker is at a build: {alive[0]}; wait until it ends or cancel it (`egoetl build cancel {alive[0].build}`), "
            "then run the same command again.",
            reason="builds_running",
        )


def _forget(connection: Connection, found: Survey, rewritten: Rewritten, heirs: Mapping[str, str], by: str, why: str | None) -> bool:
    wait_for_nobody(connection)
    if survey(connection, found.video) != found:
        return False
    for sha256, key in heirs.items():
        connection.execute(
            text("UPDATE artifact SET result = decode(:key, 'hex') WHERE sha256 = decode(:sha256, 'hex')"), {"key": key, "sha256": sha256}
        )
    connection.execute(_BURY, {"video": found.video, "video_ids": list(found.video_ids), "by": by, "why": why})
    values = {"video": found.video, "no_shard": NO_SHARD, "refusal": REASON}
    for statement in _FORGET:
        connection.execute(text(statement), values)
    _change_parts(connection, found, rewritten.results)
    _change_reply_parts(connection, found, rewritten.replies)
    doomed = [each.path for each in found.files if each.sha256 not in heirs]
    doomed += _replaced(found.parts, rewritten.results) + _replaced(found.reply_parts, rewritten.replies)
    connection.execute(_DOOM, {"paths": doomed})
    return True


def _replaced(parts: Sequence[PartRows], rewritten: Mapping[int, Artifact]) -> list[str]:
    """The paths of parts of which nothing stays, and of those that are written anew."""
    return [each.path for each in parts if not each.stays or each.part_id in rewritten]


def _change_parts(connection: Connection, found: Survey, rewritten: Mapping[int, Artifact]) -> None:
    """Let the short ids of parts mean their new files; parts of which nothing stays go."""
    for each in found.parts:
        values = {"part_id": each.part_id}
        if not each.stays:
            connection.execute(text("DELETE FROM part WHERE id = :part_id"), values)
        elif (file := rewritten.get(each.part_id)) is not None:
            values |= {"sha256": file.sha256, "path": file.path, "size_bytes": file.size_bytes}
            if (other := connection.execute(_SAME_BYTES, values).scalar()) is None:
                connection.execute(_REWRITE, values)
            else:
                connection.execute(text("UPDATE result SET part_id = :other WHERE part_id = :part_id"), {**values, "other": other})
                connection.execute(text("DELETE FROM part WHERE id = :part_id"), values)


def _change_reply_parts(connection: Connection, found: Survey, rewritten: Mapping[int, Artifact]) -> None:
    """The same for parts of replies. Two of them may be equal, where builds have played back the same recording."""
    for each in found.reply_parts:
        if not each.stays:
            connection.execute(text("DELETE FROM reply_part WHERE id = :part_id"), {"part_id": each.part_id})
        elif (file := rewritten.get(each.part_id)) is not None:
            values = {"part_id": each.part_id, "sha256": file.sha256, "path": file.path, "size_bytes": file.size_bytes}
            connection.execute(_REWRITE_REPLIES, values)


def _clean(connection: Connection, delete: Callable[[Leftovers], T]) -> T:
    wait_for_nobody(connection)
    known = connection.execute(text("SELECT path FROM part UNION SELECT path FROM artifact UNION SELECT path FROM reply_part")).scalars()
    doomed = connection.execute(text("DELETE FROM doomed_file RETURNING path")).scalars()
    versions = connection.execute(text("SELECT path FROM dataset_version")).scalars()
    return delete(Leftovers(known=frozenset(known), doomed=frozenset(doomed), versions=frozenset(versions)))
