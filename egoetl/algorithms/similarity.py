"""How alike texts are."""

from collections.abc import Iterable
from itertools import pairwise

from egoetl.algorithms.wording import words

Shingles = frozenset[tuple[str, str]]


def shingles(texts: Iterable[str]) -> Shingles:
    """The pairs of neighbouring words of texts, whose beginnings and ends count as words. The order of the texts does not matter."""
    return frozenset(pair for text in texts for pair in pairwise(("", *words(text), "")))


def jaccard(one: Shingles, other: Shingles) -> float:
    """The share of what either holds that both hold: 0 to 1; 1 for two empty ones."""
    both = len(one & other)
    either = len(one) + len(other) - both
    return both / either if either else 1.0
