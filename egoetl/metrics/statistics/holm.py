"""Many tests at once: p-values that are held against one level together."""

from collections.abc import Mapping


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Holm's adjusted p-values, by name: comparing each with 0.05 errs in any of the tests in at most 5 % of all cases.

    From the smallest up, the k-th of m (counting from 0) is multiplied by m - k, and is no less than the one before it and at most 1
    (Holm, Scandinavian Journal of Statistics 6, 1979). It asks nothing of how the tests depend on each other.
    """
    adjusted: dict[str, float] = {}
    least = 0.0
    for rank, name in enumerate(sorted(p_values, key=lambda each: (p_values[each], each))):
        least = max(least, min(1.0, (len(p_values) - rank) * p_values[name]))
        adjusted[name] = least
    return {name: adjusted[name] for name in p_values}
