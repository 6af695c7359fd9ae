"""Measurements as plain English."""

from collections.abc import Sequence


def a(name: str) -> str:
    """The name with its indefinite article."""
    return ("an " if name[0] in "aeiou" else "a ") + name


def listed(names: Sequence[str]) -> str:
    """`x`, `x and y`, `x, y and z`."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def sentence(text: str) -> str:
    """The text with a capital letter and a full stop."""
    return text[0].upper() + text[1:] + "."
