"""Which of all matches METEOR takes: a beam search for the most words matched, then the fewest chunks, then the shortest way."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from egoetl.metrics.meteor.matching import CANDIDATE, CANDIDATE_LENGTH, EXACT, KIND, LENGTH, REFERENCE, find_matches

BEAM = 40
NONE = -1
SKIP, STAY, FIXED = -1, -2, -3
"""What a path does at a word of the reference where it takes no match: leave the word out; go on within a match that it has
taken; follow a match that has no rival. A move from 0 on is the number of the match that it takes."""


class Costs(NamedTuple):
    """What a path costs, as one number: matches less times the largest, chunks times the next, and the way between matched words."""

    chunk: int
    match: int


class Proposals(NamedTuple):
    """The best paths so far of the next step, in order: `costs`, the `parents` they go on from and their `moves`; `count[0]` of them."""

    costs: NDArray[np.int64]
    parents: NDArray[np.int64]
    moves: NDArray[np.int64]
    count: NDArray[np.int64]


class Paths(NamedTuple):
    """The paths of a step, in order: costs, the next free word of the reference, where the last match ends in the candidate, or -1
    behind a gap, and the words of the candidate, then of the reference, that are used."""

    costs: NDArray[np.int64]
    next_word: NDArray[np.int64]
    candidate_end: NDArray[np.int64]
    used: NDArray[np.bool_]


@njit(cache=True)
def align(candidate, reference, words, table, place):
    """Align two captions, given as numbers of words: int32 (19,).

    Matched words by kind, four numbers each: content words of the candidate and of the reference, function words of the
    candidate and of the reference. Then the chunks, and the function words of the candidate and of the reference.
    """
    matches = find_matches(candidate, reference, words, table, place)
    first = np.searchsorted(matches[:, REFERENCE], np.arange(len(reference) + 1))
    taken, used = _without_rival(matches, first, len(candidate), len(reference))
    _search(matches, first, taken, used, len(candidate))
    in_candidate = words.is_function_word[candidate]
    in_reference = words.is_function_word[reference]
    made = np.zeros(19, np.int32)
    for number in taken:
        if number != NONE:
            _count_words(made, matches, number, in_candidate, in_reference)
    made[16] = _chunks(matches, taken)
    made[17] = in_candidate.sum()
    made[18] = in_reference.sum()
    return made


@njit(cache=True)
def _without_rival(matches, first, candidate_length, reference_length):
    """The matches that share no word with another, by their first word in the reference, and the words they use up."""
    cover = np.zeros(candidate_length + reference_length, np.int32)
    for number in range(len(matches)):
        _cover(cover, matches, number, candidate_length)
    taken = np.full(reference_length, NONE, np.int64)
    used = np.zeros(candidate_length + reference_length, np.bool_)
    for at in range(reference_length):
        if first[at + 1] - first[at] == 1 and _greatest(cover, matches, first[at], candidate_length) == 1:
            taken[at] = first[at]
            _use(used, matches, first[at], candidate_length)
    return taken, used


@njit(cache=True)
def _cover(cover, matches, number, candidate_length):
    for at in range(matches[number, CANDIDATE], matches[number, CANDIDATE] + matches[number, CANDIDATE_LENGTH]):
        cover[at] += 1
    start = candidate_length + matches[number, REFERENCE]
    for at in range(start, start + matches[number, LENGTH]):
        cover[at] += 1


@njit(cache=True)
def _greatest(values, matches, number, candidate_length):
    """The greatest of the values at the words of a match."""
    made = 0
    for at in range(matches[number, CANDIDATE], matches[number, CANDIDATE] + matches[number, CANDIDATE_LENGTH]):
        made = max(made, int(values[at]))
    start = candidate_length + matches[number, REFERENCE]
    for at in range(start, start + matches[number, LENGTH]):
        made = max(made, int(values[at]))
    return made


@njit(cache=True)
def _use(used, matches, number, candidate_length):
    for at in range(matches[number, CANDIDATE], matches[number, CANDIDATE] + matches[number, CANDIDATE_LENGTH]):
        used[at] = True
    start = candidate_length + matches[number, REFERENCE]
    for at in range(start, start + matches[number, LENGTH]):
        used[at] = True


@njit(cache=True)
def _search(matches, first, taken, used, candidate_length):
    """Fill `taken`, which has the matches without a rival, by the best path through the reference."""
    steps = len(taken)
    costs = _costs(matches, steps)
    parents = np.empty((steps, BEAM), np.int64)
    moves = np.empty((steps, BEAM), np.int64)
    paths, others = _room(len(used)), _room(len(used))
    paths.costs[0], paths.next_word[0], paths.candidate_end[0] = 0, 0, NONE
    paths.used[0] = used
    size = 1
    for step in range(steps):
        proposals = Proposals(np.empty(BEAM, np.int64), parents[step], moves[step], np.zeros(1, np.int64))
        for rank in range(size):
            _propose_all(proposals, paths, rank, step, matches, first, taken, candidate_length, costs)
        size = proposals.count[0]
        for rank in range(size):
            _follow(paths, others, proposals, rank, matches, taken, candidate_length)
        paths, others = others, paths
    rank = _best(paths, size, costs)
    for step in range(steps - 1, -1, -1):
        if moves[step, rank] >= 0:
            taken[step] = moves[step, rank]
        rank = parents[step, rank]


@njit(cache=True)
def _costs(matches, steps):
    """Costs so large that no sum of the lesser reaches one of the greater."""
    way = 0
    for number in range(len(matches)):
        way += abs(matches[number, REFERENCE] - matches[number, CANDIDATE])
    return Costs(way + 1, (way + 1) * (steps + 2))


@njit(cache=True)
def _room(words):
    return Paths(np.empty(BEAM, np.int64), np.empty(BEAM, np.int64), np.empty(BEAM, np.int64), np.empty((BEAM, words), np.bool_))


@njit(cache=True)
def _propose_all(proposals, paths, rank, step, matches, first, taken, candidate_length, costs):
    """Propose every way in which a path can go on at a word of the reference.

    A match that is tried adds its way to the path that goes on without it, and to those that try a later match, not to its own.
    """
    cost, end, used = paths.costs[rank], paths.candidate_end[rank], paths.used[rank]
    if used[candidate_length + step]:
        if step < paths.next_word[rank]:
            _propose(proposals, cost, rank, STAY)
        else:
            number = taken[step]
            way = abs(matches[number, REFERENCE] - matches[number, CANDIDATE])
            _propose(proposals, cost + way + _cost(matches, number, end, costs), rank, FIXED)
        return
    for number in range(first[step], first[step + 1]):
        if not _greatest(used, matches, number, candidate_length):
            _propose(proposals, cost + _cost(matches, number, end, costs), rank, number)
            cost += abs(matches[number, REFERENCE] - matches[number, CANDIDATE])
    _propose(proposals, cost + costs.chunk if end != NONE else cost, rank, SKIP)


@njit(cache=True)
def _cost(matches, number, end, costs):
    """What a match adds: exact words count whole, others half, in whole numbers for either caption."""
    length, other_length = matches[number, LENGTH], matches[number, CANDIDATE_LENGTH]
    gain = length + other_length if matches[number, KIND] == EXACT else length // 2 + other_length // 2
    parted = end != NONE and end != matches[number, CANDIDATE]
    return parted * costs.chunk - gain * costs.match


@njit(cache=True)
def _propose(proposals, cost, rank, move):
    """Put a path among the proposals, behind those that cost the same; the last goes where there are more than the beam holds."""
    at = proposals.count[0]
    if at == BEAM:
        at -= 1
        if cost >= proposals.costs[at]:
            return
    else:
        proposals.count[0] += 1
    while at > 0 and proposals.costs[at - 1] > cost:
        proposals.costs[at] = proposals.costs[at - 1]
        proposals.parents[at] = proposals.parents[at - 1]
        proposals.moves[at] = proposals.moves[at - 1]
        at -= 1
    proposals.costs[at], proposals.parents[at], proposals.moves[at] = cost, rank, move


@njit(cache=True)
def _follow(paths, others, proposals, rank, matches, taken, candidate_length):
    """Make a proposal a path of the next step."""
    parent, move = proposals.parents[rank], proposals.moves[rank]
    others.costs[rank] = proposals.costs[rank]
    others.next_word[rank] = paths.next_word[parent]
    others.candidate_end[rank] = paths.candidate_end[parent]
    for at in range(len(paths.used[parent])):
        others.used[rank, at] = paths.used[parent, at]
    if move == SKIP:
        others.next_word[rank] += 1
        others.candidate_end[rank] = NONE
    elif move != STAY:
        number = move if move >= 0 else taken[paths.next_word[parent]]
        others.next_word[rank] += matches[number, LENGTH]
        others.candidate_end[rank] = matches[number, CANDIDATE] + matches[number, CANDIDATE_LENGTH]
        _use(others.used[rank], matches, number, candidate_length)


@njit(cache=True)
def _best(paths, size, costs):
    """The first of the paths that cost least, the last chunk of each counted."""
    best, least = 0, 0
    for rank in range(size):
        cost = paths.costs[rank] + (paths.candidate_end[rank] != NONE) * costs.chunk
        if rank == 0 or cost < least:
            best, least = rank, cost
    return best


@njit(cache=True)
def _count_words(made, matches, number, in_candidate, in_reference):
    kind = matches[number, KIND]
    for at in range(matches[number, CANDIDATE], matches[number, CANDIDATE] + matches[number, CANDIDATE_LENGTH]):
        made[4 * kind + 2 * in_candidate[at]] += 1
    for at in range(matches[number, REFERENCE], matches[number, REFERENCE] + matches[number, LENGTH]):
        made[4 * kind + 1 + 2 * in_reference[at]] += 1


@njit(cache=True)
def _chunks(matches, taken):
    """How many runs of matches lie side by side, in the same order, in both captions."""
    chunks, next_word, candidate_end = 0, NONE, NONE
    for at in range(len(taken)):
        number = taken[at]
        if number != NONE:
            chunks += at != next_word or matches[number, CANDIDATE] != candidate_end
            next_word = at + matches[number, LENGTH]
            candidate_end = matches[number, CANDIDATE] + matches[number, CANDIDATE_LENGTH]
    return chunks
