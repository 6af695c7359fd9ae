"""Which of all matches METEOR takes: a beam search for the most words matched, then the fewest chunks, then the shortest way."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from egoetl.algorithms.compiled import compiled
from egoetl.metrics.meteor.matching import CANDIDATE, CANDIDATE_LENGTH, EXACT, KIND, LENGTH, REFERENCE, Matches, Numbers, find_matches
from egoetl.metrics.meteor.paraphrase_table import ParaphraseTable
from egoetl.metrics.meteor.vocabulary import WordArrays

Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]

BEAM = 40
NONE = -1
SKIP, STAY, FIXED = -1, -2, -3
"""What a path does at a word of the reference where it takes no match: leave the word out; go on within a match that it has
taken; follow a match that has no rival. A move from 0 on is the number of the match that it takes."""


class Costs(NamedTuple):
    """What a path costs, as one number: matches less times the largest, chunks times the next, and the way between matched words."""

    chunk: int
    match: int


COST, PARENT, MOVE = range(3)
"""The columns of a proposal for the next step: what the path costs, its place in this step, and its move."""
NEXT_WORD, CANDIDATE_END = 1, 2
"""The columns of a path beside COST: the next free word of the reference; where the last match ends in the candidate, or NONE
behind a gap."""


@compiled
def align(candidate: Numbers, reference: Numbers, words: WordArrays, table: ParaphraseTable, place: Numbers) -> Numbers:
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
            _count_words(made, matches, int(number), in_candidate, in_reference)
    made[16] = _chunks(matches, taken)
    made[17] = in_candidate.sum()
    made[18] = in_reference.sum()
    return made


@compiled
def _without_rival(matches: Matches, first: Longs, candidate_length: int, reference_length: int) -> tuple[Longs, Flags]:
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


@compiled
def _cover(cover: Numbers, matches: Matches, number: int, candidate_length: int) -> None:
    for at in range(matches[number, CANDIDATE], matches[number, CANDIDATE] + matches[number, CANDIDATE_LENGTH]):
        cover[at] += 1
    start = candidate_length + matches[number, REFERENCE]
    for at in range(start, start + matches[number, LENGTH]):
        cover[at] += 1


@compiled
def _greatest(values: Numbers, matches: Matches, number: int, candidate_length: int) -> int:
    """The greatest of the values at the words of a match."""
    made = 0
    for at in range(matches[number, CANDIDATE], matches[number, CANDIDATE] + matches[number, CANDIDATE_LENGTH]):
        made = max(made, int(values[at]))
    start = candidate_length + matches[number, REFERENCE]
    for at in range(start, start + matches[number, LENGTH]):
        made = max(made, int(values[at]))
    return made


@compiled
def _use(used: Flags, matches: Matches, number: int, candidate_length: int) -> None:
    for at in range(matches[number, CANDIDATE], matches[number, CANDIDATE] + matches[number, CANDIDATE_LENGTH]):
        used[at] = True
    start = candidate_length + matches[number, REFERENCE]
    for at in range(start, start + matches[number, LENGTH]):
        used[at] = True


@compiled
def _search(matches: Matches, first: Longs, taken: Longs, used: Flags, candidate_length: int) -> None:
    """Fill `taken`, which has the matches without a rival, by the best path through the reference."""
    steps = len(taken)
    costs = _costs(matches, steps)
    history = np.empty((steps, BEAM, 3), np.int64)
    paths, next_paths = np.zeros((BEAM, 3), np.int64), np.empty((BEAM, 3), np.int64)
    uses, next_uses = np.empty((BEAM, len(used)), np.bool_), np.empty((BEAM, len(used)), np.bool_)
    paths[0, CANDIDATE_END] = NONE
    uses[0] = used
    size = 1
    for step in range(steps):
        proposals = history[step]
        count = 0
        for rank in range(size):
            count = _propose_all(proposals, count, paths, uses, rank, step, matches, first, taken, candidate_length, costs)
        size = count
        for rank in range(size):
            _follow(proposals, rank, paths, uses, next_paths, next_uses, matches, taken, candidate_length)
        paths, next_paths = next_paths, paths
        uses, next_uses = next_uses, uses
    rank = _best(paths, size, costs)
    for step in range(steps - 1, -1, -1):
        if history[step, rank, MOVE] >= 0:
            taken[step] = history[step, rank, MOVE]
        rank = history[step, rank, PARENT]


@compiled
def _costs(matches: Matches, steps: int) -> Costs:
    """Costs so large that no sum of the lesser reaches one of the greater."""
    way = 0
    for number in range(len(matches)):
        way += _way(matches, number)
    return Costs(way + 1, (way + 1) * (steps + 2))


@compiled
def _way(matches: Matches, number: int) -> int:
    """How far a match lies from its place in the other caption."""
    return abs(matches[number, REFERENCE] - matches[number, CANDIDATE])


@compiled
def _propose_all(
    proposals: Longs,
    count: int,
    paths: Longs,
    uses: Flags,
    rank: int,
    step: int,
    matches: Matches,
    first: Longs,
    taken: Longs,
    candidate_length: int,
    costs: Costs,
) -> int:
    """Propose every way in which a path can go on at a word of the reference; gives back how many proposals there are.

    A match that is tried adds its way to the path that goes on without it, and to those that try a later match, not to its own.
    """
    cost, end = paths[rank, COST], paths[rank, CANDIDATE_END]
    if uses[rank, candidate_length + step]:
        if step < paths[rank, NEXT_WORD]:
            return _propose(proposals, count, cost, rank, STAY)
        cost += _way(matches, taken[step]) + _cost(matches, taken[step], end, costs)
        return _propose(proposals, count, cost, rank, FIXED)
    for number in range(first[step], first[step + 1]):
        if _is_free(uses, rank, matches, number, candidate_length):
            count = _propose(proposals, count, cost + _cost(matches, number, end, costs), rank, number)
            cost += _way(matches, number)
    if end != NONE:
        cost += costs.chunk
    return _propose(proposals, count, cost, rank, SKIP)


@compiled
def _is_free(uses: Flags, rank: int, matches: Matches, number: int, candidate_length: int) -> bool:
    """Whether no word of a match is used on the path."""
    for at in range(matches[number, CANDIDATE], matches[number, CANDIDATE] + matches[number, CANDIDATE_LENGTH]):
        if uses[rank, at]:
            return False
    start = candidate_length + matches[number, REFERENCE]
    for at in range(start, start + matches[number, LENGTH]):  # noqa: SIM110 (Numba has no all() of a generator)
        if uses[rank, at]:
            return False
    return True


@compiled
def _cost(matches: Matches, number: int, end: int, costs: Costs) -> int:
    """What a match adds: exact words count whole, others half, in whole numbers for either caption."""
    length, other_length = matches[number, LENGTH], matches[number, CANDIDATE_LENGTH]
    gain = length + other_length if matches[number, KIND] == EXACT else length // 2 + other_length // 2
    parted = end != NONE and end != matches[number, CANDIDATE]
    return parted * costs.chunk - gain * costs.match


@compiled
def _propose(proposals: Longs, count: int, cost: int, rank: int, move: int) -> int:
    """Put a path among the proposals, behind those that cost the same; the last goes where there are more than the beam holds."""
    if count == BEAM:
        at = BEAM - 1
        if cost >= proposals[at, COST]:
            return count
    else:
        at = count
        count += 1
    while at > 0 and proposals[at - 1, COST] > cost:
        proposals[at, COST] = proposals[at - 1, COST]
        proposals[at, PARENT] = proposals[at - 1, PARENT]
        proposals[at, MOVE] = proposals[at - 1, MOVE]
        at -= 1
    proposals[at, COST] = cost
    proposals[at, PARENT] = rank
    proposals[at, MOVE] = move
    return count


@compiled
def _follow(
    proposals: Longs,
    rank: int,
    paths: Longs,
    uses: Flags,
    next_paths: Longs,
    next_uses: Flags,
    matches: Matches,
    taken: Longs,
    candidate_length: int,
) -> None:
    """Make a proposal a path of the next step."""
    parent, move = proposals[rank, PARENT], proposals[rank, MOVE]
    next_paths[rank, COST] = proposals[rank, COST]
    next_paths[rank, NEXT_WORD] = paths[parent, NEXT_WORD]
    next_paths[rank, CANDIDATE_END] = paths[parent, CANDIDATE_END]
    for at in range(uses.shape[1]):
        next_uses[rank, at] = uses[parent, at]
    if move == SKIP:
        next_paths[rank, NEXT_WORD] += 1
        next_paths[rank, CANDIDATE_END] = NONE
    elif move != STAY:
        number = int(move if move >= 0 else taken[paths[parent, NEXT_WORD]])
        next_paths[rank, NEXT_WORD] += matches[number, LENGTH]
        next_paths[rank, CANDIDATE_END] = matches[number, CANDIDATE] + matches[number, CANDIDATE_LENGTH]
        if move >= 0:
            _use(next_uses[rank], matches, number, candidate_length)


@compiled
def _best(paths: Longs, size: int, costs: Costs) -> int:
    """The first of the paths that cost least, the last chunk of each counted."""
    best, least = 0, 0
    for rank in range(size):
        cost = paths[rank, COST] + (paths[rank, CANDIDATE_END] != NONE) * costs.chunk
        if rank == 0 or cost < least:
            best, least = rank, cost
    return best


@compiled
def _count_words(made: Numbers, matches: Matches, number: int, in_candidate: Flags, in_reference: Flags) -> None:
    kind = matches[number, KIND]
    for at in range(matches[number, CANDIDATE], matches[number, CANDIDATE] + matches[number, CANDIDATE_LENGTH]):
        made[4 * kind + 2 * in_candidate[at]] += 1
    for at in range(matches[number, REFERENCE], matches[number, REFERENCE] + matches[number, LENGTH]):
        made[4 * kind + 1 + 2 * in_reference[at]] += 1


@compiled
def _chunks(matches: Matches, taken: Longs) -> int:
    """How many runs of matches lie side by side, in the same order, in both captions."""
    chunks, next_word, candidate_end = 0, NONE, NONE
    for at in range(len(taken)):
        number = int(taken[at])
        if number != NONE:
            chunks += at != next_word or matches[number, CANDIDATE] != candidate_end
            next_word = at + matches[number, LENGTH]
            candidate_end = matches[number, CANDIDATE] + matches[number, CANDIDATE_LENGTH]
    return chunks
