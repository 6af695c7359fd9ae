"""Which bytes of a file an HTTP `Range` header asks for (RFC 9110, 14)."""

import re
from typing import NamedTuple

_ONE = re.compile(r"bytes=(?P<first>\d{0,18})-(?P<last>\d{0,18})", re.ASCII)


class ByteRange(NamedTuple):
    """Bytes [start, end) of a file."""

    start: int
    end: int


def range_of(header: str | None, size: int) -> ByteRange | None:
    """The one range that a header asks for; None where the whole file is to be sent: no header, several ranges, another unit.

    Raises ValueError for a range that the file does not have.
    """
    match = _ONE.fullmatch(header.replace(" ", "")) if header else None
    if match is None or not (match["first"] or match["last"]):
        return None
    if not match["first"]:
        start, end = max(0, size - int(match["last"])), size
    else:
        start, end = int(match["first"]), min(size, int(match["last"]) + 1) if match["last"] else size
        if match["last"] and int(match["last"]) < start:
            return None
    if start >= size or start >= end:
        raise ValueError(f"{header} is beyond {size} bytes")
    return ByteRange(start, end)
