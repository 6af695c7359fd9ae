"""What a container's outermost parts say of the whole file, read without libav: MP4 and QuickTime boxes, Matroska's segment."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

MOST_BOXES = 100_000
"""A file of nothing but tiny boxes must not keep a worker for minutes."""
MATROSKA = b"\x1a\x45\xdf\xa3"
SEGMENT = b"\x18\x53\x80\x67"
FIRST_BOXES = frozenset({b"ftyp", b"styp", b"moov", b"mdat", b"moof", b"free", b"skip", b"wide", b"pnot"})
OUTER_BOXES = FIRST_BOXES | {b"uuid", b"udta", b"meta", b"sidx", b"ssix", b"emsg", b"mfra", b"prft", b"pdin"}
HOLDING_BOXES = frozenset({b"moov", b"mdat", b"moof"})


class Outline(NamedTuple):
    """A container from outside.

    `ends_at` is the byte at which its parts say that they end; `indexed` whether the index is there, whole;
    `spread` whether each stretch has an index of its own; `claimed_ms` how long the header of an MP4 says that it plays.
    """

    ends_at: int
    indexed: bool
    spread: bool
    claimed_ms: int | None


class _Box(NamedTuple):
    kind: bytes
    content: int
    end: int


def read_outline(file: Path) -> Outline | None:
    """The outline of an MP4, QuickTime or Matroska file; None for anything else."""
    size = file.stat().st_size
    with file.open("rb") as stream:
        start = stream.read(8)
        if start[:4] == MATROSKA:
            return Outline(_segment_end(stream) or size, indexed=True, spread=True, claimed_ms=None)
        if start[4:8] in FIRST_BOXES:
            return _boxed(stream, size)
    return None


def _boxed(stream: BinaryIO, size: int) -> Outline:
    ends_at, indexed, spread, claimed_ms = 0, False, False, None
    for box in _boxes(stream, 0, size):
        if box.kind not in OUTER_BOXES or (box.end > size and box.kind not in HOLDING_BOXES):
            break  # cameras append what is no box
        ends_at = box.end
        spread |= box.kind == b"moof"
        if box.kind == b"moov" and box.end <= size:
            indexed, claimed_ms = True, _claimed_ms(stream, box)
    return Outline(ends_at or size, indexed, spread, claimed_ms)


def _boxes(stream: BinaryIO, start: int, end: int) -> Iterator[_Box]:
    """The boxes between two offsets; the last may say that it ends behind them."""
    for _ in range(MOST_BOXES):
        if start + 8 > end:
            return
        stream.seek(start)
        head = stream.read(16)
        size, kind, header = struct.unpack_from(">I", head)[0], head[4:8], 8
        if size == 1 and len(head) == 16:
            size, header = struct.unpack_from(">Q", head, 8)[0], 16
        elif size == 0:
            size = end - start
        if size < header:
            return
        yield _Box(kind, start + header, start + size)
        start += size


def _claimed_ms(stream: BinaryIO, moov: _Box) -> int | None:
    for box in _boxes(stream, moov.content, moov.end):
        if box.kind == b"mvhd":
            stream.seek(box.content)
            head = stream.read(32)
            form = ">20xIQ" if head[:1] == b"\x01" else ">12xII"
            if len(head) < struct.calcsize(form):
                return None
            scale, duration = struct.unpack_from(form, head)
            return duration * 1000 // scale if scale else None
    return None


def _segment_end(stream: BinaryIO) -> int | None:
    """The byte at which Matroska's segment says that it ends; None where it says nothing, as when it was written live."""
    stream.seek(4)
    header = _number(stream)
    if header is None:
        return None
    stream.seek(header, 1)
    if stream.read(4) != SEGMENT:
        return None
    size = _number(stream)
    return None if size is None else stream.tell() + size


def _number(stream: BinaryIO) -> int | None:
    """A number of variable length (RFC 8794, section 4); None for one that is unknown or cut off."""
    first = stream.read(1)
    if not first or first == b"\0":
        return None
    more = 8 - first[0].bit_length()
    rest = stream.read(more)
    number = int.from_bytes(first + rest) & ((1 << 7 * (more + 1)) - 1)
    return None if len(rest) < more or number == (1 << 7 * (more + 1)) - 1 else number
