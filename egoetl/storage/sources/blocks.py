"""An object read by range: blocks are fetched when something is read in them, once for all readers of the cache."""

import io
import secrets
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

from egoetl.storage.sources.cache import cache_full
from egoetl.storage.sources.objects import ObjectReader

BLOCK_BYTES = 1 << 20
MOST_AHEAD = 4
"""Blocks in one request, once a reader has shown that it reads on."""


class ObjectAt(NamedTuple):
    """An object as it was found."""

    key: str
    etag: str
    size_bytes: int


class _Size(NamedTuple):
    st_size: int


class RangedObject:
    """Implements `core.sources.MediaFile` with blocks in `folder`, an entry of the cache that the caller holds."""

    def __init__(self, reader: ObjectReader, at: ObjectAt, folder: Path) -> None:
        self._reader, self._at, self._folder = reader, at, folder

    def __str__(self) -> str:
        return self._reader.address(self._at.key)

    def is_file(self) -> bool:
        """It was there when it was found."""
        return True

    def stat(self) -> _Size:
        """Its size."""
        return _Size(self._at.size_bytes)

    def open(self, _mode: Literal["rb"] = "rb", /) -> BinaryIO:
        """Its bytes."""
        return io.BufferedReader(_BlockStream(self._reader, self._at, self._folder), 1 << 16)


class _BlockStream(io.RawIOBase):
    """Bytes of an object; a block is a file of the cache, whole or absent."""

    def __init__(self, reader: ObjectReader, at: ObjectAt, folder: Path) -> None:
        self._reader, self._at, self._folder = reader, at, folder
        self._position, self._ahead = 0, 1
        self._number, self._block = -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._at.size_bytes}[whence]
        if base + offset < 0:
            raise OSError(22, f"position {base + offset} of {self._at.key}")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # pyright: ignore[reportIncompatibleMethodOverride] - any buffer will do
        if self._position >= self._at.size_bytes:
            return 0
        number, within = divmod(self._position, BLOCK_BYTES)
        data = self._of(number)[within : within + len(buffer)]
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def _of(self, number: int) -> bytes:
        """A block. Reading on from block to block doubles what one request fetches; a jump begins with one block again."""
        if number == self._number:
            return self._block
        reads_on = number == self._number + 1 and self._number >= 0
        self._ahead = min(2 * self._ahead, MOST_AHEAD) if reads_on else 1
        self._number, self._block = number, self._kept(number) or self._fetched(number)
        return self._block

    def _kept(self, number: int) -> bytes | None:
        with suppress(FileNotFoundError):
            return self._file(number).read_bytes()
        return None

    def _fetched(self, number: int) -> bytes:
        """Fetch this block, and those after it that are not here, in one request."""
        last = number + 1
        while last < number + self._ahead and last * BLOCK_BYTES < self._at.size_bytes and not self._file(last).exists():
            last += 1
        begin, end = number * BLOCK_BYTES, min(last * BLOCK_BYTES, self._at.size_bytes)
        data = b"".join(self._reader.chunks(self._at.key, self._at.etag, begin, end))
        for each in range(number, last):
            offset = (each - number) * BLOCK_BYTES
            self._keep(each, data[offset : offset + BLOCK_BYTES])
        return data[:BLOCK_BYTES]

    def _keep(self, number: int, data: bytes) -> None:
        """Two readers that fetch the same block write the same bytes; the name appears when they are all there."""
        aside = self._folder / f"{number}.{secrets.token_hex(8)}.part"
        try:
            aside.write_bytes(data)
        except OSError as error:
            aside.unlink(missing_ok=True)
            raise cache_full(self._reader.address(self._at.key), error) from error
        aside.rename(self._file(number))

    def _file(self, number: int) -> Path:
        return self._folder / f"{number}.block"
