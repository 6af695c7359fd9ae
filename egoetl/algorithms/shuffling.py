"""An order that looks random and is the same on every machine and Python."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

StrT = TypeVar("StrT", bound=str)


def shuffled(values: Sequence[StrT], seed: str) -> tuple[StrT, ...]:
    """The values in an order drawn from `seed`, whatever order they come in.

    Sorting by a hash, unlike `random.shuffle`, is promised never to change between Python versions.
    """
    return tuple(sorted(values, key=lambda value: hashlib.sha256(f"{seed}\0{value}".encode()).digest()))
