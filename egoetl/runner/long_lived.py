"""Python's cycle collector, held back while a stage runs over what it has loaded."""

import gc
from collections.abc import Generator
from contextlib import contextmanager

_OBJECTS_BETWEEN_COLLECTIONS = 200_000


@contextmanager
def records_stay() -> Generator[None]:
    """Collect seldom within: the records of a shard stay until its stage ends, and none is part of a cycle.

    At Python's own pace the collector walks through all of them again and again, which costs as much as the work itself.
    """
    own = gc.get_threshold()
    if own[0] == 0 or own[0] >= _OBJECTS_BETWEEN_COLLECTIONS:  # switched off, or held back already
        yield
        return
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, *own[1:])
    try:
        yield
    finally:
        gc.set_threshold(*own)
