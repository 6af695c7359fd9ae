"""The lines of a manifest file, each a record of its own, so that one stray quotation mark spoils one line and no more."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from egoetl.core.errors import CallerError, DataError

LONGEST_LINE = 2 * 1024 * 1024
"""Characters. Memory is bounded by this, whatever the file is."""

Fields = dict[str, str]


def read_lines(
    file: Path, *, required: tuple[str, ...], optional: tuple[str, ...], named: str = ""
) -> Iterator[tuple[int, Fields | DataError]]:
    """Number (the header is 1) and fields of every line that is not blank, or why it has none.

    Bytes that are not UTF-8 arrive as lone surrogates. A field that a line lacks is absent. `named` is what people call the file.

    Raises:
        CallerError: `manifest_unreadable`.
        DataError: the header lacks a column or names one twice (`manifest_header`), or is no text (`manifest_not_text`).
    """
    csv.field_size_limit(LONGEST_LINE)
    named = named or str(file)
    try:
        with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
            numbered = _numbered(stream)
            names = _header(named, next(numbered, (1, ""))[1], required, optional)
            for number, text in numbered:
                fields = _fields(number, text, names)
                if fields:
                    yield number, fields
    except OSError as error:
        raise CallerError(f"Manifest {named} cannot be read: {error.strerror}; check the path.", reason="manifest_unreadable") from error


def _numbered(stream: TextIO) -> Iterator[tuple[int, str | None]]:
    """Every line; None for one that is too long, which is skipped without being kept."""
    number = 0
    while text := stream.readline(LONGEST_LINE):
        number += 1
        if len(text) < LONGEST_LINE:
            yield number, text
            continue
        yield number, None
        while text and not text.endswith(("\n", "\r")):
            text = stream.readline(LONGEST_LINE)


def _header(named: str, text: str | None, required: tuple[str, ...], optional: tuple[str, ...]) -> list[str]:
    if text is None or "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise DataError(f"Manifest {named} does not begin with a line of UTF-8 text; save it as CSV in UTF-8.", reason="manifest_not_text")
    try:
        names = [name.strip() for name in _record(text)]
    except csv.Error:
        names = []
    known = f"its header must name {', '.join(required)} and may name {', '.join(optional)}"
    missing = [name for name in required if name not in names]
    if missing:
        raise DataError(f"Manifest {named} has no column {', '.join(missing)}; {known}.", reason="manifest_header")
    repeated = [name for name in (*required, *optional) if names.count(name) > 1]
    if repeated:
        raise DataError(f"Manifest {named} has column {', '.join(repeated)} twice; {known}, each once.", reason="manifest_header")
    return names


def _fields(number: int, text: str | None, names: list[str]) -> Fields | DataError:
    if text is None:
        return DataError(f"Line {number} is longer than {LONGEST_LINE} characters; shorten it.", reason="line_too_long")
    try:
        values = _record(text)
    except csv.Error:
        return DataError(
            f"Line {number}: its quotation marks do not pair up; write a record on one line, and a quotation mark within a field twice.",
            reason="quotes_unpaired",
        )
    if any(value.strip() for value in values[len(names) :]):
        return DataError(
            f"Line {number} has {len(values)} fields, the header {len(names)}; put a field with a comma into quotation marks.",
            reason="fields_too_many",
        )
    return dict(zip(names, values, strict=False))


def _record(text: str) -> list[str]:
    for values in csv.reader([text], strict=True):
        return values
    return []
