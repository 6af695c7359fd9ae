"""Pairing two lists by distance."""

from collections.abc import Iterable


def closest_pairs(distances: Iterable[tuple[float, int, int]], farthest: float) -> dict[int, int]:
    """Pair each left with at most one right place, the closest first; equally close ones in order.

    Args:
        distances: (distance, left, right) of each pair that may be made.
        farthest: a greater distance makes no pair.
    """
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for distance, left, right in sorted(distances):
        if distance <= farthest and left not in pairs and right not in taken:
            pairs[left] = right
            taken.add(right)
    return pairs
