"""A store on S3: objects below a prefix of a bucket, under the same paths as in a folder."""

import hashlib
import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from egoetl.core.errors import DataError
from egoetl.core.ports import FirstWrites, Kept
from egoetl.core.records import Artifact
from egoetl.core.settings import Settings
from egoetl.storage.file_cache import FileCache
from egoetl.storage.names import checked_path, content_path, is_content_name, is_path
from egoetl.storage.s3_bucket import S3Bucket
from egoetl.storage.s3_create import HIDDEN, CreateOnly
from egoetl.storage.s3_multipart import abort, unfinished_uploads, upload_in_parts

_YOUNG_SECONDS = 3600.0
"""Garbage collection must not take an old orphan that a commit is about to refer to: what is older is written again."""


class S3Store:
    """Implements `core.ports.Store` below `s3://bucket/prefix`; nothing outside the prefix is asked for.

    Every call waits for a server that is away, then raises TryAgainError `store_away`.
    """

    def __init__(self, bucket: S3Bucket, cache: FileCache, first_writes: Callable[[], FirstWrites], *, part_bytes: int) -> None:
        self.bucket = bucket
        self._cache = cache
        self._creating = CreateOnly(bucket, first_writes)
        self._part_bytes = part_bytes

    @classmethod
    def open(cls, settings: Settings, first_writes: Callable[[], FirstWrites]) -> "S3Store":
        """The store that the settings name; asks nothing yet. Raises ConfigError `store_url_invalid`."""
        cache = FileCache(settings.cache, round(settings.cache_gigabytes * 1e9))
        return cls(S3Bucket.open(settings, settings.store()), cache, first_writes, part_bytes=settings.s3_part_megabytes << 20)

    @property
    def creates_by_server(self) -> bool:
        """Whether the server's own conditional writes decide who creates a path, or else claims in the lineage database."""
        return self._creating.by_server

    def keeps_versions(self) -> bool:
        """Whether the bucket keeps old versions of what is deleted. Raises ConfigError `store_access_denied`."""
        return self.bucket.is_versioned()

    def put_bytes(self, prefix: str, data: bytes, *, suffix: str, media_type: str) -> Artifact:
        """Keep `data` under its content's name. Raises DataError `path_escapes_root` or `artifact_corrupt`."""
        artifact = _artifact(prefix, hashlib.sha256(data).hexdigest(), len(data), suffix, media_type)
        if not self._kept(artifact):
            self._upload(artifact, io.BytesIO(data))
        return artifact

    def put_file(self, prefix: str, file: Path, *, suffix: str, media_type: str) -> Artifact:
        """Keep a copy of `file` the same way, and in the cache: stages that come read it. Raises as `put_bytes` does."""
        artifact = self._put_file(prefix, file, suffix, media_type)
        self._cache.get(_cached_name(artifact), artifact.size_bytes, lambda out: _copy(file, out, artifact))
        return artifact

    def create(self, path: str, data: bytes) -> bool:
        """Write `path` if nothing is there yet. Raises DataError `path_escapes_root`."""
        return self._creating.create(checked_path(path), data)

    def read(self, path: str) -> bytes:
        """The bytes at `path`. Raises DataError `artifact_missing` or `path_escapes_root`."""
        return self.bucket.get(self._key(path))

    def read_range(self, path: str, start: int, length: int) -> bytes:
        """The bytes [start, start + length) of `path`. Raises as `read` does."""
        return self.bucket.get_range(self._key(path), start, length)

    def sha256(self, path: str) -> str:
        """The sha256 of the bytes in the bucket, whatever the cache holds. Raises as `read` does."""
        out = _Digest()
        self.bucket.download(self._key(path), out)
        return out.hexdigest()

    def local(self, artifact: Artifact) -> Path:
        """A cached file, whose sha256 was checked when it was read. Raises DataError `artifact_missing` or `artifact_corrupt`."""
        return self._cache.get(_cached_name(artifact), artifact.size_bytes, lambda out: self._download(artifact, out))

    def exists(self, path: str) -> bool:
        """Whether `path` is there, whole."""
        return self.bucket.head(self._key(path)) is not None

    def paths(self, prefix: str = "") -> Iterator[str]:
        """All paths in the folder `prefix`, in the order of their text."""
        return (each.path for each in self.listing(prefix))

    def listing(self, prefix: str = "") -> Iterator[Kept]:
        """What `paths` lists, with ages by the server's clock."""
        base = self._key(prefix.rstrip("/")) + "/" if prefix else self.bucket.address.base
        for each in self.bucket.listing(base):
            path = self.bucket.address.path(each.key)
            if is_path(path):  # what others have put there under other names is theirs
                yield Kept(path=path, size_bytes=each.size_bytes, age_seconds=each.age_seconds)

    def unfinished(self, older_than_seconds: float, *, discard: bool) -> list[str]:
        """Uploads in parts that were never completed, and probes of writers who were killed."""
        uploads = [each for each in unfinished_uploads(self.bucket) if each.age_seconds > older_than_seconds]
        probes = [each for each in self.bucket.listing(self.bucket.address.key(f"{HIDDEN}/")) if each.age_seconds > older_than_seconds]
        if discard:
            for upload in uploads:
                abort(self.bucket, upload.key, upload.upload_id)
            for probe in probes:
                self.bucket.delete(probe.key)
        names = [f"{self.bucket.address.path(each.key)} (upload {each.upload_id})" for each in uploads]
        return sorted([*names, *(self.bucket.address.path(each.key) for each in probes)])

    def delete(self, path: str) -> None:
        """Remove a path, from this machine's cache too; absent is fine."""
        self.bucket.delete(self._key(path))
        if not is_content_name(path):
            self._creating.forget(path)
        self._cache.forget(PurePosixPath(path).name)

    def url(self, path: str) -> str:
        """`s3://bucket/prefix/...`"""
        return self.bucket.address.url(checked_path(path))

    def link(self, path: str, seconds: int) -> str:
        """A presigned address. Raises DataError `artifact_missing`."""
        if not self.exists(path):
            raise self.bucket.missing(self._key(path))
        return self.bucket.link(self._key(path), seconds)

    def _key(self, path: str) -> str:
        return self.bucket.address.key(checked_path(path))

    def _kept(self, artifact: Artifact) -> bool:
        """Whether the artifact is there and young. Raises DataError `artifact_corrupt` for an object of another size."""
        held = self.bucket.head(self._key(artifact.path))
        if held is not None and held.size_bytes != artifact.size_bytes:
            raise self._corrupt(artifact, f"has {held.size_bytes} bytes instead of {artifact.size_bytes}")
        return held is not None and held.age_seconds < _YOUNG_SECONDS

    def _put_file(self, prefix: str, file: Path, suffix: str, media_type: str) -> Artifact:
        with file.open("rb") as source:
            data = source.read(self._part_bytes + 1)
            if len(data) <= self._part_bytes:
                return self.put_bytes(prefix, data, suffix=suffix, media_type=media_type)
            source.seek(0)
            sha256 = hashlib.file_digest(source, "sha256").hexdigest()
            artifact = _artifact(prefix, sha256, source.tell(), suffix, media_type)
            if not self._kept(artifact):
                source.seek(0)
                self._upload(artifact, source)
        return artifact

    def _upload(self, artifact: Artifact, source: IO[bytes]) -> None:
        if artifact.size_bytes > self._part_bytes:
            upload_in_parts(self.bucket, artifact, source, part_bytes=self._part_bytes)
        else:
            self.bucket.put(self._key(artifact.path), source.read(), media_type=artifact.media_type)

    def _download(self, artifact: Artifact, out: IO[bytes]) -> None:
        self.bucket.download(self._key(artifact.path), out)
        if not _holds(out, artifact):
            raise self._corrupt(artifact, "holds other bytes")

    def _corrupt(self, artifact: Artifact, what: str) -> DataError:
        return DataError(
            f"{self.bucket.address.url(artifact.path)} {what}: it was changed; `egoetl store check --repair` has it made again.",
            reason="artifact_corrupt",
        )


