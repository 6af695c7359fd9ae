"""Rows of benchmarks' files: CSV, JSON lines, or a list within JSON. Each is read on its own, so that one that is wrong spoils no other."""

import csv
import io
import json
import unicodedata
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple, cast

from egoetl.benchmarks.benchmark import BenchmarkData, Loaded, Placed
from egoetl.core.errors import DataError
from egoetl.core.ledger import RefusedRow
from egoetl.core.source_paths import path_within, shown

LARGEST_BYTES = 512 * 2**20
LONGEST_NAME = 200
LONGEST_TEXT = 8000
_LAST_SECOND = 1_000_000
_MOST_LINES = 300
"""Of a CSV record: a quotation mark that nobody closes costs a look at so many lines, and then one line is refused."""
_LINE_BREAKS = "\n\r\t"


class Row(NamedTuple):
    """A row: where it stands, for a person, its number (the first line, or the first entry of a list, being 1), and its fields."""

    where: str
    number: int
    fields: Mapping[str, Any]

    def text(self, *names: str, longest: int = LONGEST_TEXT) -> str:
        """The text of the first of these fields that there is, without spaces around it; numbers are taken as they are written.

        Raises DataError `field_missing`, `field_not_text`, `field_empty`, `field_too_long`, `field_not_utf8` or
        `field_has_control_character` (line breaks and tabs may be in a text).
        """
        name, value = self._value(names)
        if isinstance(value, bool) or not isinstance(value, str | int | float) or (isinstance(value, float) and not isfinite(value)):
            raise self.refusal("field_not_text", f"{name} is {shown(json.dumps(value, default=str))}, which is no text; write it as text")
        text = str(value).strip()
        if not text:
            raise self.refusal("field_empty", f"{name} is empty; fill it in or leave the row out")
        if len(text) > longest:
            raise self.refusal("field_too_long", f"{name} has {len(text)} characters; at most {longest} are allowed, so shorten it")
        kinds = {unicodedata.category(letter) for letter in text if letter not in _LINE_BREAKS}
        if "Cs" in kinds:
            raise self.refusal("field_not_utf8", f"{name} is not UTF-8; save the file as UTF-8")
        if "Cc" in kinds:
            raise self.refusal("field_has_control_character", f"{name}, {shown(text)}, holds a control character; write the field again")
        return text

    def name(self, *names: str) -> str:
        """A text of at most 200 characters on one line. Raises DataError as `text` does."""
        text = self.text(*names, longest=LONGEST_NAME)
        if any(each in text for each in _LINE_BREAKS):
            raise self.refusal("field_has_control_character", f"{names[0]}, {shown(text)}, holds a line break; write it on one line")
        return text

    def path(self, *names: str) -> str:
        """A name that stays within its root, however it is spelled. Raises DataError `path_escapes_root` beside those of `name`."""
        text = self.name(*names)
        try:
            path_within(text)
        except DataError as error:
            raise self.refusal(error.reason, f"{names[0]} {str(error).rstrip('.')}") from error
        return text

    def milliseconds(self, *names: str) -> int:
        """An instant that is written in seconds, in milliseconds. Raises DataError `time_not_a_number` beside those of `text`."""
        text = self.text(*names)
        try:
            seconds = Decimal(text)
        except ArithmeticError:
            seconds = Decimal("NaN")
        if not seconds.is_finite() or not 0 <= seconds <= _LAST_SECOND:
            raise self.refusal(
                "time_not_a_number", f"{names[0]} {shown(text, 40)} is no number of seconds from 0 to {_LAST_SECOND}; write it like 12.5"
            )
        return int((seconds * 1000).to_integral_value())

    def one_of(self, known: Mapping[str, str], *names: str) -> str:
        """What a category means, however it is spelled: case, `-`, `_` and spaces say nothing. Raises DataError `category_unknown`."""
        text = self.name(*names)
        if (found := known.get(spelled(text))) is None:
            raise self.refusal("category_unknown", f"{names[0]} {shown(text)} is not known; write one of {', '.join(dict.fromkeys(known))}")
        return found

    def refusal(self, reason: str, what: str) -> DataError:
        """Why this row is refused, in a sentence that says where it stands."""
        return DataError(f"{self.where}: {what}.", reason=reason)

    def _value(self, names: Sequence[str]) -> tuple[str, Any]:
        for name in names:
            if self.fields.get(name) is not None:
                return name, self.fields[name]
        raise self.refusal("field_missing", f"it has no {' or '.join(names)}; add it or leave the row out")


Rows = Iterator[Row | RefusedRow]


def spelled(text: str) -> str:
    """A category without what spellings differ in: `TR-before/after` and `tr_before_after` are the same."""
    return "_".join("".join(letter if letter.isalnum() else " " for letter in text.casefold()).split())


def needed(data: BenchmarkData, *names: str, remedy: str) -> tuple[str, Path]:
    """The first of these files that there is, and its name. Raises DataError `benchmark_file_missing`, `benchmark_file_too_large`."""
    for name in names:
        if (file := data.file(name)) is not None:
            if file.stat().st_size > LARGEST_BYTES:
                raise DataError(f"{name} has more than {LARGEST_BYTES >> 20} MiB; it is no such file.", reason="benchmark_file_too_large")
            return name, file
    raise DataError(f"The benchmark's data has no {' or '.join(names)}. {remedy}", reason="benchmark_file_missing")


