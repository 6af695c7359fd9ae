"""What people wrote about a video: JSON lines, CSV, or Ego4D's JSON, each entry an instant and a text.

A text that begins with `#C` is about the camera wearer, whom Ego4D's annotators call `C`; `#O` begins one about others.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, cast

import pydantic
from pydantic import Field

from egoetl.core.errors import DataError
from egoetl.core.records import HumanNarration

WEARER = "the camera wearer"
LARGEST_BYTES = 64 * 2**20
_TAG = re.compile(r"^#(?P<who>\w+)\s*")
_UNSURE = re.compile(r"#unsure\b", re.IGNORECASE)
_INSTANT, _TEXT = ("timestamp_sec", "time"), ("narration_text", "text")
_SECONDS = pydantic.TypeAdapter(Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)])


def read_narrations(file: Path) -> tuple[HumanNarration, ...]:
    """The narrations of a file, by time; those about the same instant in the file's order.

    `.jsonl`: an object a line with `time` (seconds of the video) and `text`; `.csv`: a header with the same names;
    `.json`: a list of such objects, or Ego4D's object of one video with its passes. `timestamp_sec` and
    `narration_text`, Ego4D's own names, are understood everywhere.

    Raises:
        DataError: `narrations_malformed`, with the entry that is wrong; `narrations_too_large`.
    """
    if file.stat().st_size > LARGEST_BYTES:
        raise DataError(
            f"{file.name} has more than {LARGEST_BYTES >> 20} MiB; give each video its own file.", reason="narrations_too_large"
        )
    try:
        text = file.read_text(encoding="utf-8-sig")
        entries = [_narration(file, number, entry) for number, entry in _entries(file.suffix, text)]
    except (UnicodeDecodeError, json.JSONDecodeError, csv.Error, RecursionError) as error:
        raise _malformed(file, f"it cannot be read as {file.suffix or 'text'}: {error}") from error
    return tuple(sorted(entries, key=lambda each: each.at_ms))


def _entries(suffix: str, text: str) -> Iterable[tuple[int, Any]]:
    """Number and content of each entry, the first being 1."""
    if suffix == ".csv":
        return enumerate(csv.DictReader(io.StringIO(text, newline="")), start=1)
    if suffix == ".json":
        return enumerate(_listed(json.loads(text)), start=1)
    lines = enumerate(text.splitlines(), start=1)
    return [(number, json.loads(line)) for number, line in lines if line.strip()]


def _listed(data: Any) -> Iterator[Any]:
    """The entries of a list, or of all passes of an Ego4D video."""
    if isinstance(data, dict):
        passes = cast("dict[str, Any]", data)
        for name in sorted(passes):
            if name.startswith("narration_pass") and isinstance(passes[name], dict):
                yield from cast("dict[str, Any]", passes[name]).get("narrations", [])
    else:
        yield from cast("list[Any]", data) if isinstance(data, list) else [data]


def _narration(file: Path, number: int, entry: Any) -> HumanNarration:
    if not isinstance(entry, dict):
        raise _malformed(file, f"entry {number} is no object with time and text")
    fields = cast("dict[str, Any]", entry)
    instant = next((fields[name] for name in _INSTANT if fields.get(name) is not None), None)
    said = next((fields[name] for name in _TEXT if fields.get(name)), None)
    try:
        at_ms = round(_SECONDS.validate_python(instant) * 1000)
        who, text = _spoken(str(said or ""))
        return HumanNarration(at_ms=at_ms, text=text, wearer=who == "C")
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        raise _malformed(file, f"entry {number}: {'.'.join(map(str, first['loc'])) or 'time'}: {first['msg']}") from error


def _spoken(text: str) -> tuple[str, str]:
    """Whom a text is about, and the text in plain words: `#C C lifts a cup` as (`C`, `the camera wearer lifts a cup`)."""
    found = _TAG.match(text)
    who = found["who"] if found else ""
    plain = _UNSURE.sub("something", text[found.end() :] if found else text).strip().rstrip(".")
    return who, re.sub(r"^C\b", WEARER, plain) if who == "C" else plain


def _malformed(file: Path, what: str) -> DataError:
    return DataError(f"Narrations {file.name}: {what}; mend the file.", reason="narrations_malformed")
