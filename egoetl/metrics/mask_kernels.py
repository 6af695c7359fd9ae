"""Masks with 64 pixels a word, the leftmost in the lowest bit, compared by Numba: kernels of `regions` and `boundaries`.

Only words that hold a boundary are worked on. A disk is a union of runs of pixels, one a row: the other boundary's rows are grown to
both sides by each length that occurs, once, and a boundary's pixels are matched by the union of the rows around them.
"""

from functools import lru_cache
from math import isqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from egoetl.algorithms.compiled import compiled

Words = NDArray[np.uint64]
Numbers = NDArray[np.int64]
_0, _1, _2, _4, _56, _63, _64 = (np.uint64(number) for number in (0, 1, 2, 4, 56, 63, 64))
_PAIRS, _FOURS, _BYTES, _ONES = (
    np.uint64(number) for number in (0x5555555555555555, 0x3333333333333333, 0x0F0F0F0F0F0F0F0F, 0x0101010101010101)
)


class Disk(NamedTuple):
    """A row is grown in steps, each by so many pixels more; `level_of` says after how many of them a row so far away is grown enough."""

    steps: Words
    level_of: Numbers


@lru_cache(maxsize=64)
def disk(radius: int) -> Disk:
    """The disk of all pixels that are at most so many pixels away."""
    runs = [isqrt(radius * radius - row * row) for row in range(radius + 1)]
    levels = [0]
    for run in sorted(set(runs)):
        while levels[-1] < run:
            levels.append(min(run, 3 * levels[-1] + 1, levels[-1] + 63))  # a longer step would leave a gap
    return Disk(np.diff(np.array(levels, dtype=np.uint64)), np.array([levels.index(run) for run in runs], dtype=np.int64))


@compiled
def region_counts(one: Words, other: Words) -> tuple[int, int]:
    """Pixels that both masks have, and pixels that either has."""
    both, either = 0, 0
    for row in range(one.shape[0]):
        for word in range(one.shape[1]):
            both += _ones(one[row, word] & other[row, word])
            either += _ones(one[row, word] | other[row, word])
    return both, either


@compiled
def boundary_counts(said: Words, true: Words, width: int, steps: Words, level_of: Numbers) -> tuple[int, int, int, int]:
    """Pixels of both boundaries, and of each those that are within a disk of one of the other.

    Args:
        said: the packed predicted mask, (height, words).
        true: the packed true mask, of the same size.
        width: of the masks, in pixels.
        steps: of the disk.
        level_of: of the disk.
    """
    said_outline, said_extent, said_count = _outline(said, width)
    true_outline, true_extent, true_count = _outline(true, width)
    said_matched = _matched(said_outline, said_extent, true_outline, true_extent, steps, level_of)
    true_matched = _matched(true_outline, true_extent, said_outline, said_extent, steps, level_of)
    return said_count, true_count, said_matched, true_matched


@compiled
def _outline(mask: Words, width: int) -> tuple[Words, Numbers, int]:
    """The boundary, for each row the words [first, last) that hold some of it, and how many pixels it has.

    Beyond the right and lower edges the mask goes on as it is at them.
    """
    height, words = mask.shape
    outline = np.zeros((height, words), dtype=np.uint64)
    extent = np.zeros((height, 2), dtype=np.int64)
    edge = _1 << np.uint64((width - 1) % 64)
    count = 0
    for row in range(height):
        below = min(row + 1, height - 1)
        first, last = words, 0
        for word in range(words):
            here, under = mask[row, word], mask[below, word]
            next_here, next_under = (mask[row, word + 1], mask[below, word + 1]) if word + 1 < words else (_0, _0)
            if not (here | under | next_here | next_under) or not (~here | ~under | ~next_here | ~next_under):
                continue
            right, under_right = here >> _1 | next_here << _63, under >> _1 | next_under << _63
            if word + 1 == words:
                right, under_right = right | here & edge, under_right | under & edge
            found = here ^ right | here ^ under | here ^ under_right
            if found:
                outline[row, word] = found
                count += _ones(found)
                first, last = min(first, word), word + 1
        extent[row, 0], extent[row, 1] = first, last
    return outline, extent, count


@compiled
def _matched(outline: Words, extent: Numbers, other: Words, other_extent: Numbers, steps: Words, level_of: Numbers) -> int:
    """Pixels of a boundary that have one of the other within the disk."""
    height, words = outline.shape
    radius = len(level_of) - 1
    slots = 1
    while slots < 2 * radius + 1:
        slots *= 2  # a row's slot is found without a division
    grown = np.empty((slots, words, len(steps) + 1), dtype=np.uint64)
    reached = np.zeros((slots, 2), dtype=np.int64)
    ready, matched, reach = 0, 0, steps.sum()
    for row in range(height):
        if extent[row, 0] >= extent[row, 1]:
            continue
        for near in range(max(ready, row - radius), min(height, row + radius + 1)):
            _grow(other, near, other_extent, steps, grown, near & (slots - 1), reached, reach)
        ready = min(height, row + radius + 1)
        for word in range(extent[row, 0], extent[row, 1]):
            wanted = outline[row, word]
            if wanted:
                matched += _ones(wanted & _around(row, word, wanted, height, level_of, grown, reached))
    return matched


@compiled
def _grow(other: Words, row: int, extent: Numbers, steps: Words, grown: Words, slot: int, reached: Numbers, reach: np.uint64) -> None:
    """The words of a row after each step, and which words [first, last) that fills. No view of an array is made: it costs."""
    words = other.shape[1]
    first, last = extent[row, 0], extent[row, 1]
    if first < last:
        first, last = max(0, first - 1), min(words, last + 1)
    reached[slot, 0], reached[slot, 1] = first, last
    beyond = _64 - reach
    for word in range(first, last):
        left, whole, right = other[row, word - 1] if word else _0, other[row, word], other[row, word + 1] if word + 1 < words else _0
        grown[slot, word, 0] = whole
        if left >> beyond | whole | right << beyond:
            for step in range(len(steps)):
                near = steps[step]
                whole |= whole << near | whole >> near | left >> (_64 - near) | right << (_64 - near)
                left, right = left | left << near, right | right >> near
                grown[slot, word, step + 1] = whole
        else:
            grown[slot, word, 1:] = _0


@compiled
def _around(row: int, word: int, wanted: np.uint64, height: int, level_of: Numbers, grown: Words, reached: Numbers) -> np.uint64:
    """The union of the grown rows around a word, or as much of it as is wanted."""
    found, slots = _0, grown.shape[0]
    for away in range(len(level_of)):
        for near in (row - away, row + away):
            slot = near & (slots - 1)
            if 0 <= near < height and reached[slot, 0] <= word < reached[slot, 1]:
                found |= grown[slot, word, level_of[away]]
        if wanted & ~found == _0:
            break
    return found


@compiled
def _ones(word: np.uint64) -> int:
    """How many bits are set."""
    word = word - (word >> _1 & _PAIRS)
    word = (word & _FOURS) + (word >> _2 & _FOURS)
    word = word + (word >> _4) & _BYTES
    return np.int64(word * _ONES >> _56)  # pyright: ignore[reportReturnType]
