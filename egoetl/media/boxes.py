"""Boxes of MP4 and QuickTime files (ISO/IEC 14496-12), read without libav and with patience for at most so many."""

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

MOST_BOXES = 100_000
"""A file of nothing but tiny boxes must not keep a worker for minutes."""


class Box(NamedTuple):
    """A box's four letters, where its content begins and where it says that it ends."""

    kind: bytes
    content: int
    end: int


def boxes(stream: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """The boxes between two offsets; the last may say that it ends behind them."""
    for _ in range(MOST_BOXES):
        if start + 8 > end:
            return
        stream.seek(start)
        head = stream.read(16)
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


def inside(stream: BinaryIO, box: Box, *kinds: bytes) -> Iterator[Box]:
    """The boxes at a path of kinds within a box."""
    for each in boxes(stream, box.content, box.end):
        if each.kind == kinds[0]:
            yield from inside(stream, each, *kinds[1:]) if kinds[1:] else (each,)


def numbers(stream: BinaryIO, box: Box, form: str) -> tuple[int, ...]:
    """The numbers that a box's content begins with, by `struct`; none if it ends before."""
    stream.seek(box.content)
    size = struct.calcsize(form)
    head = stream.read(min(size, box.end - box.content))
    return struct.unpack(form, head) if len(head) == size else ()
