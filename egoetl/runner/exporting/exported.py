"""What an export wrote."""

from collections.abc import Mapping

from egoetl.core.errors import DataError
from egoetl.core.records import Record


class ExportedFile(Record):
    """A file of an export, relative to its folder, and how many records it holds; None for one that has none to count."""

    path: str
    records: int | None


class NotExported(Record):
    """A window of a video that could not be written, and why; what is about it is left out."""

    window: str
    reason: str
    message: str


class Exported(Record):
    """The files of an export, media apart, and what is missing."""

    files: tuple[ExportedFile, ...]
    failed: tuple[NotExported, ...] = ()


def not_exported(failed: Mapping[str, DataError]) -> tuple[NotExported, ...]:
    """The windows that could not be written, by key."""
    return tuple(NotExported(window=key, reason=error.reason, message=str(error)) for key, error in sorted(failed.items()))