def csv_rows(file: Path, named: str, columns: Sequence[Sequence[str]]) -> Rows:
    """The records of a CSV file; a field may go over several lines. A row's number is that of its first line, the header's being 1.

    `columns`: those that there must be, each by any of its names. A field that a record lacks is absent. A record whose quotation
    marks do not pair up, or that has more fields than the header, costs one line: reading goes on with the next.

    Raises:
        DataError: the header lacks a column or names one twice (`benchmark_header`), or the file is no text (`benchmark_not_text`).
    """
    lines = list(io.StringIO(_text_of(file), newline=""))
    csv.field_size_limit(LARGEST_BYTES)
    if lines and "\x00" in lines[0]:
        raise DataError(f"{named} is no text in UTF-8; take the file as it was published.", reason="benchmark_not_text")
    header, at = _record(lines, 0)
    names = [name.strip() for name in header or ()]
    for each in columns:
        if not any(name in names for name in each):
            raise DataError(f"{named} has no column {' or '.join(each)}; take the file as it was published.", reason="benchmark_header")
    if len(set(filter(None, names))) < len([name for name in names if name]):
        raise DataError(f"{named} names a column twice; take the file as it was published.", reason="benchmark_header")
    while at < len(lines):
        number = at + 1
        where = f"Line {number} of {named}"
        values, after = _record(lines, at)
        whole = values is not None and not any(value.strip() for value in values[len(names) :])
        at = after if whole else number
        if values is None:
            yield _refused(number, "quotes_unpaired", f"{where}: its quotation marks do not pair up; write one within a field twice.")
        elif not whole:
            many = f"{where}: it has {len(values)} fields, the header {len(names)}; put a field with a comma into quotation marks."
            yield _refused(number, "fields_too_many", many)
        elif any(value.strip() for value in values):
            yield Row(where, number, dict(zip(names, values, strict=False)))


def jsonl_rows(file: Path, named: str) -> Rows:
    """The objects of a file with one a line; blank lines are passed over."""
    for number, line in enumerate(_text_of(file).split("\n"), start=1):
        where = f"Line {number} of {named}"
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield _refused(number, "not_json", f"{where}: it is no JSON ({error}); mend the line.")
        else:
            yield _object(where, number, entry)


def json_of(file: Path, named: str) -> Any:
    """What a JSON file holds. Raises DataError `benchmark_not_json`."""
    try:
        return json.loads(_text_of(file))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{named} is no JSON ({error}); take the file as it was published.", reason="benchmark_not_json") from error


def listed_rows(entries: Any, named: str) -> Rows:
    """The objects of a list; their numbers count from 1. Raises DataError `benchmark_not_a_list`."""
    if not isinstance(entries, list):
        raise DataError(f"{named} holds no list of questions; take the file as it was published.", reason="benchmark_not_a_list")
    for number, entry in enumerate(cast("list[Any]", entries), start=1):
        yield _object(f"Entry {number} of {named}", number, entry)


def collect(rows: Iterable[Row | RefusedRow], placed: Callable[[Row], Placed]) -> Loaded:
    """The questions that `placed` makes of rows, and every row that is refused: by the reader, by a DataError, or as a repetition.

    A question id that an earlier row has (`duplicate_question`) is refused, so that the first one stays.
    """
    questions: dict[str, Placed] = {}
    first: dict[str, str] = {}
    refused: list[RefusedRow] = []
    for row in rows:
        if isinstance(row, RefusedRow):
            refused.append(row)
            continue
        try:
            each = placed(row)
            question_id = each.question.question_id
            if question_id in questions:
                raise row.refusal("duplicate_question", f"{first[question_id]} is the same question ({question_id}); leave one of them out")
            questions[question_id], first[question_id] = each, row.where
        except DataError as error:
            video = row.fields.get("video_id", row.fields.get("clip_id", ""))
            refused.append(_refused(row.number, error.reason, str(error), video_id=_printable(str(video))[:LONGEST_NAME]))
    return Loaded(questions=tuple(questions.values()), refused=tuple(refused))


def _object(where: str, number: int, entry: Any) -> Row | RefusedRow:
    if not isinstance(entry, dict):
        return _refused(number, "not_an_object", f"{where}: it is no JSON object; mend it or leave it out.")
    return Row(where, number, cast("dict[str, Any]", entry))


def _record(lines: Sequence[str], at: int) -> tuple[list[str] | None, int]:
    """The CSV record that begins with a line, None where it is malformed, and the line after it."""
    reader = csv.reader(_lines_from(lines, at), strict=True)
    try:
        return next(reader, list[str]()), at + reader.line_num
    except csv.Error:
        return None, at + 1


def _lines_from(lines: Sequence[str], at: int) -> Generator[str]:
    for index in range(at, min(at + _MOST_LINES, len(lines))):
        yield lines[index]


def _text_of(file: Path) -> str:
    """The text of a file; bytes that are not UTF-8 as lone surrogates, so that only the rows which hold them are refused."""
    return file.read_bytes().decode("utf-8-sig", errors="surrogateescape")


def _refused(number: int, reason: str, message: str, video_id: str = "") -> RefusedRow:
    return RefusedRow(row=number, video_id=video_id, reason=reason, message=_printable(message))


def _printable(text: str) -> str:
    """The text with a replacement character for everything that a database or a terminal could trip over."""
    return "".join("\ufffd" if unicodedata.category(letter) in ("Cc", "Cs") else letter for letter in text)
