"""Stretches of video in the shapes in which EVQA's data, models and scorer write them."""

import json
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, cast

from egoetl.benchmarks.literals import MalformedError
from egoetl.core.evaluation import Spans

_NAMES = (("start", "end"), ("start_time", "end_time"))


def spans_of(value: Any) -> Spans:
    """Spans in seconds from `[[s, e], ...]`, a flat list `[s, e, s, e]`, or objects with `start` and `end` or `start_time` and `end_time`.

    They stay in their order, also where one is inverted or empty. Raises MalformedError where it is anything else.
    """
    if not isinstance(value, list):
        raise MalformedError("it is no list of spans")
    entries = cast("list[Any]", value)
    if entries and not any(isinstance(each, list | dict) for each in entries):
        if len(entries) % 2:
            raise MalformedError("it is a flat list with a start that has no end")
        entries = [[entries[index], entries[index + 1]] for index in range(0, len(entries), 2)]
    return tuple(_span(each) for each in entries)


def in_words(spans: Spans) -> str:
    """Spans as an option of a question names them: `2.0-4.5 s, 7.0-9.0 s`."""
    return ", ".join(f"{start:.1f}-{end:.1f} s" for start, end in spans)


def _span(value: Any) -> tuple[float, float]:
    if isinstance(value, dict):
        return _named(cast("Mapping[str, Any]", value))
    pair = cast("Sequence[Any]", value) if isinstance(value, list) else ()
    if len(pair) != 2:
        raise MalformedError(f"{json.dumps(value, default=str)[:60]} is no start and end")
    return _seconds(pair[0]), _seconds(pair[1])


def _named(value: Mapping[str, Any]) -> tuple[float, float]:
    for start, end in _NAMES:
        if start in value and end in value:
            return _seconds(value[start]), _seconds(value[end])
    raise MalformedError(f"a span has the fields {', '.join(map(str, value)) or 'of none'}, not start and end")


def _seconds(value: Any) -> float:
    """A finite number, also one that is written as text. Raises MalformedError."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise MalformedError(f"{json.dumps(value, default=str)[:40]} is no number of seconds")
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        seconds = float("nan")
    if not isfinite(seconds):
        raise MalformedError(f"{str(value)[:40]!r} is no number of seconds")
    return seconds
