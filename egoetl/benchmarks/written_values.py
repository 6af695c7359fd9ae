"""Lists and objects within what a model said, whatever words or fences stand around them."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from egoetl.benchmarks.literals import MalformedError, literal_of

_MOST_OPENINGS = 50
"""So many brackets are tried: what opens thousands of them is no answer."""
_OPENING = re.compile(r"[\[{]")
_LONGEST_LITERAL = 10_000
"""Characters of a list or object that is no JSON, which is looked through letter by letter."""
_CLOSING = {"[": "]", "{": "}", "(": ")"}


def values_in(text: str) -> Iterator[Any]:
    """The lists and objects of a text, JSON or Python, in their order; of one that is not whole, those within it that are."""
    after = 0
    for opening in islice(_OPENING.finditer(text), _MOST_OPENINGS):
        if opening.start() < after:
            continue
        try:
            value, after = value_at(text, opening.start())
        except MalformedError:
            continue
        yield value


def written_list(text: str, beginning: re.Pattern[str]) -> Any:
    """The list at the first place where one begins in this way, None where none does. Raises MalformedError where it is not whole."""
    found = beginning.search(text)
    return None if found is None else value_at(text, found.start())[0]


def value_at(text: str, start: int) -> tuple[Any, int]:
    """The list or object that begins at `start`, and where it ends. Raises MalformedError."""
    try:
        return json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        end = _end_of(text, start)
        return literal_of(text[start:end]), end


def _end_of(text: str, start: int) -> int:
    """Behind the bracket that closes the one at `start`. Raises MalformedError."""
    expected: list[str] = []
    for at in range(start, min(len(text), start + _LONGEST_LITERAL)):
        if text[at] in _CLOSING:
            expected.append(_CLOSING[text[at]])
        elif expected and text[at] == expected[-1]:
            expected.pop()
            if not expected:
                return at + 1
    raise MalformedError("it does not end")
