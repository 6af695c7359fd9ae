"""Writing a path once: by the server's conditional writes, or, where it has none, by asking who came first."""

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

from egoetl.core.errors import TryAgainError
from egoetl.core.ports import FirstWrites
from egoetl.storage.s3_bucket import S3Bucket

HIDDEN = ".egoetl"
"""Below the store's prefix: what is no path of the store."""
_PROBE = f"{HIDDEN}/probe"
_MEDIA_TYPE = "application/octet-stream"
_WRITER = "egoetl-writer"
_PROBES = 8
_POLL_SECONDS = 0.2
_LEAST_VOID_SECONDS = 3600.0
"""No write that a live worker has begun takes so long."""


class CreateOnly:
    """Writes objects that must not be there yet."""

    def __init__(self, bucket: S3Bucket, first_writes: Callable[[], FirstWrites]) -> None:
        self._bucket = bucket
        self._first_writes = first_writes
        self._probing = threading.Lock()

    @property
    def by_server(self) -> bool:
        """Whether the server itself sees to it; tried once, when first needed."""
        with self._probing:
            return self._probed

    def create(self, path: str, data: bytes) -> bool:
        """Write a path if nothing is there. True if this call wrote it."""
        if self._bucket.head(self._bucket.address.key(path)) is not None:
            return False
        return self._by_server(path, data) if self.by_server else self._by_claim(path, data)

    def forget(self, path: str) -> None:
        """Let a path that was deleted be written with other bytes."""
        if not self.by_server:
            self._first_writes().forget(self._bucket.address.url(path))

    @cached_property
    def _probed(self) -> bool:
        """Let several write one object at once: a server that looks, and looks in one step, lets one through."""
        key = self._bucket.address.key(f"{_PROBE}/{secrets.token_hex(8)}")
        try:
            with ThreadPoolExecutor(_PROBES) as pool:
                writes = [pool.submit(self._bucket.put_new, key, b"%d" % number, media_type=_MEDIA_TYPE) for number in range(_PROBES)]
            # None, if the answer to the first was lost and the write repeated.
            return sum(write.result() for write in writes) <= 1
        finally:
            self._bucket.delete(key)

    def _by_server(self, path: str, data: bytes) -> bool:
        key, writer = self._bucket.address.key(path), secrets.token_hex(16)
        if self._bucket.put_new(key, data, media_type=_MEDIA_TYPE, metadata={_WRITER: writer}):
            return True
        # The answer to our own write may have been lost, and the write repeated.
        held = self._bucket.head(key)
        return held is not None and held.metadata.get(_WRITER) == writer

    def _by_claim(self, path: str, data: bytes) -> bool:
        """Only bytes that the claim names are ever written, so that a writer thought dead does no harm when it wakes."""
        key, url, sha256 = self._bucket.address.key(path), self._bucket.address.url(path), hashlib.sha256(data).hexdigest()
        first = self._first_writes().claim(url, sha256)
        if first.sha256 == sha256:
            if self._bucket.head(key) is not None:
                return False
            self._bucket.put(key, data, media_type=_MEDIA_TYPE)
            return first.mine
        if self._appears(key):
            return False
        void = max(_LEAST_VOID_SECONDS, 4 * self._bucket.patience.seconds)
        if self._first_writes().claim(url, sha256, void_after_seconds=void).mine and self._bucket.head(key) is None:
            self._bucket.put(key, data, media_type=_MEDIA_TYPE)
            return True
        raise TryAgainError(f"Another worker is writing {url}; run the same command again.", reason="path_claimed")

    def _appears(self, key: str) -> bool:
        """Whether the object comes while patience lasts."""
        deadline = time.monotonic() + self._bucket.patience.seconds
        while self._bucket.head(key) is None:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True
