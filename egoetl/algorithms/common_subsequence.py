"""Longest common subsequences of the words of many pairs of texts, compiled: about two microseconds for a pair of 60 words.

Import it only where it is used: it loads Numba.

Source of the recurrence: Hyyrö, Bit-parallel LCS-length computation revisited, AWOCA 2004; the words of the first text are
taken 64 at a time, and what an addition carries out of one block goes into the next. A word is a run of `a-z0-9`; words are
told apart by their bytes, a hash only says where to look.
"""

import numpy as np
from numpy.typing import NDArray

from egoetl.algorithms.compiled import compiled

Bytes = NDArray[np.uint8]
Integers = NDArray[np.int64]
Bits = NDArray[np.uint64]

_BLOCK = 64
_END = 0
"""The byte that ends a text."""


@compiled
def common_subsequences(texts: Bytes, pairs: int) -> Integers:
    """For each pair the length of the longest common subsequence, and the words of the first and of the second: (pairs, 3).

    `texts` is first, second, first, second ..., in ASCII and lower case, a zero byte after each.
    """
    made = np.zeros((pairs, 3), np.int64)
    room = _longest(texts) // 2 + 1
    first, second = np.empty((room, 3), np.int64), np.empty((room, 3), np.int64)
    slots = 4
    while slots < 2 * room:
        slots *= 2
    # A slot holds (the pair that wrote it, the place of the word), so that nothing is cleared between pairs.
    table = np.full((slots, 2), -1, np.int64)
    at = 0
    for pair in range(pairs):
        words, at = _read_words(texts, at, first)
        others, at = _read_words(texts, at, second)
        made[pair, 1], made[pair, 2] = words, others
        if words and others:
            numbers = np.empty(words, np.int64)
            for place in range(words):
                slot = _slot(texts, first, place, first, table, pair)
                if table[slot, 0] != pair:
                    table[slot, 0], table[slot, 1] = pair, place
                numbers[place] = table[slot, 1]
            shared = np.empty(others, np.int64)
            count = 0
            for place in range(others):
                slot = _slot(texts, second, place, first, table, pair)
                if table[slot, 0] == pair:
                    shared[count] = table[slot, 1]
                    count += 1
            made[pair, 0] = _length(numbers, shared[:count])
    return made


@compiled
def _longest(texts: Bytes) -> int:
    """Bytes of the longest text."""
    longest = length = 0
    for byte in texts:
        length = 0 if byte == _END else length + 1
        longest = max(longest, length)
    return longest


@compiled
def _read_words(texts: Bytes, at: int, words: Integers) -> tuple[int, int]:
    """Write begin, end and hash (FNV-1a) of each word of the text at `at`; return their number, and where the next text begins."""
    count = 0
    while texts[at] != _END:
        start = at
        value = np.uint64(14695981039346656037)
        while 97 <= texts[at] <= 122 or 48 <= texts[at] <= 57:
            value = (value ^ np.uint64(texts[at])) * np.uint64(1099511628211)
            at += 1
        if at > start:
            words[count, 0], words[count, 1] = start, at
            words[count, 2] = np.int64((value ^ (value >> np.uint64(32))) & np.uint64(0x7FFFFFFF))
            count += 1
        else:
            at += 1
    return count, at + 1


@compiled
def _slot(texts: Bytes, words: Integers, word: int, known: Integers, table: Integers, pair: int) -> int:
    """Where the table has this word for this pair, or where it would go."""
    last = len(table) - 1
    slot = words[word, 2] & last
    while table[slot, 0] == pair and not _same(texts, words, word, known, table[slot, 1]):
        slot = (slot + 1) & last
    return slot


@compiled
def _same(texts: Bytes, words: Integers, word: int, known: Integers, other: int) -> bool:
    start, begin = words[word, 0], known[other, 0]
    length = words[word, 1] - start
    offset = 0 if words[word, 2] == known[other, 2] and known[other, 1] - begin == length else -1
    while 0 <= offset < length and texts[start + offset] == texts[begin + offset]:
        offset += 1
    return bool(offset == length)


@compiled
def _length(first: Integers, second: Integers) -> int:
    """Length of the longest common subsequence of two sequences of numbers below `len(first)`."""
    none, one = np.uint64(0), np.uint64(1)
    matches = np.zeros(len(first), np.uint64)
    carries = np.zeros(len(second), np.uint64)
    found = 0
    for start in range(0, len(first), _BLOCK):
        block = first[start : start + _BLOCK]
        for bit in range(len(block)):
            matches[block[bit]] |= one << np.uint64(bit)
        state = ~none
        for place in range(len(second)):
            match = matches[second[place]]
            both = state & match
            partial = state + both
            total = partial + carries[place]
            carries[place] = one if partial < state or total < partial else none
            state = total | (state & ~match)
        for bit in range(len(block)):
            matches[block[bit]] = none
        zeros = ~state
        while zeros:
            zeros &= zeros - one
            found += 1
    return found
