"""Options that a benchmark writes into the text of a question, and which of them its answer means."""

import re
from collections.abc import Iterator
from string import ascii_uppercase
from typing import Any, NamedTuple

from egoetl.algorithms.wording import normalised
from egoetl.benchmarks.literals import MalformedError, texts_of

_MARKERS = (
    re.compile(r"^[ \t]*\(([A-Z])\)[ \t]*", re.MULTILINE),
    re.compile(r"^[ \t]*([A-Z])[.):][ \t]*", re.MULTILINE),
    re.compile(r"(?:^|(?<=\s))\(([A-Z])\)\s*"),
    re.compile(r"(?:^|(?<=\s))([A-Z])[.):]\s+"),
)
"""`(A) text` and `A. text`, each on a line of its own rather than within one."""
_HEADING = re.compile(r"\b(?:answer )?(?:options?|choices?)(?: are)? ?:?\Z", re.IGNORECASE)
_OPENING = {"]": "[", "}": "{"}
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
    whole = text.strip()
    start = whole.find(_OPENING.get(whole[-1:], "\0"))
    options = listed_options(whole[start:]) if start > 0 else ()
    return Stem(_without_heading(whole[:start]), options) if options else Stem(whole, ())


def listed_options(value: Any) -> tuple[str, ...]:
    """The texts of a list, or of an object under A, B, C ..., given as such or written as JSON or Python; () for all else."""
    try:
        options = texts_of(value)
    except MalformedError:
        return ()
    return options if len(options) > 1 else ()


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
    letters = [each[1] for each in markers]
    last_b = max((index for index, letter in enumerate(letters) if letter == "B"), default=0)
    start = max((index for index, letter in enumerate(letters[:last_b]) if letter == "A"), default=None)
    return [] if start is None else list(_run(markers[start:]))


def _run(markers: list[re.Match[str]]) -> Iterator[re.Match[str]]:
    letters = iter(ascii_uppercase)
    wanted = next(letters)
    for each in markers:
        if each[1] == wanted:
            yield each
            wanted = next(letters, "")


def _without_heading(text: str) -> str:
    """The question before its options, without the word `Options:` at its end."""
    return _HEADING.sub("", text.strip()).strip() or text.strip()
