"""The port of source videos: the files below a folder or an S3 prefix, read whole or by range."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple, Protocol

from egoetl.core.records import Record, Sha256

Tell = Callable[[int], object]
"""Is told of so many more bytes that were read."""


class FileSize(Protocol):
    """What `MediaFile.stat` says."""

    @property
    def st_size(self) -> int:
        """Bytes."""
        ...


class MediaFile(Protocol):
    """A file to decode: a local `Path`, or one of which only what is read comes here. Its text names it for a person."""

    def is_file(self) -> bool:
        """Whether it is there."""
        ...

    def stat(self) -> FileSize:
        """Its size."""
        ...

    def open(self, mode: Literal["rb"], /) -> BinaryIO:
        """Its bytes, from any position."""
        ...


class SourceFile(Record):
    """A file as it lies in its source now. `stamp` differs when its bytes do: S3's ETag, or a folder's time of change.

    `path` counts from the source's root, `address` names the file anywhere.
    """

    path: str
    address: str
    size_bytes: int
    stamp: str
    age_seconds: float


class SourceDigest(Record):
    """What the bytes at an address were when somebody read them all."""

    address: str
    stamp: str
    size_bytes: int
    sha256: Sha256

    def is_of(self, file: SourceFile) -> bool:
        """Whether the file has not changed since."""
        return (self.address, self.stamp, self.size_bytes) == (file.address, file.stamp, file.size_bytes)


class Whole(NamedTuple):
    """A local file with all bytes, and their sha256."""

    file: Path
    sha256: str


class SourceRoot(Protocol):
    """The files below a folder or a prefix. Threads may share it.

    Its calls raise DataError `video_unreadable` for a file that may not be read, `video_changed` for one that is replaced while it
    is read, and TryAgainError `source_away`.
    """

    @property
    def address(self) -> str:
        """The root: an absolute folder, or s3://bucket/prefix."""
        ...

    @property
    def remote(self) -> bool:
        """Whether reading costs requests, so that stamps are believed where the bytes were read before."""
        ...

    def check(self) -> None:
        """Raises CallerError `no_videos_folder` where nothing is, and ConfigError for a bucket that is not there or refuses."""
        ...

    def look(self, path: str) -> SourceFile | None:
        """The file at a path below the root, or None."""
        ...

    def files(self) -> Iterable[SourceFile]:
        """All files below the root, by path."""
        ...

    def digest(self, file: SourceFile, tell: Tell) -> str:
        """Read all bytes and return their sha256; nothing of them is kept."""
        ...

    def whole(self, file: SourceFile) -> AbstractContextManager[Whole]:
        """All bytes as a local file, which stays while the context lasts."""
        ...

    def ranged(self, file: SourceFile) -> AbstractContextManager[MediaFile]:
        """The file, of which only what is read is fetched."""
        ...