class _Digest:
    """Takes bytes and keeps their sha256."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self._size = 0

    def write(self, data: bytes, /) -> int:
        self._sha256.update(data)
        self._size += len(data)
        return len(data)

    def tell(self) -> int:
        return self._size

    def hexdigest(self) -> str:
        return self._sha256.hexdigest()


def _artifact(prefix: str, sha256: str, size_bytes: int, suffix: str, media_type: str) -> Artifact:
    return Artifact(sha256=sha256, size_bytes=size_bytes, path=content_path(prefix, sha256, suffix), media_type=media_type)


def _cached_name(artifact: Artifact) -> str:
    return PurePosixPath(artifact.path).name


def _copy(file: Path, out: IO[bytes], artifact: Artifact) -> None:
    with file.open("rb") as source:
        shutil.copyfileobj(source, out)
    if not _holds(out, artifact):
        raise DataError(f"{file} changed while it was kept as {artifact.path}; keep it again when it is whole.", reason="file_changed")


def _holds(file: IO[bytes], artifact: Artifact) -> bool:
    """Whether an open file has the artifact's bytes."""
    file.seek(0)
    sha256 = hashlib.sha256()
    while block := file.read(1 << 20):
        sha256.update(block)
    return sha256.hexdigest() == artifact.sha256
