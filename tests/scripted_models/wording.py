"""Choosing words: the same for the same text, others for another one."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")
_UNCOUNTED = re.compile(r"\bspeech\b|\b(?:water|glass|paper|music)$")
_LEADING_ARTICLE = re.compile(r"^(?:an?|the)\s+", re.IGNORECASE)


def one_of(choices: Sequence[T], *about: object) -> T:
    """A choice that depends on what it is about alone."""
    return choices[_draw(*about) % len(choices)]


def in_any_order(choices: Iterable[T], *about: object) -> list[T]:
    """The choices in an order that depends on what it is about and on nothing else."""
    return sorted(choices, key=lambda each: _draw(each, *about))


def _draw(*about: object) -> int:
    return int.from_bytes(hashlib.sha256(repr(about).encode()).digest()[:8], "big")


def the(name: str) -> str:
    """`red ball` as `the red ball`."""
    return f"the {_LEADING_ARTICLE.sub('', name)}"


def a(name: str) -> str:
    """`red ball` as `a red ball`; what cannot be counted has no article."""
    plain = _LEADING_ARTICLE.sub("", name)
    if _UNCOUNTED.search(plain):
        return plain
    return f"{'an' if plain[:1].casefold() in 'aeiou' else 'a'} {plain}"


def together(parts: Sequence[str]) -> str:
    """`x`, `x and y`, `x, y and z`."""
    return " and ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)


def sentence(text: str) -> str:
    """The text with a capital letter and a full stop."""
    return f"{text[:1].upper()}{text[1:]}."


_PAST = {"is": "was", "moves": "moved", "enters": "entered", "leaves": "left"}
_VERB = re.compile(rf"\b({'|'.join(_PAST)})\b")


def without_repeating(sentences: Iterable[str], things: Iterable[str]) -> list[str]:
    """Sentences in which one thing acts again and again as one: `the red ball enters the view and moves left`."""
    subjects = [f"{the(thing)} " for thing in things]
    told: list[tuple[str | None, str]] = []
    for each in sentences:
        subject = next((subject for subject in subjects if each.startswith(subject)), None)
        if subject and told and told[-1][0] == subject:
            told[-1] = subject, f"{told[-1][1]} and {each.removeprefix(subject)}"
        else:
            told.append((subject, each))
    return [text for _, text in told]


def in_the_past(text: str) -> str:
    """`the red ball moves left` as `the red ball moved left`."""
    return _VERB.sub(lambda found: _PAST[found[1]], text, count=1)
