"""Source videos below an S3 prefix."""

import hashlib
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from egoetl.core.errors import CallerError
from egoetl.core.sources import MediaFile, SourceFile, Tell, Whole
from egoetl.storage.sources.blocks import BLOCK_BYTES, ObjectAt, RangedObject
from egoetl.storage.sources.cache import VideoCache, cache_full
from egoetl.storage.sources.objects import ObjectReader

SMALL_BYTES = 4 * BLOCK_BYTES
"""An object of so many bytes is fetched by one request rather than by range."""


class BucketRoot:
    """Implements `core.sources.SourceRoot`; `prefix` ends with a slash or is empty."""

    remote = True

    def __init__(self, reader: ObjectReader, prefix: str, cache: VideoCache) -> None:
        self._reader, self._prefix, self._cache = reader, prefix, cache

    @property
    def address(self) -> str:
        """s3://bucket/prefix, without a slash at its end."""
        return self._reader.address(self._prefix).rstrip("/")

    def check(self) -> None:
        """Raises CallerError `no_videos_folder` for a prefix without objects."""
        if next(self.files(), None) is None:
            raise CallerError(f"Nothing lies below {self.address}; name the prefix that holds the videos.", reason="no_videos_folder")

    def look(self, path: str) -> SourceFile | None:
        """The object at a path. Names are taken as they stand: `..` in a key is no way out of a prefix."""
        head = self._reader.head(self._prefix + path)
        return None if head is None else self._described(path, head, head["ContentLength"])

    def files(self) -> Iterator[SourceFile]:
        """All objects below the prefix, by key; those that end with a slash stand for folders and are left out."""
        for each in self._reader.listing(self._prefix):
            path = each["Key"].removeprefix(self._prefix)
            if path and not path.endswith("/"):
                yield self._described(path, each, each["Size"])

    def digest(self, file: SourceFile, tell: Tell) -> str:
        """Read all bytes as they come."""
        digest = hashlib.sha256()
        for chunk in self._chunks(file):
            digest.update(chunk)
            tell(len(chunk))
        return digest.hexdigest()

    @contextmanager
    def whole(self, file: SourceFile) -> Generator[Whole]:
        """All bytes, from the cache or fetched into it, the sha256 taken while they come."""
        with self._cache.entry(_name(file)) as entry:
            with self._cache.fetching(entry):
                if not (entry / "whole").exists():
                    self._fetch(file, entry)
            yield Whole(entry / "whole", (entry / "sha256").read_text(encoding="ascii"))

    @contextmanager
    def ranged(self, file: SourceFile) -> Generator[MediaFile]:
        """The object by range; where all its bytes are here already, or it is small, the local file."""
        with self._cache.entry(_name(file)) as entry:
            if (entry / "whole").exists():
                yield entry / "whole"
            elif file.size_bytes > SMALL_BYTES:
                yield RangedObject(self._reader, self._at(file), entry)
            else:
                with self.whole(file) as made:
                    yield made.file

    def _fetch(self, file: SourceFile, entry: Path) -> None:
        self._cache.make_room(file.size_bytes)
        digest, aside = hashlib.sha256(), entry / "whole.part"
        try:
            with aside.open("wb") as out:
                for chunk in self._chunks(file):
                    digest.update(chunk)
                    out.write(chunk)
        except OSError as error:
            aside.unlink(missing_ok=True)
            raise cache_full(file.address, error) from error
        (entry / "sha256").write_text(digest.hexdigest(), encoding="ascii")
        aside.rename(entry / "whole")
        for block in entry.glob("*.block"):
            block.unlink(missing_ok=True)

    def _chunks(self, file: SourceFile) -> Iterator[bytes]:
        at = self._at(file)
        return self._reader.chunks(at.key, at.etag, 0, at.size_bytes)

    def _at(self, file: SourceFile) -> ObjectAt:
        return ObjectAt(self._prefix + file.path, file.stamp, file.size_bytes)

    def _described(self, path: str, said: Mapping[str, Any], size_bytes: int) -> SourceFile:
        age = (datetime.now(UTC) - said["LastModified"]).total_seconds()
        address = self._reader.address(self._prefix + path)
        stamp = said["ETag"].strip('"')
        return SourceFile(path=path, address=address, size_bytes=size_bytes, stamp=stamp, age_seconds=max(0.0, age))


def _name(file: SourceFile) -> str:
    return f"{file.address}\n{file.stamp}\n{file.size_bytes}"
