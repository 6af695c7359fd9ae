"""The entries of a file of predictions: a JSON list, `{items: [...]}`, entries by their id, or JSON lines."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from egoetl.benchmarks.predictions.fields import printable
from egoetl.benchmarks.predictions.index import shape_of_entry
from egoetl.benchmarks.rows import LARGEST_BYTES, Row, Rows, jsonl_rows, listed_rows
from egoetl.core.errors import CallerError, DataError
from egoetl.core.ledger import RefusedRow

ENTRY_ID = "entry_id"
"""Under which the id of an entry is found that stands by it."""
_LISTS = ("items", "results", "predictions", "data")


def entries_of(file: Path) -> list[Row | RefusedRow]:
    """Every entry, and those that are no objects as refused; their numbers count from 1.

    Raises:
        CallerError: the file cannot be read (`predictions_unreadable`).
        DataError: it is larger than 512 MiB (`predictions_too_large`), no JSON (`predictions_not_json`) or without entries
            (`predictions_empty`).
    """
    named = printable(file.name)
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise DataError(f"{named} has more than {LARGEST_BYTES >> 20} MiB; split it.", reason="predictions_too_large")
        text = file.read_bytes().decode("utf-8-sig", errors="surrogateescape")
    except OSError as error:
        raise CallerError(f"{file} cannot be read: {error.strerror}; check the path.", reason="predictions_unreadable") from error
    entries = list(_entries(file, named, text))
    if not entries:
        raise DataError(f"{named} holds no entry; is it the right file?", reason="predictions_empty")
    return entries


def _entries(file: Path, named: str, text: str) -> Rows:
    try:
        content: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        rows = list(jsonl_rows(file, named))
        if not any(isinstance(row, Row) for row in rows):
            raise DataError(
                f"{named} is neither JSON nor JSON lines ({error}); is it the right file?", reason="predictions_not_json"
            ) from error
        return iter(rows)
    if isinstance(content, list):
        return listed_rows(content, named)
    if isinstance(content, dict):
        return _of_object(cast("dict[str, Any]", content), named)
    raise DataError(f"{named} holds no entries, but one {type(content).__name__}; is it the right file?", reason="predictions_not_json")


def _of_object(content: Mapping[str, Any], named: str) -> Rows:
    """A list under a known name; one entry, as in a file of one JSON line; or entries by their id."""
    for name in _LISTS:
        if isinstance(content.get(name), list):
            return listed_rows(content[name], named)
    if shape_of_entry(content) is not None:
        return listed_rows([content], named)
    return _by_id(content, named)


def _by_id(content: Mapping[str, Any], named: str) -> Iterator[Row | RefusedRow]:
    for number, (name, entry) in enumerate(content.items(), start=1):
        where = f"Entry {name[:80]!r} of {named}"
        if isinstance(entry, dict):
            yield Row(where, number, {ENTRY_ID: name, **cast("dict[str, Any]", entry)})
        else:
            message = f"{where}: it is no JSON object; mend it or leave it out."
            yield RefusedRow(row=number, video_id="", reason="not_an_object", message=message)
