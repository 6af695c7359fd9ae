"""Read a manifest: accepted rows, and a typed reason for each line that is refused."""

import csv
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path, PurePosixPath

from egoetl.core.errors import CallerError, DataError
from egoetl.core.ids import split_by_hash
from egoetl.core.ledger import RefusedRow
from egoetl.core.records import ManifestRow, Record

REQUIRED = ("id", "start_time", "end_time")
OPTIONAL = ("split", "uri")
_LONGEST_FIELD = 4096
_SPLIT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
"""Splits name files of a version."""
_LONGEST_MS = 10**10


class Manifest(Record):
    """The lines of a manifest, sorted into what can be built and what cannot."""

    rows: tuple[ManifestRow, ...]
    refused: tuple[RefusedRow, ...]


def read_manifest(file: Path, *, test_percent: int) -> Manifest:
    """Read EgoAVU's CSV: `id,start_time,end_time[,split][,uri]`, times in seconds, decimals allowed.

    Without a `split` column a hash of the video id decides, `test_percent` of 100 going to `test`.

    Raises:
        CallerError: the file cannot be read.
        DataError: the header lacks a column (`manifest_header`), or the file is no CSV (`manifest_malformed`).
    """
    rows: list[ManifestRow] = []
    refused: list[RefusedRow] = []
    seen: set[tuple[str, int, int]] = set()
    splits: dict[str, str] = {}
    for line, record in _lines(file):
        try:
            row = _row(line, record, test_percent)
            _refuse_repeats(row, seen, splits)
        except DataError as error:
            video_id = (record.get("id") or "")[:200].replace("\x00", "\ufffd")
            refused.append(RefusedRow(row=line, video_id=video_id, reason=error.reason, message=str(error)))
        else:
            rows.append(row)
    return Manifest(rows=tuple(rows), refused=tuple(refused))


def _lines(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number (the header is 1) and fields of each line; bytes that are not UTF-8 arrive as lone surrogates."""
    csv.field_size_limit(64 * 1024 * 1024)
    try:
        with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
            reader = csv.DictReader(stream)
            missing = [name for name in REQUIRED if name not in (reader.fieldnames or ())]
            if missing:
                raise DataError(
                    f"Manifest {file} has no column {', '.join(missing)}; its header must name "
                    f"{', '.join(REQUIRED)} and may name {', '.join(OPTIONAL)}.",
                    reason="manifest_header",
                )
            for record in reader:
                yield reader.line_num, {name: value for name, value in record.items() if isinstance(name, str) and isinstance(value, str)}
    except OSError as error:
        raise CallerError(f"Manifest {file} cannot be read: {error.strerror}.", reason="manifest_unreadable") from error
    except csv.Error as error:
        raise DataError(f"Manifest {file} is no CSV file: {error}.", reason="manifest_malformed") from error


def _row(line: int, record: dict[str, str], test_percent: int) -> ManifestRow:
    for name in (*REQUIRED, *(each for each in OPTIONAL if each in record)):
        _check_text(line, name, record.get(name, ""))
    video_id = record["id"].strip()
    _check_path(line, "id", video_id)
    uri = record.get("uri", "").strip() or video_id
    _check_path(line, "uri", uri)
    start, end = (_milliseconds(line, name, record[name]) for name in ("start_time", "end_time"))
    if end <= start:
        raise DataError(f"Line {line}: the window ends at {end} ms, before it starts at {start} ms.", reason="window_inverted")
    split = record.get("split", "").strip() or split_by_hash(video_id, test_percent)
    if not _SPLIT.fullmatch(split):
        raise DataError(f"Line {line}: split {split!r} is no name; use letters, digits, '_', '.' and '-'.", reason="split_invalid")
    return ManifestRow(row=line, video_id=video_id, uri=uri, split=split, start_ms=start, end_ms=end)


def _check_text(line: int, name: str, value: str) -> None:
    if not value.strip() and name in REQUIRED:
        raise DataError(f"Line {line}: column {name} is empty.", reason="field_empty")
    if len(value) > (200 if name in ("id", "split") else _LONGEST_FIELD):
        raise DataError(f"Line {line}: column {name} has {len(value)} characters.", reason="field_too_long")
    if "\x00" in value:
        raise DataError(f"Line {line}: column {name} holds a NUL byte.", reason="field_has_nul")
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise DataError(f"Line {line}: column {name} is not UTF-8.", reason="field_not_utf8")


def _check_path(line: int, name: str, value: str) -> None:
    if "://" not in value and (value.startswith(("/", "\\")) or ".." in PurePosixPath(value).parts):
        raise DataError(f"Line {line}: {name} {value!r} leaves the videos folder.", reason="path_escapes_root")


def _milliseconds(line: int, name: str, text: str) -> int:
    try:
        value = Decimal(text.strip()) * 1000
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not 0 <= value <= _LONGEST_MS:
        raise DataError(f"Line {line}: {name} {text.strip()[:40]!r} is not a number of seconds.", reason="time_not_a_number")
    return int(value.to_integral_value())


def _refuse_repeats(row: ManifestRow, seen: set[tuple[str, int, int]], splits: dict[str, str]) -> None:
    window = (row.video_id, row.start_ms, row.end_ms)
    if window in seen:
        raise DataError(f"Line {row.row}: the same window of {row.video_id} stands on an earlier line.", reason="duplicate_row")
    split = splits.setdefault(row.video_id, row.split)
    if split != row.split:
        raise DataError(
            f"Line {row.row}: video {row.video_id} is in split {row.split} here and in {split} above; a video has one split.",
            reason="video_in_two_splits",
        )
    seen.add(window)
