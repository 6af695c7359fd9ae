"""Two runs whose items are right or wrong: the exact test on the items that only one of them has right."""

from collections.abc import Sequence
from typing import NamedTuple


class McNemar(NamedTuple):
    """How many items only the first and only the second run has right, and how probable so uneven a split is if neither is better."""

    only_first: int
    only_second: int
    p_value: float


def exact_mcnemar(first: Sequence[float], second: Sequence[float]) -> McNemar:
    """McNemar's test in its exact, two-sided form: with n items that differ, twice the binomial tail of the smaller part at 1/2, at most 1.

    McNemar, Psychometrika 12, 1947; the exact form: Fay, Biostatistics 11, 2010. It takes items for independent, which questions about
    one video are not: a second opinion beside the clustered test.

    Args:
        first: 0 or 1 for each item.
        second: 0 or 1 for the same items, in the same order.

    Raises:
        ValueError: a value is neither 0 nor 1, or the two differ in length.
    """
    if not set(first) | set(second) <= {0, 1}:
        raise ValueError("McNemar's test is for values that are 0 or 1")
    pairs = list(zip(first, second, strict=True))
    only_first = sum(left > right for left, right in pairs)
    only_second = sum(left < right for left, right in pairs)
    differing = only_first + only_second
    term, tail = 1, 0
    # C(n, k) grows from its neighbour: for thousands of items each comb() anew would take seconds.
    for k in range(min(only_first, only_second) + 1):
        tail += term
        term = term * (differing - k) // (k + 1)
    return McNemar(only_first, only_second, min(1.0, 2 * tail / 2**differing))
