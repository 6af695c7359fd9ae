"""Source videos in a local folder."""

import hashlib
import os
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from egoetl.algorithms.digest import sha256_of_file
from egoetl.core.errors import CallerError, DataError
from egoetl.core.sources import SourceFile, Tell, Whole

BLOCK = 1 << 20


class FolderRoot:
    """Implements `core.sources.SourceRoot`. Links inside the folder are followed to files: its owner made them, no manifest can."""

    remote = False

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()

    @property
    def address(self) -> str:
        """The folder."""
        return str(self._root)

    def check(self) -> None:
        """Raises CallerError `no_videos_folder`."""
        if not self._root.is_dir():
            raise CallerError(
                f"Videos folder {self._root} does not exist; name the folder, or s3://bucket/prefix, that holds the videos.",
                reason="no_videos_folder",
            )

    def look(self, path: str) -> SourceFile | None:
        """The file at a path."""
        file = self._root / path
        try:
            return self._described(path, file) if file.is_file() else None
        except OSError as error:
            raise unreadable(path, error) from error

    def files(self) -> Iterator[SourceFile]:
        """All files, by path; one that is deleted meanwhile is left out. What is no text in a name is shown as U+FFFD."""
        for path in sorted(self._paths()):
            with suppress(FileNotFoundError):
                yield self._described(path.encode(errors="surrogateescape").decode(errors="replace"), self._root / path)

    def digest(self, file: SourceFile, tell: Tell) -> str:
        """Read the file. Raises DataError `video_changed` where its size or time of change is another afterwards."""
        digest = hashlib.sha256()
        try:
            with (self._root / file.path).open("rb") as stream:
                while block := stream.read(BLOCK):
                    digest.update(block)
                    tell(len(block))
        except OSError as error:
            raise unreadable(file.path, error) from error
        now = self.look(file.path)
        if now is None or (now.stamp, now.size_bytes) != (file.stamp, file.size_bytes):
            raise DataError(f"{file.address} changed while it was read; wait until it is written.", reason="video_changed")
        return digest.hexdigest()

    @contextmanager
    def whole(self, file: SourceFile) -> Generator[Whole]:
        """The file itself."""
        path = self._root / file.path
        try:
            sha256 = sha256_of_file(path)
        except OSError as error:
            raise unreadable(file.path, error) from error
        yield Whole(path, sha256)

    @contextmanager
    def ranged(self, file: SourceFile) -> Generator[Path]:
        """The file itself."""
        yield self._root / file.path

    def _paths(self) -> Iterator[str]:
        def refuse(error: OSError) -> None:
            raise unreadable(str(error.filename), error) from error

        for folder, _, names in os.walk(self._root, onerror=refuse):
            yield from (Path(folder, name).relative_to(self._root).as_posix() for name in names)

    def _described(self, path: str, file: Path) -> SourceFile:
        found = file.stat()
        age = max(0.0, time.time() - found.st_mtime)
        address = f"{self._root}/{path}"
        return SourceFile(path=path, address=address, size_bytes=found.st_size, stamp=str(found.st_mtime_ns), age_seconds=age)


def unreadable(path: str, error: OSError) -> DataError:
    """The error of a video whose file the system does not let us read."""
    what = error.strerror or type(error).__name__
    return DataError(f"{path[:200]!r} cannot be read: {what}; mend the file or its permissions.", reason="video_unreadable")
