"""What an export reads of lineage."""

from egoetl.core.ledger import Pointer
from egoetl.core.records import Record, Sha256, Window


class SourceClip(Window):
    """A clip, and where its video was read from: a uri below a build's folder of videos."""

    clip_id: str
    video_sha256: Sha256
    videos: str
    uri: str


class BuildRow(Record):
    """A manifest row of a build and the clip it became; without a clip, `reason` and `message` say why.

    `start_ms` and `end_ms` are the row's own window, None for a row whose times could not be read.
    """

    row: int
    video_id: str
    uri: str | None
    split: str | None
    start_ms: int | None
    end_ms: int | None
    clip: SourceClip | None
    reason: str | None
    message: str | None


class StoredUnit(Record):
    """A unit of a stage and where its result's payload lies."""

    unit_id: str
    clip_id: str | None
    pointer: Pointer
