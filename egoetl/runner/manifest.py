"""Read a manifest: accepted rows, and a typed reason for each line that is refused."""

import re
import unicodedata
from decimal import Decimal
from pathlib import Path

from egoetl.core.errors import DataError
from egoetl.core.ids import split_by_hash
from egoetl.core.ledger import RefusedRow
from egoetl.core.records import ManifestRow, Record
from egoetl.core.source_paths import path_within, shown
from egoetl.runner.manifest_lines import Fields, read_lines

REQUIRED = ("id", "start_time", "end_time")
OPTIONAL = ("split", "uri", "narrations")
_LONGEST_FIELD = 4096
_LONGEST_NAME = 200
_SPLIT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
"""Splits name files of a version."""
_LAST_SECOND = 1_000_000
"""Eleven days: in milliseconds it still is a number that the ledger can keep."""


class Manifest(Record):
    """The lines of a manifest, sorted into what can be built and what cannot."""

    rows: tuple[ManifestRow, ...]
    refused: tuple[RefusedRow, ...]


def read_manifest(file: Path, *, test_percent: int, named: str = "") -> Manifest:
    """Read EgoAVU's CSV: `id,start_time,end_time[,split][,uri][,narrations]`, times in seconds, decimals allowed.

    Every line that is not blank is a row or is refused. Without a `split` column a hash of the video id decides,
    `test_percent` of 100 going to `test`. `named` is what people call the file, where it is a copy.

    Raises:
        CallerError: the file cannot be read.
        DataError: the header lacks a column (`manifest_header`), or the file is no text (`manifest_not_text`).
    """
    rows: list[ManifestRow] = []
    refused: list[RefusedRow] = []
    seen = _Seen()
    for line, fields in read_lines(file, required=REQUIRED, optional=OPTIONAL, named=named):
        try:
            if isinstance(fields, DataError):
                raise fields
            row = _row(line, fields, test_percent)
            seen.add(row)
        except DataError as error:
            video_id = _printable(fields.get("id", "")[:_LONGEST_NAME]) if isinstance(fields, dict) else ""
            refused.append(RefusedRow(row=line, video_id=video_id, reason=error.reason, message=str(error)))
        else:
            rows.append(row)
    return Manifest(rows=tuple(rows), refused=tuple(refused))


def _row(line: int, fields: Fields, test_percent: int) -> ManifestRow:
    text = {name: _text(line, name, fields.get(name, "")) for name in (*REQUIRED, *OPTIONAL)}
    video_id, uri = text["id"], text["uri"] or text["id"]
    for name in ("id", "uri", "narrations"):
        _check_path(line, name, text[name])
    start, end = (_milliseconds(line, name, text[name]) for name in ("start_time", "end_time"))
    if end <= start:
        raise DataError(
            f"Line {line}: the window ends at {end} ms, but starts at {start} ms; exchange the times or mend them.",
            reason="window_inverted",
        )
    split = text["split"] or split_by_hash(video_id, test_percent)
    if not _SPLIT.fullmatch(split):
        raise DataError(f"Line {line}: split {shown(split)} is no name; use letters, digits, '_', '.' and '-'.", reason="split_invalid")
    return ManifestRow(row=line, video_id=video_id, uri=uri, split=split, start_ms=start, end_ms=end, narrations=text["narrations"] or None)


def _text(line: int, name: str, value: str) -> str:
    """A field without the spaces around it, if it is one that may be printed and stored."""
    longest = _LONGEST_NAME if name in ("id", "split") else _LONGEST_FIELD
    if len(value) > longest:
        raise DataError(
            f"Line {line}: column {name} has {len(value)} characters; at most {longest} are allowed, so mend or shorten it.",
            reason="field_too_long",
        )
    if "\x00" in value:
        raise DataError(f"Line {line}: column {name} holds a NUL byte; write the field again.", reason="field_has_nul")
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise DataError(f"Line {line}: column {name} is not UTF-8; save the manifest as UTF-8.", reason="field_not_utf8")
    value = value.strip()
    if not value and name in REQUIRED:
        raise DataError(f"Line {line}: column {name} is empty; fill it in or leave the line out.", reason="field_empty")
    if any(unicodedata.category(letter) == "Cc" for letter in value):
        raise DataError(
            f"Line {line}: column {name}, {shown(value)}, holds a control character; write the field again.",
            reason="field_has_control_character",
        )
    return value


def _check_path(line: int, name: str, value: str) -> None:
    try:
        if value:
            path_within(value)
    except DataError as error:
        raise DataError(f"Line {line}: {name} {error}", reason=error.reason) from error


def _milliseconds(line: int, name: str, text: str) -> int:
    try:
        seconds = Decimal(text)
    except ArithmeticError:
        seconds = Decimal("NaN")
    if not seconds.is_finite() or not 0 <= seconds <= _LAST_SECOND:
        raise DataError(
            f"Line {line}: {name} {shown(text, 40)} is not a number of seconds from 0 to {_LAST_SECOND}; write it like 12.5.",
            reason="time_not_a_number",
        )
    return int((seconds * 1000).to_integral_value())


def _printable(text: str) -> str:
    """The text with a replacement character for everything that a database or a terminal could trip over."""
    return "".join("\ufffd" if unicodedata.category(letter) in ("Cc", "Cs") else letter for letter in text)


class _Seen:
    """What earlier lines have said."""

    def __init__(self) -> None:
        self._windows: dict[tuple[str, int, int], int] = {}
        self._splits: dict[str, tuple[str, int]] = {}

    def add(self, row: ManifestRow) -> None:
        """Raises DataError `duplicate_row` or `video_in_two_splits`."""
        window = (row.video_id, row.start_ms, row.end_ms)
        if window in self._windows:
            raise DataError(
                f"Line {row.row}: the same window of {row.video_id} stands on line {self._windows[window]}; leave one of them out.",
                reason="duplicate_row",
            )
        split, line = self._splits.setdefault(row.video_id, (row.split, row.row))
        if split != row.split:
            raise DataError(
                f"Line {row.row}: video {row.video_id} is in split {row.split} here and in {split} on line {line}; a video has one split.",
                reason="video_in_two_splits",
            )
        self._windows[window] = row.row
