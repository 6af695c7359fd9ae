"""Fields of predictions' rows: what a model said, stretches of video, options, and what is right."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any, NamedTuple, cast

from egoetl.benchmarks.options import choice_of, listed_options
from egoetl.benchmarks.predictions.prediction import Trouble
from egoetl.benchmarks.rows import Row
from egoetl.core.errors import CallerError
from egoetl.core.evaluation import AnswerStatus, Reference, Spans

LETTERS = "ABCDEFGHIJ"
_MOST_NAMES = 20
_SECONDS = ("start", "end"), ("start_time", "end_time")


class Spoken(NamedTuple):
    """What a model said; where it said nothing, the status and reason of that, and what is wrong with the field."""

    said: tuple[str, ...]
    status: AnswerStatus = "answered"
    reason: str = ""
    troubles: tuple[Trouble, ...] = ()


def named_key(rows: Sequence[Row], given: str | None) -> str | None:
    """The field that a person names as the model's answer, if any. Raises CallerError `key_unknown` where no row has it."""
    if given is not None and not any(given in row.fields for row in rows):
        found = sorted({name for row in rows for name in row.fields})
        raise CallerError(f"No row has a field {given!r}; there are: {', '.join(found[:_MOST_NAMES]) or 'none'}.", reason="key_unknown")
    return given


def spoken(row: Row, *names: str) -> Spoken:
    """What the first of these fields that there is holds as the model's words; letters that no report can hold become U+FFFD."""
    value = next((row.fields[name] for name in names if row.fields.get(name) is not None), None)
    if value is None:
        return unspoken(row, "missing", "prediction_missing", f"it has no {' or '.join(names)}; add it")
    if not isinstance(value, str) and not _is_number(value):
        return unspoken(row, "failed", "prediction_not_text", f"{names[0]} is no text; write what the model said as text")
    text = printable(str(value)).strip()
    if not text:
        return unspoken(row, "failed", "prediction_empty", f"{names[0]} is empty, so the model said nothing; ask it again")
    return Spoken((text,))


def unspoken(row: Row, status: AnswerStatus, reason: str, what: str) -> Spoken:
    """Nothing said, and why."""
    return Spoken((), status, reason, (Trouble(reason, f"{row.where}: {what}."),))


def printable(text: str) -> str:
    """The text with U+FFFD for control characters and halves of surrogate pairs, which JSON and terminals trip over."""
    return "".join(each if each in "\n\t" or unicodedata.category(each) not in ("Cc", "Cs") else "\ufffd" for each in text)


def name_or_none(row: Row, *names: str) -> str | None:
    """A name, if the row has it. Raises DataError as `Row.name` does for one that is malformed."""
    return row.name(*names) if _has(row, names) else None


def text_or_none(row: Row, *names: str) -> str | None:
    """A text, if the row has it. Raises DataError as `Row.text` does for one that is malformed."""
    return row.text(*names) if _has(row, names) else None


def window_of(row: Row) -> tuple[int, int] | None:
    """`start_time` and `end_time` in milliseconds, if the row has both. Raises DataError `time_not_a_number` or `window_inverted`."""
    if not (_has(row, ("start_time",)) and _has(row, ("end_time",))):
        return None
    start, end = row.milliseconds("start_time"), row.milliseconds("end_time")
    if end <= start:
        raise row.refusal("window_inverted", f"it ends at {end} ms, but starts at {start} ms; mend the times")
    return start, end


def options_of(row: Row, *names: str) -> tuple[str, ...]:
    """The texts of options: a list, texts by letter, or either as JSON or Python; none if there are none.

    Raises DataError `options_malformed`.
    """
    value = next((row.fields[name] for name in names if row.fields.get(name)), None)
    if value is None:
        return ()
    if not (found := listed_options(value)):
        raise row.refusal("options_malformed", f"{names[0]} is no list of two or more texts; mend it")
    return tuple(map(printable, found))


def reference_of(gold: str, options: tuple[str, ...]) -> Reference:
    """What is right: of options, the one that is called by its letter or by its text."""
    choice = choice_of(gold, options)
    return Reference(answer=gold if choice is None else options[choice], choice=choice)


def spans_of(row: Row, name: str) -> Spans:
    """Stretches in seconds: pairs, one flat list of an even number, or objects with start and end. Raises DataError `span_malformed`."""
    value = row.fields.get(name)
    entries = cast("list[Any]", value) if isinstance(value, list) else None
    if entries is not None and entries and all(_is_number(each) for each in entries) and len(entries) % 2 == 0:
        entries = [entries[index : index + 2] for index in range(0, len(entries), 2)]
    pairs = [_pair(each) for each in entries] if entries is not None else [None]
    whole = tuple(each for each in pairs if each is not None)
    if len(whole) < len(pairs):
        raise row.refusal("span_malformed", f"{name} is no list of [start, end] in seconds; mend it")
    return whole


def _pair(value: Any) -> tuple[float, float] | None:
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, Any]", value)
        value = next(([fields[start], fields[end]] for start, end in _SECONDS if start in fields and end in fields), None)
    ends = cast("list[Any]", value) if isinstance(value, list) else []
    return (float(ends[0]), float(ends[1])) if len(ends) == 2 and all(map(_is_number, ends)) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _has(row: Row, names: Iterable[str]) -> bool:
    return any(row.fields.get(name) is not None for name in names)
