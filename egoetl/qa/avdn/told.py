"""A dense narration as text, `From 0 s to 4.5 s: The mug is lifted. ...`, and read back from it."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from egoetl.algorithms.timecodes import seconds

_STAMP = re.compile(r"From (\d+(?:\.\d+)?) s to (\d+(?:\.\d+)?) s: ?")


class Told(NamedTuple):
    """What a narration says of [start_ms, end_ms); unlike a window it may be empty or run backwards."""

    start_ms: int
    end_ms: int
    text: str


def narration_of(spans: Iterable[Told]) -> str:
    """The narration as one paragraph."""
    return " ".join(f"From {seconds(each.start_ms)} s to {seconds(each.end_ms)} s: {each.text}" for each in spans)


def spans_of(narration: str) -> tuple[Told, ...]:
    """The spans of a narration; none where it does not begin with one."""
    before, *parts = _STAMP.split(narration)
    if before.strip():
        return ()
    return tuple(Told(_ms(start), _ms(end), text.strip()) for start, end, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True))


def _ms(text: str) -> int:
    return int(Decimal(text) * 1000)
