"""Putting words together: lists and sentences."""

from collections.abc import Iterable, Sequence


def listed(names: Sequence[str]) -> str:
    """`x`, `x and y`, `x, y and z`."""
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def capitalised(text: str) -> str:
    """The text with a capital letter; the rest stays as it is."""
    return f"{text[0].upper()}{text[1:]}"


def sentence(text: str) -> str:
    """The text with a capital letter and a full stop."""
    return f"{capitalised(text)}."


def paragraph(sentences: Iterable[str], most: int) -> str:
    """The sentences in a row, from the first on as many as fit into `most` characters."""
    kept, length = list[str](), -1
    for each in sentences:
        length += len(each) + 1
        if length > most:
            break
        kept.append(each)
    return " ".join(kept)
