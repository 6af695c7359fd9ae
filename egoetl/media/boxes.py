"""Boxes of MP4 and QuickTime files (ISO/IEC 14496-12), read without libav and with patience for at most so many."""

import struct
from collections.abc import Iterator
from os import SEEK_END
from typing import BinaryIO, NamedTuple

MOST_BOXES = 1_000_000
"""A day of one-second fragments. A file of nothing but tiny boxes must not keep a worker for an hour."""


class Box(NamedTuple):
    """A box's four letters, where its content begins and where it says that it ends."""

    kind: bytes
    content: int
    end: int


class BoxReader:
    """The boxes of a file; after `most` of them there are none left."""

    def __init__(self, stream: BinaryIO, most: int = MOST_BOXES) -> None:
        self._stream = stream
        self._size = stream.seek(0, SEEK_END)
        self._left = most

    def between(self, start: int, end: int) -> Iterator[Box]:
        """The boxes between two offsets; the last may say that it ends behind them."""
        while start + 8 <= end and self._left:
            self._left -= 1
            head = self._read(start, 16)
            if len(head) < 8:
                return
            size, kind, header = struct.unpack_from(">I", head)[0], head[4:8], 8
            if size == 1 and len(head) == 16:
                size, header = struct.unpack_from(">Q", head, 8)[0], 16
            elif size == 0:
                size = end - start
            if size < header:
                return
            yield Box(kind, start + header, start + size)
            start += size

    def inside(self, box: Box, *kinds: bytes) -> Iterator[Box]:
        """The boxes at a path of kinds within a box."""
        for each in self.between(box.content, box.end):
            if each.kind == kinds[0]:
                yield from self.inside(each, *kinds[1:]) if kinds[1:] else (each,)

    def numbers(self, box: Box, form: str) -> tuple[int, ...]:
        """The numbers that a box's content begins with, by `struct`; none if it ends before."""
        size = struct.calcsize(form)
        head = self._read(box.content, min(size, box.end - box.content))
        return struct.unpack(form, head) if len(head) == size else ()

    def _read(self, start: int, size: int) -> bytes:
        if start >= self._size:
            return b""
        self._stream.seek(start)
        return self._stream.read(size)
