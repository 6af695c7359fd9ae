"""Accuracy: whether what was chosen is what is right."""

from typing import TypeVar

_Answer = TypeVar("_Answer", int, str)


def accuracy(chosen: _Answer | None, right: _Answer) -> float | None:
    """1 where the choice is the right one, 0 where it is another, None where no choice could be read."""
    return None if chosen is None else float(chosen == right)
