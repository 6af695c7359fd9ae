"""What is kept of withdrawn videos."""

from sqlalchemy import text
from sqlalchemy.engine import Connection

from egoetl.core.records import Record
from egoetl.lineage.withdrawal_survey import HoldingVersion, holding_versions

_TOMBSTONE = text("SELECT video_ids, qa_ids FROM tombstone WHERE video = decode(:video, 'hex')")


class Tombstone(Record):
    """A withdrawn video, and the versions that hold pairs about it: their bytes never change."""

    video: str
    video_ids: tuple[str, ...]
    versions: tuple[HoldingVersion, ...]


def withdrawn(connection: Connection) -> frozenset[str]:
    """The sha256 of every withdrawn video."""
    return frozenset(connection.execute(text("SELECT encode(video, 'hex') FROM tombstone")).scalars())


def tombstone(connection: Connection, video: str) -> Tombstone:
    """What is kept of a withdrawn video."""
    row = connection.execute(_TOMBSTONE, {"video": video}).one()
    return Tombstone(video=video, video_ids=tuple(row.video_ids), versions=holding_versions(connection, row.qa_ids))
