"""Videos that arrive: what passes between who finds them and the ledger."""

from datetime import date
from typing import Literal

from egoetl.core.records import Name, Record, Sha256
from egoetl.core.sources import SourceFile

ArrivalState = Literal["registered", "duplicate", "refused", "waiting"]
STILL_WRITTEN = "still_written"


class KnownArrival(Record):
    """A file as the ledger last saw it."""

    address: str
    stamp: str
    size_bytes: int
    state: ArrivalState
    sha256: Sha256 | None
    reason: str | None

    def is_of(self, file: SourceFile) -> bool:
        """Whether the file has not changed since."""
        return (self.stamp, self.size_bytes) == (file.stamp, file.size_bytes)


class NotVideo(Record):
    """A file that brings no video, and why; one that is `waiting` may bring one yet."""

    file: SourceFile
    reason: str
    message: str
    sha256: Sha256 | None = None

    @property
    def waiting(self) -> bool:
        """Whether it is looked at again though it does not change."""
        return self.reason == STILL_WRITTEN


class FoundVideo(Record):
    """A file that is a video, read and probed. `clips` are its windows in ms, `split` the one that its name decides on."""

    file: SourceFile
    sha256: Sha256
    video_id: Name
    split: Name
    duration_ms: int
    clips: tuple[tuple[int, int], ...]


class Registered(Record):
    """What became of a found video in a dataset: `new`, `known` from this very file, a `duplicate` of another one, or `withdrawn`."""

    outcome: Literal["new", "known", "duplicate", "withdrawn"]
    video_id: str
    night: date | None
