"""Build a stage's items: only when a unit is computed are the records read that it is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from egoetl.core.items import Item
from egoetl.core.ledger import Pointer, StoredResult
from egoetl.core.records import Record

ReadRecord = Callable[[Pointer, type[Record]], Record]
_RECORDS_KEPT = 2048
"""Those read last: what the units of a clip share is read once, and a large shard does not fill the memory."""
_CLIPS_KEPT = 16


class Stored(NamedTuple):
    """A field whose value is the result under a key."""

    key: str
    record: type[Record]


@dataclass(frozen=True, eq=False)
class Gathered:
    """A field whose value is a tuple of items, each made of fields of its own."""

    item: type[Item]
    members: tuple[Mapping[str, "Value"], ...]


Value = Record | Stored | Gathered


class ItemLoader:
    """Reads results of earlier stages; those read last stay at hand."""

    def __init__(self, results: Mapping[str, StoredResult], read: ReadRecord) -> None:
        self._results = results
        self._read = read
        self._kept = lru_cache(_RECORDS_KEPT)(self._load)
        self._gathered = lru_cache(_CLIPS_KEPT)(self._gather)

    def item(self, kind: type[Item], fields: Mapping[str, Value]) -> Item:
        """The item with these fields. Raises DataError `artifact_missing` or `part_corrupt`."""
        return kind.model_construct(**{name: self._value(value) for name, value in fields.items()})

    def record(self, stored: Stored) -> Record:
        """The result under a key. Raises as `item` does."""
        return self._kept(stored)

    def _value(self, value: Value) -> Any:
        match value:
            case Stored():
                return self._kept(value)
            case Gathered():
                return self._gathered(value)
            case _:
                return value

    def _load(self, stored: Stored) -> Record:
        pointer = self._results[stored.key].pointer
        assert pointer is not None, f"result {stored.key} is done but has no payload"
        return self._read(pointer, stored.record)

    def _gather(self, gathered: Gathered) -> tuple[Item, ...]:
        return tuple(self.item(gathered.item, fields) for fields in gathered.members)
