"""Options that a benchmark writes into the text of a question, and which of them its answer means."""

import ast
import json
import re
from collections.abc import Iterator
from string import ascii_uppercase
from typing import Any, NamedTuple, cast

from egoetl.algorithms.wording import normalised

_MARKERS = (
    re.compile(r"^[ \t]*\(([A-Z])\)[ \t]*", re.MULTILINE),
    re.compile(r"^[ \t]*([A-Z])[.):][ \t]*", re.MULTILINE),
    re.compile(r"(?:^|(?<=\s))\(([A-Z])\)\s*"),
    re.compile(r"(?:^|(?<=\s))([A-Z])[.):]\s+"),
)
"""`(A) text` and `A. text`, each on a line of its own rather than within one."""
_HEADING = re.compile(r"\s*\b(?:answer\s+)?(?:options?|choices?)\s*(?:are)?\s*:?\s*$", re.IGNORECASE)
_LITERAL = re.compile(r"(?:\[.*\]|\{.*\})\s*\Z", re.DOTALL)
_LETTERED = re.compile(r"\(?([A-Z])\)?[.):]?(?:\s+(.*))?", re.DOTALL)


class Stem(NamedTuple):
    """A question without its options, and the options without their letters; none where it has none."""

    question: str
    options: tuple[str, ...]


def split_options(text: str) -> Stem:
    """Part a question from the options behind it: lettered from A on, by lines or within one, or a list or object of texts."""
    for pattern in _MARKERS:
        markers = _in_order(list(pattern.finditer(text)))
        if markers:
            ends = [*(each.start() for each in markers[1:]), len(text)]
            options = tuple(text[each.end() : end].strip(" \t\r\n,;") for each, end in zip(markers, ends, strict=True))
            if all(options):
                return Stem(_without_heading(text[: markers[0].start()]), options)
    found = _LITERAL.search(text)
    options = listed_options(found[0]) if found else ()
    return Stem(_without_heading(text[: found.start()]), options) if found and options else Stem(text.strip(), ())


def listed_options(value: Any) -> tuple[str, ...]:
    """The texts of a list, or of an object under A, B, C ..., given as such or written as JSON or Python; () for all else."""
    if isinstance(value, str):
        value = _literal(value)
    if isinstance(value, dict):
        lettered = cast("dict[Any, Any]", value)
        value = (
            [lettered[letter] for letter in ascii_uppercase[: len(lettered)]]
            if set(lettered) == set(ascii_uppercase[: len(lettered)])
            else ()
        )
    options = (
        [str(each).strip() for each in cast("list[Any]", value) if isinstance(each, str | int | float)] if isinstance(value, list) else []
    )
    return tuple(options) if len(options) > 1 and all(options) else ()


def choice_of(answer: str, options: tuple[str, ...]) -> int | None:
    """The option that a benchmark's own answer means: by its text, its letter, or both; None where it means none or several."""
    same = [index for index, option in enumerate(options) if normalised(option) == normalised(answer)]
    if len(same) == 1:
        return same[0]
    found = _LETTERED.fullmatch(answer.strip())
    if found is None or (index := ascii_uppercase.index(found[1])) >= len(options):
        return None
    return index if not found[2] or normalised(found[2]) == normalised(options[index]) else None


def _in_order(markers: list[re.Match[str]]) -> list[re.Match[str]]:
    """The last run A, B, C ... among markers, at least two of them; others between them are text of an option."""
    for start in (index for index in reversed(range(len(markers))) if markers[index][1] == "A"):
        run = list(_run(markers[start:]))
        if len(run) > 1:
            return run
    return []


def _run(markers: list[re.Match[str]]) -> Iterator[re.Match[str]]:
    letters = iter(ascii_uppercase)
    wanted = next(letters)
    for each in markers:
        if each[1] == wanted:
            yield each
            wanted = next(letters, "")


def _without_heading(text: str) -> str:
    """The question before its options, without the word `Options:` at its end."""
    stem = _HEADING.sub("", text).strip()
    return stem or text.strip()


def _literal(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
