"""Part files: a few thousand records as zstd-compressed JSON lines, each found by its row."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from zstandard import ZstdCompressor, ZstdDecompressor, ZstdError

from egoetl.core.content_key import canonical_json
from egoetl.core.errors import DataError
from egoetl.core.ports import Store
from egoetl.core.records import Artifact

LEVEL = 3
SUFFIX = ".jsonl.zst"
MEDIA_TYPE = "application/zstd"
T = TypeVar("T", bound=BaseModel)


def write_part(store: Store, prefix: str, records: Sequence[Mapping[str, Any] | BaseModel]) -> Artifact:
    """Keep records, in order, as one part file; equal records give the same file."""
    lines = "".join(canonical_json(record) + "\n" for record in records)
    data = ZstdCompressor(level=LEVEL, write_checksum=True).compress(lines.encode())
    return store.put_bytes(prefix, data, suffix=SUFFIX, media_type=MEDIA_TYPE)


class PartReader:
    """Rows of part files. The parts read last stay decompressed, so that neighbouring rows cost one read."""

    def __init__(self, store: Store, *, keep: int = 8) -> None:
        self._store = store
        self._lines = lru_cache(maxsize=keep)(self._load)

    def row(self, part: str, row: int) -> dict[str, Any]:
        """The record in a row, counted from 0. Raises DataError `artifact_missing` or `part_corrupt`."""
        try:
            return json.loads(self.line(part, row))
        except ValueError as error:
            raise _corrupt(part, f"row {row} is not JSON") from error

    def line(self, part: str, row: int) -> bytes:
        """The JSON in a row, as it was written. Raises as `row` does, but does not look into it."""
        lines = self._lines(part)
        if not 0 <= row < len(lines):
            raise _corrupt(part, f"it has {len(lines)} rows, not row {row}")
        return lines[row]

    def record(self, part: str, row: int, kind: type[T]) -> T:
        """The record of this type in a row. Raises as `row` does, also for one that is of another type."""
        try:
            return kind.model_validate_json(self.line(part, row))
        except ValidationError as error:
            raise _corrupt(part, f"row {row} is no {kind.__name__}") from error

    def _load(self, part: str) -> list[bytes]:
        try:
            return ZstdDecompressor().decompress(self._store.read(part), allow_extra_data=False).splitlines()
        except ZstdError as error:
            raise _corrupt(part, str(error)) from error


def _corrupt(part: str, what: str) -> DataError:
    return DataError(f"The part file {part} is damaged: {what}; delete it and build its units again.", reason="part_corrupt")
