"""What a container's outermost parts say of the whole file, read without libav: MP4 and QuickTime boxes, Matroska's segment."""

from os import SEEK_CUR
from typing import BinaryIO, NamedTuple

from egoetl.core.sources import MediaFile
from egoetl.media.boxes import Box, BoxReader

MATROSKA = b"\x1a\x45\xdf\xa3"
SEGMENT = b"\x18\x53\x80\x67"
FIRST_BOXES = frozenset({b"ftyp", b"styp", b"moov", b"mdat", b"moof", b"free", b"skip", b"wide", b"pnot"})
OUTER_BOXES = FIRST_BOXES | {b"uuid", b"udta", b"meta", b"sidx", b"ssix", b"emsg", b"mfra", b"prft", b"pdin"}
HOLDING_BOXES = frozenset({b"moov", b"mdat", b"moof"})


class Outline(NamedTuple):
    """A container from outside.

    `ends_at` is the byte at which its parts say that they end; `indexed` whether the index is there, whole;
    `spread` whether each stretch has an index of its own; `claimed_ms` how long the header of an MP4 says that it plays;
    `claimed_samples` how many samples its index stands for in a few bytes, which libav would write out one by one.
    """

    ends_at: int
    indexed: bool
    spread: bool
    claimed_ms: int | None = None
    claimed_samples: int = 0


def read_outline(file: MediaFile) -> Outline | None:
    """The outline of an MP4, QuickTime or Matroska file; None for anything else."""
    size = file.stat().st_size
    with file.open("rb") as stream:
        start = stream.read(8)
        if start[:4] == MATROSKA:
            return Outline(_segment_end(stream, size) or size, indexed=True, spread=True)
        if start[4:8] in FIRST_BOXES:
            return _boxed(BoxReader(stream), size)
    return None


def _boxed(reader: BoxReader, size: int) -> Outline:
    ends_at, fragments, moov, kind = 0, list[Box](), None, b""
    for box in reader.between(0, size):
        if box.kind not in OUTER_BOXES or (box.end > size and box.kind not in HOLDING_BOXES):
            break  # cameras append what is no box
        ends_at, kind = box.end, box.kind
        if box.kind == b"moof":
            fragments.append(box)
        if box.kind == b"moov" and box.end <= size:
            moov = box
    if fragments and (kind == b"moof" or 0 < size - ends_at < 8):
        ends_at = max(ends_at, size) + 8  # a box must follow, or has begun
    if moov is None:
        return Outline(ends_at or size, indexed=False, spread=bool(fragments))
    claimed_samples = _same_sized(reader, moov, size) + _in_runs(reader, fragments)
    return Outline(ends_at, True, bool(fragments), _claimed_ms(reader, moov), claimed_samples)


def _claimed_ms(reader: BoxReader, moov: Box) -> int | None:
    for box in reader.inside(moov, b"mvhd"):
        scale, duration = reader.numbers(box, ">20xIQ" if reader.numbers(box, ">B") == (1,) else ">12xII") or (0, 0)
        return duration * 1000 // scale if scale else None
    return None


def _same_sized(reader: BoxReader, moov: Box, size: int) -> int:
    """Samples of tables that give one size for all, apart from sound that is really that long."""
    claimed = 0
    for media in reader.inside(moov, b"trak", b"mdia"):
        handlers = [reader.numbers(box, ">8xI") for box in reader.inside(media, b"hdlr")]
        for table in reader.inside(media, b"minf", b"stbl", b"stsz"):
            each, count = reader.numbers(table, ">4xII") or (0, 0)
            is_sound = handlers == [(int.from_bytes(b"soun"),)]
            if each and not (is_sound and each * count <= size):
                claimed += count
    return claimed


def _in_runs(reader: BoxReader, fragments: list[Box]) -> int:
    """Samples of all runs in fragments."""
    runs = (run for fragment in fragments for run in reader.inside(fragment, b"traf", b"trun"))
    return sum((reader.numbers(run, ">4xI") or (0,))[0] for run in runs)


def _segment_end(stream: BinaryIO, size: int) -> int | None:
    """The byte at which Matroska's segment says that it ends; None where it says nothing, as when it was written live."""
    stream.seek(4)
    header = _number(stream)
    if header is None or header > size:
        return None
    stream.seek(header, SEEK_CUR)
    if stream.read(4) != SEGMENT:
        return None
    content = _number(stream)
    return None if content is None else stream.tell() + content


def _number(stream: BinaryIO) -> int | None:
    """A number of variable length (RFC 8794, section 4); None for one that is unknown or cut off."""
    first = stream.read(1)
    if not first or first == b"\0":
        return None
    more = 8 - first[0].bit_length()
    rest = stream.read(more)
    number = int.from_bytes(first + rest) & ((1 << 7 * (more + 1)) - 1)
    return None if len(rest) < more or number == (1 << 7 * (more + 1)) - 1 else number
