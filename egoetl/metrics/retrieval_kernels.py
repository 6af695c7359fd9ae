"""AP and nDCG of a query without sorting all items: kernels of `retrieval`.

AP needs, for each wholly relevant item, how many others come before it: they are counted against those few items, sorted. nDCG needs the
first k items: items are counted in buckets of equal width, and only those in the buckets that hold the first k are put in order.
"""

import numpy as np
from numpy.typing import NDArray

from egoetl.algorithms.compiled import compiled

Doubles = NDArray[np.float64]
BUCKETS = 4096
BLOCK = 32
"""Columns that are copied at once, so that each row's cache line is read once."""


@compiled
def ranked_by_rows(similarity: Doubles, relevances: Doubles, discounts: Doubles, out: Doubles) -> None:
    """AP and nDCG of every row into `out`, (queries, 2), which stays as it is where a query has none."""
    for query in range(similarity.shape[0]):
        _score(similarity[query], relevances[query], discounts, out[query])


@compiled
def ranked_by_columns(similarity: Doubles, relevances: Doubles, discounts: Doubles, out: Doubles) -> None:
    """The same of every column."""
    items, queries = similarity.shape
    likeness, worth = np.empty((BLOCK, items)), np.empty((BLOCK, items))
    for start in range(0, queries, BLOCK):
        count = min(BLOCK, queries - start)
        for item in range(items):
            for column in range(count):
                likeness[column, item] = similarity[item, start + column]
                worth[column, item] = relevances[item, start + column]
        for column in range(count):
            _score(likeness[column], worth[column], discounts, out[start + column])


@compiled
def _score(likeness: Doubles, worth: Doubles, discounts: Doubles, out: Doubles) -> None:
    some, whole = 0, 0
    for item in range(len(worth)):
        some += worth[item] > 0
        whole += worth[item] == 1
    if whole:
        out[0] = _average_precision(likeness, worth, whole)
    if some:
        out[1] = _dcg(likeness, worth, some, discounts) / _best_dcg(worth, some, discounts)


@compiled
def _average_precision(likeness: Doubles, worth: Doubles, whole: int) -> float:
    """Σ precision at each item of relevance 1 / their number; of equal ones the less relevant come first."""
    best, unused = np.empty(whole), np.zeros(whole)
    found = 0
    for item in range(len(worth)):
        if worth[item] == 1:
            best[found] = likeness[item]
            found += 1
    _put_in_order(best, unused, whole // 2)
    beaten = np.zeros(whole, np.int64)  # how many others come before each of the best and after the one before it
    for item in range(len(worth)):
        if likeness[item] >= best[whole - 1] and worth[item] != 1:
            beaten[_more_than(best, likeness[item])] += 1
    total, others = 0.0, 0
    for number in range(whole):
        others += beaten[number]
        total += (number + 1) / (number + 1 + others)
    return total / whole


@compiled
def _more_than(descending: Doubles, value: float) -> int:
    """How many of the numbers are more than the value."""
    low, high = 0, len(descending)
    while low < high:
        middle = (low + high) // 2
        if descending[middle] > value:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def _dcg(likeness: Doubles, worth: Doubles, most: int, discounts: Doubles) -> float:
    """DCG of the first `most` items; of equal ones the less relevant come first."""
    near, value, displaced = _nearest(likeness, worth, most)
    _put_in_order(near, value, displaced // 2)
    total = 0.0
    for rank in range(most):
        total += value[rank] * discounts[rank]
    return total


@compiled
def _nearest(likeness: Doubles, worth: Doubles, most: int) -> tuple[Doubles, Doubles, int]:
    """Similarity and relevance of the `most` most similar items and perhaps of others, the order being right from bucket to bucket.

    The number is by how many places an item may still be wrong.
    """
    count = len(likeness)
    low, high = likeness[0], likeness[0]
    for item in range(count):
        low, high = min(low, likeness[item]), max(high, likeness[item])
    if not high > low:
        return likeness.copy(), worth.copy(), count
    scale = (BUCKETS - 1) / (high - low)
    bucket, ends = np.empty(count, np.int32), np.zeros(BUCKETS, np.int32)
    for item in range(count):
        bucket[item] = np.int32((high - likeness[item]) * scale)  # 0 holds the most similar
        ends[bucket[item]] += 1
    kept, buckets, largest = 0, 0, 0
    while kept < most:
        largest = max(largest, ends[buckets])
        kept += ends[buckets]
        ends[buckets] = kept
        buckets += 1
    near, value = np.empty(kept), np.empty(kept)
    for item in range(count):
        if bucket[item] < buckets:
            ends[bucket[item]] -= 1
            place = ends[bucket[item]]
            near[place], value[place] = likeness[item], worth[item]
    return near, value, largest


@compiled
def _put_in_order(near: Doubles, value: Doubles, gap: int) -> None:
    """Sort, the most similar first and of equal ones the less relevant, in place: Shell's sort from that gap on."""
    gap = max(gap, 1)
    while gap:
        for item in range(gap, len(near)):
            this_near, this_value, place = near[item], value[item], item
            while place >= gap:
                before = place - gap
                if near[before] > this_near or (near[before] == this_near and value[before] <= this_value):
                    break
                near[place], value[place] = near[before], value[before]
                place = before
            near[place], value[place] = this_near, this_value
        gap //= 2


@compiled
def _best_dcg(worth: Doubles, some: int, discounts: Doubles) -> float:
    """DCG of the best order."""
    positive, value, _ = _nearest(worth, worth, some)
    _put_in_order(positive, value, 1)
    total = 0.0
    for rank in range(some):
        total += positive[rank] * discounts[rank]
    return total
