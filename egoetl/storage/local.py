"""A store in a local folder: a file is written aside, flushed to disk, and linked under its name in one step."""

import errno
import hashlib
import os
import secrets
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from egoetl.core.errors import ConfigError, DataError
from egoetl.core.ports import Kept
from egoetl.core.records import Artifact
from egoetl.storage.names import checked_path, content_path

IN_PROGRESS = ".tmp"
READ_ONLY = 0o444
BLOCK = 1 << 20
NO_LINKS = {errno.EPERM, errno.ENOTSUP}


class LocalStore:
    """Implements `core.ports.Store` below `root`, which is made by the first write.

    A reader never sees a part of a file, of two writers of a path one wins, and what `create` or `put_*` has
    reported is on the disk. Files are read-only.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()

    def put_bytes(self, prefix: str, data: bytes, *, suffix: str, media_type: str) -> Artifact:
        """Keep `data` under its content's name. Raises DataError `path_escapes_root` or `artifact_corrupt`."""
        sha256 = hashlib.sha256(data).hexdigest()
        artifact = Artifact(sha256=sha256, size_bytes=len(data), path=content_path(prefix, sha256, suffix), media_type=media_type)
        if not self._kept(artifact):
            self.create(artifact.path, data)
        return artifact

    def put_file(self, prefix: str, file: Path, *, suffix: str, media_type: str) -> Artifact:
        """Keep a copy of `file` under its content's name; it is read once. Raises as `put_bytes` does."""
        with self._aside() as (temporary, out), file.open("rb") as source:
            sha256, size = _copy(source, out)
            artifact = Artifact(sha256=sha256, size_bytes=size, path=content_path(prefix, sha256, suffix), media_type=media_type)
            if not self._kept(artifact):
                self._link(temporary, out, self._file(artifact.path))
        return artifact

    def create(self, path: str, data: bytes) -> bool:
        """Write `path` if nothing is there yet. Raises DataError `path_escapes_root`."""
        file = self._file(path)
        if file.exists():
            return False
        with self._aside() as (temporary, out):
            out.write(data)
            return self._link(temporary, out, file)

    def read(self, path: str) -> bytes:
        """The bytes at `path`. Raises DataError `artifact_missing` or `path_escapes_root`."""
        file = self._file(path)
        if not file.is_file():
            raise self._missing(path)
        return file.read_bytes()

    def read_range(self, path: str, start: int, length: int) -> bytes:
        """The bytes [start, start + length) of `path`. Raises as `read` does."""
        file = self._file(path)
        if not file.is_file():
            raise self._missing(path)
        with file.open("rb") as stream:
            stream.seek(start)
            return stream.read(length)

    def sha256(self, path: str) -> str:
        """The sha256 of the bytes at `path`. Raises as `read` does."""
        file = self._file(path)
        if not file.is_file():
            raise self._missing(path)
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def local(self, artifact: Artifact) -> Path:
        """The file itself. Raises DataError `artifact_missing`, or `artifact_corrupt` if its size is wrong."""
        if not self._holds(artifact):
            raise self._missing(artifact.path)
        return self._file(artifact.path)

    def exists(self, path: str) -> bool:
        """Whether `path` is there, whole."""
        return self._file(path).is_file()

    def paths(self, prefix: str = "") -> Iterator[str]:
        """All paths in the folder `prefix`, in the order of their text."""
        top = self._file(prefix.rstrip("/")) if prefix else self._root
        found = [Path(folder, name) for folder, _, names in os.walk(top) for name in names]
        relative = (file.relative_to(self._root).as_posix() for file in found)
        yield from sorted(path for path in relative if not path.startswith(f"{IN_PROGRESS}/"))

    def delete(self, path: str) -> None:
        """Remove a path; absent is fine."""
        self._file(path).unlink(missing_ok=True)

    def url(self, path: str) -> str:
        """`file:///...`"""
        return self._file(path).as_uri()

    def link(self, path: str, seconds: int) -> str:  # noqa: ARG002 - a file's address does not end
        """The same as `url`. Raises DataError `artifact_missing`."""
        if not self.exists(path):
            raise self._missing(path)
        return self.url(path)

    def listing(self, prefix: str = "") -> Iterator[Kept]:
        """What `paths` lists; a file that is deleted meanwhile is left out."""
        now = time.time()
        for path in self.paths(prefix):
            with suppress(FileNotFoundError):
                found = self._file(path).stat()
                yield Kept(path=path, size_bytes=found.st_size, age_seconds=max(0.0, now - found.st_mtime))

    def unfinished(self, older_than_seconds: float, *, discard: bool) -> list[str]:
        """Files that writers who are gone left aside."""
        limit = time.time() - older_than_seconds
        found: list[str] = []
        for file in sorted((self._root / IN_PROGRESS).glob("*")):
            with suppress(FileNotFoundError):  # its writer has just finished
                if file.stat().st_mtime < limit:
                    found.append(f"{IN_PROGRESS}/{file.name}")
                    if discard:
                        file.unlink()
        return found

    def _file(self, path: str) -> Path:
        file = self._root / checked_path(path)
        if not file.resolve().is_relative_to(self._root.resolve()):
            raise DataError(f"{path!r} leads out of the store {self._root} through a link; remove the link.", reason="path_escapes_root")
        return file

    def _holds(self, artifact: Artifact) -> bool:
        """Whether the artifact is there. Raises DataError `artifact_corrupt` for a file of another size."""
        file = self._file(artifact.path)
        if not file.is_file():
            return False
        if file.stat().st_size != artifact.size_bytes:
            raise DataError(
                f"{file} has {file.stat().st_size} bytes instead of {artifact.size_bytes}: it was changed; delete it and build again.",
                reason="artifact_corrupt",
            )
        return True

    def _kept(self, artifact: Artifact) -> bool:
        """Whether the artifact is there and on the disk, even if its writer has not got so far."""
        if not self._holds(artifact):
            return False
        # Young again: garbage collection must not take an old orphan that a commit is about to refer to.
        os.utime(self._file(artifact.path))
        _flush_folder(self._file(artifact.path).parent)
        return True

    def _missing(self, path: str) -> DataError:
        return DataError(f"{path} is not in the store {self._root}; build it again.", reason="artifact_missing")

    @contextmanager
    def _aside(self) -> Generator[tuple[Path, IO[bytes]]]:
        """A file of this writer's own, on the same filesystem; gone afterwards."""
        folder = self._root / IN_PROGRESS
        _make_folder(folder)
        temporary = folder / f"{os.getpid()}-{secrets.token_hex(8)}"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, READ_ONLY)
        try:
            with os.fdopen(descriptor, "wb") as out:
                yield temporary, out
        finally:
            temporary.unlink(missing_ok=True)

    def _link(self, temporary: Path, out: IO[bytes], file: Path) -> bool:
        """Give the written file its name, if that is free."""
        out.flush()
        os.fsync(out.fileno())
        _make_folder(file.parent)
        try:
            os.link(temporary, file)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno in NO_LINKS:
                raise ConfigError(
                    f"The filesystem of {self._root} has no hard links, which a store needs; put it elsewhere.",
                    reason="store_without_links",
                ) from error
            raise
        _flush_folder(file.parent)
        return True


def _copy(source: IO[bytes], out: IO[bytes]) -> tuple[str, int]:
    """Copy all bytes; returns their sha256 and number."""
    digest, size = hashlib.sha256(), 0
    while block := source.read(BLOCK):
        digest.update(block)
        size += out.write(block)
    return digest.hexdigest(), size


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, each on the disk before the next."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _flush_folder(folder.parent)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
