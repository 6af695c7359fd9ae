"""MP4 boxes opened and changed in place: how whole videos are made into damaged ones.

Names and layouts as in ISO/IEC 14496-12. A path is a sequence of box types; a number in it chooses among boxes of one type.
"""

import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

BoxPath = tuple[str | int, ...]
HEADER = 8


class Box(NamedTuple):
    """Where a box lies: its type, where it begins, where it ends."""

    type: str
    start: int
    end: int


def boxes(data: bytes, start: int, end: int) -> Iterator[Box]:
    """The boxes between two offsets."""
    while start < end:
        size, kind = struct.unpack_from(">I4s", data, start)
        yield Box(kind.decode("latin-1"), start, start + size)
        start += size


def find(data: bytes, path: BoxPath) -> Box:
    """The box at a path."""
    found = Box("", -HEADER, len(data))
    for step, number in _steps(path):
        inside = [each for each in boxes(data, found.start + HEADER, found.end) if each.type == step]
        found = inside[number]
    return found


def tracks(data: bytes) -> dict[str, BoxPath]:
    """The path of each track by its handler: `vide`, `soun`."""
    moov = find(data, ("moov",))
    count = sum(each.type == "trak" for each in boxes(data, moov.start + HEADER, moov.end))
    paths: list[BoxPath] = [("moov", "trak", number) for number in range(count)]
    return {data[find(data, (*path, "mdia", "hdlr")).start + 16 :][:4].decode(): path for path in paths}


def replaced(data: bytes, path: BoxPath, new: bytes) -> bytes:
    """The file with a box exchanged for `new` (nothing removes it), the sizes of the boxes around it mended.

    Only for boxes behind the samples: what lies behind it moves.
    """
    box = find(data, path)
    changed = bytearray(data[: box.start] + new + data[box.end :])
    for depth in range(1, len(list(_steps(path)))):
        around = find(data, _first_steps(path, depth))
        struct.pack_into(">I", changed, around.start, around.end - around.start + len(new) - (box.end - box.start))
    return bytes(changed)


def rewritten(data: bytes, path: BoxPath, change: Callable[[bytearray], object]) -> bytes:
    """The file with a box's content changed in place, header excluded."""
    box = find(data, path)
    content = bytearray(data[box.start + HEADER : box.end])
    change(content)
    return data[: box.start + HEADER] + bytes(content) + data[box.end :]


def shifted(data: bytes, by: int) -> bytes:
    """The file with every chunk offset of its index moved by a number of bytes."""

    def shift(content: bytearray) -> None:
        (count,) = struct.unpack_from(">I", content, 4)
        for at in range(8, 8 + 4 * count, 4):
            struct.pack_into(">I", content, at, struct.unpack_from(">I", content, at)[0] + by)

    for path in tracks(data).values():
        data = rewritten(data, (*path, "mdia", "minf", "stbl", "stco"), shift)
    return data


def index_first(data: bytes) -> bytes:
    """The file with its index in front of its samples, as for the web."""
    moov = find(data, ("moov",))
    mdat = find(data, ("mdat",))
    index = shifted(data, moov.end - moov.start)[moov.start : moov.end]
    return data[: mdat.start] + index + data[mdat.start : moov.start] + data[moov.end :]


def _steps(path: BoxPath) -> Iterator[tuple[str, int]]:
    for step, following in zip(path, (*path[1:], ""), strict=True):
        if isinstance(step, str):
            yield step, following if isinstance(following, int) else 0


def _first_steps(path: BoxPath, depth: int) -> BoxPath:
    return tuple(each for step, number in list(_steps(path))[:depth] for each in (step, number))
