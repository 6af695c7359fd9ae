"""A store in memory."""

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

from egoetl.core.errors import DataError
from egoetl.core.ports import Kept
from egoetl.core.records import Artifact
from egoetl.storage.names import checked_path, content_path


class MemoryStore:
    """Implements `core.ports.Store`; `folder` receives the files that `local` hands out."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bytes: dict[str, bytes] = {}
        self._written: dict[str, float] = {}
        self._lock = Lock()

    def put_bytes(self, prefix: str, data: bytes, *, suffix: str, media_type: str) -> Artifact:
        sha256 = hashlib.sha256(data).hexdigest()
        path = content_path(prefix, sha256, suffix)
        self.create(path, data)
        if len(self._bytes[path]) != len(data):
            raise DataError(f"{path} was changed.", reason="artifact_corrupt")
        return Artifact(sha256=sha256, size_bytes=len(data), path=path, media_type=media_type)

    def put_file(self, prefix: str, file: Path, *, suffix: str, media_type: str) -> Artifact:
        return self.put_bytes(prefix, file.read_bytes(), suffix=suffix, media_type=media_type)

    def create(self, path: str, data: bytes) -> bool:
        with self._lock:
            if self.exists(path):
                return False
            self._bytes[path] = data
            self._written[path] = time.monotonic()
            return True

    def read(self, path: str) -> bytes:
        if not self.exists(path):
            raise DataError(f"{path} is not in the store.", reason="artifact_missing")
        return self._bytes[path]

    def read_range(self, path: str, start: int, length: int) -> bytes:
        return self.read(path)[start : start + length]

    def sha256(self, path: str) -> str:
        return hashlib.sha256(self.read(path)).hexdigest()

    def local(self, artifact: Artifact) -> Path:
        data = self.read(artifact.path)
        if len(data) != artifact.size_bytes:
            raise DataError(f"{artifact.path} was changed.", reason="artifact_corrupt")
        file = self._folder / artifact.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        return file

    def exists(self, path: str) -> bool:
        return checked_path(path) in self._bytes

    def paths(self, prefix: str = "") -> Iterator[str]:
        folder = checked_path(prefix.rstrip("/")) + "/" if prefix else ""
        yield from sorted(path for path in self._bytes if path.startswith(folder))

    def listing(self, prefix: str = "") -> Iterator[Kept]:
        for path in self.paths(prefix):
            yield Kept(path=path, size_bytes=len(self._bytes[path]), age_seconds=time.monotonic() - self._written[path])

    def unfinished(self, older_than_seconds: float, *, discard: bool) -> list[str]:
        """None: a write here is one step."""
        del older_than_seconds, discard
        return []

    def delete(self, path: str) -> None:
        self._bytes.pop(checked_path(path), None)

    def url(self, path: str) -> str:
        return f"memory:///{checked_path(path)}"

    def link(self, path: str, seconds: int) -> str:
        """The same as `url`: nobody else reads this memory."""
        del seconds
        self.read(path)
        return self.url(path)
