"""Which of all matches METEOR takes: a beam search for the most words matched, then the fewest chunks, then the shortest way."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from egoetl.metrics.meteor.matching import CANDIDATE, CANDIDATE_LENGTH, EXACT, KIND, LENGTH, REFERENCE, find_matches

BEAM = 40
NONE = -1
FIELDS = 7
PARENT, TAKEN, MATCHED, CHUNKS, DISTANCE, NEXT, CANDIDATE_END = range(FIELDS)
"""A path: its place in the step before, the match it has just taken, how much is matched, chunks, distance, the next word of
the reference that is free, and where the last match ends in the candidate, or -1 behind a gap."""


class Proposals(NamedTuple):
    """The best paths so far of the next step, `ranking[:count[0]]` their places in order, and a path on trial."""

    paths: NDArray[np.int64]
    ranking: NDArray[np.int64]
    trial: NDArray[np.int64]
    count: NDArray[np.int64]


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
            _count_words(made, matches[number], in_candidate, in_reference)
    made[16] = _chunks(matches, taken)
    made[17] = in_candidate.sum()
    made[18] = in_reference.sum()
    return made


@njit(cache=True)
def _without_rival(matches, first, candidate_length, reference_length):
    """The matches that share no word with another, by their first word in the reference, and the words they use up."""
    cover = np.zeros(candidate_length + reference_length, np.int32)
    for number in range(len(matches)):
        _cover(cover, matches[number], candidate_length)
    taken = np.full(reference_length, NONE, np.int64)
    used = np.zeros(candidate_length + reference_length, np.bool_)
    for at in range(reference_length):
        if first[at + 1] - first[at] == 1 and _greatest(cover, matches[first[at]], candidate_length) == 1:
            taken[at] = first[at]
            _use(used, matches[first[at]], candidate_length)
    return taken, used


@njit(cache=True)
def _cover(cover, match, candidate_length):
    for offset in range(match[CANDIDATE_LENGTH]):
        cover[match[CANDIDATE] + offset] += 1
    for offset in range(match[LENGTH]):
        cover[candidate_length + match[REFERENCE] + offset] += 1


@njit(cache=True)
def _greatest(cover, match, candidate_length):
    """The largest of the values at the match's words."""
    made = 0
    for offset in range(match[CANDIDATE_LENGTH]):
        made = max(made, int(cover[match[CANDIDATE] + offset]))
    for offset in range(match[LENGTH]):
        made = max(made, int(cover[candidate_length + match[REFERENCE] + offset]))
    return made


@njit(cache=True)
def _use(used, match, candidate_length):
    used[match[CANDIDATE] : match[CANDIDATE] + match[CANDIDATE_LENGTH]] = True
    start = candidate_length + match[REFERENCE]
    used[start : start + match[LENGTH]] = True


@njit(cache=True)
def _search(matches, first, taken, used, candidate_length):
    """Fill `taken`, which has the matches without a rival, by the best path through the reference."""
    steps = len(taken)
    history = np.empty((steps, BEAM, 2), np.int64)
    beam = np.zeros((BEAM, FIELDS), np.int64)
    beam[0, CANDIDATE_END] = NONE
    uses = np.empty((BEAM, len(used)), np.bool_)
    uses[0] = used
    next_uses = np.empty_like(uses)
    proposals = Proposals(np.empty((BEAM, FIELDS), np.int64), np.empty(BEAM, np.int64), np.empty(FIELDS, np.int64), np.ones(1, np.int64))
    size = 1
    for step in range(steps):
        proposals.count[0] = 0
        for rank in range(size):
            _propose_all(proposals, beam[rank], rank, step, uses[rank], matches, first, taken, candidate_length)
        size = proposals.count[0]
        for rank in range(size):
            path = proposals.paths[proposals.ranking[rank]]
            history[step, rank, 0] = path[PARENT]
            history[step, rank, 1] = path[TAKEN]
            next_uses[rank] = uses[path[PARENT]]
            if path[TAKEN] != NONE:
                _use(next_uses[rank], matches[path[TAKEN]], candidate_length)
            beam[rank] = path
        uses, next_uses = next_uses, uses
    rank = _best(beam[:size])
    for step in range(steps - 1, -1, -1):
        if history[step, rank, 1] != NONE:
            taken[step] = history[step, rank, 1]
        rank = history[step, rank, 0]


@njit(cache=True)
def _propose_all(proposals, path, rank, step, used, matches, first, taken, candidate_length):
    """Propose every way in which a path can go on at a word of the reference.

    A match that is tried adds its way to the path that goes on without it, and to those that try a later match, not to its own.
    """
    trial = proposals.trial
    trial[:] = path
    trial[PARENT] = rank
    trial[TAKEN] = NONE
    if used[candidate_length + step]:
        if step >= path[NEXT]:
            match = matches[taken[step]]
            _extend(trial, match)
            trial[DISTANCE] += abs(match[REFERENCE] - match[CANDIDATE])
        _keep(proposals)
        return
    distance = path[DISTANCE]
    for number in range(first[step], first[step + 1]):
        match = matches[number]
        if not _greatest(used, match, candidate_length):
            trial[:] = path
            trial[PARENT] = rank
            trial[TAKEN] = number
            trial[DISTANCE] = distance
            _extend(trial, match)
            _keep(proposals)
            distance += abs(match[REFERENCE] - match[CANDIDATE])
    trial[:] = path
    trial[PARENT] = rank
    trial[TAKEN] = NONE
    trial[DISTANCE] = distance
    trial[CHUNKS] += path[CANDIDATE_END] != NONE
    trial[NEXT] += 1
    trial[CANDIDATE_END] = NONE
    _keep(proposals)


@njit(cache=True)
def _extend(path, match):
    """Add a match to a path: exact words count whole, others half, in whole numbers for either caption."""
    length, other_length = match[LENGTH], match[CANDIDATE_LENGTH]
    path[MATCHED] += length + other_length if match[KIND] == EXACT else length // 2 + other_length // 2
    path[CHUNKS] += path[CANDIDATE_END] != NONE and path[CANDIDATE_END] != match[CANDIDATE]
    path[NEXT] = match[REFERENCE] + length
    path[CANDIDATE_END] = match[CANDIDATE] + other_length


@njit(cache=True)
def _keep(proposals):
    """Rank the trial path among the proposals, behind its equals; the last goes where there are more than the beam holds."""
    count = proposals.count[0]
    if count == BEAM:
        slot = proposals.ranking[BEAM - 1]
        if not _is_better(proposals.trial, proposals.paths[slot]):
            return
        count -= 1
    else:
        slot = count
    while count > 0 and _is_better(proposals.trial, proposals.paths[proposals.ranking[count - 1]]):
        proposals.ranking[count] = proposals.ranking[count - 1]
        count -= 1
    proposals.ranking[count] = slot
    proposals.paths[slot] = proposals.trial
    proposals.count[0] = min(proposals.count[0] + 1, BEAM)


@njit(cache=True)
def _is_better(path, other):
    if path[MATCHED] != other[MATCHED]:
        return path[MATCHED] > other[MATCHED]
    if path[CHUNKS] != other[CHUNKS]:
        return path[CHUNKS] < other[CHUNKS]
    return path[DISTANCE] < other[DISTANCE]


@njit(cache=True)
def _best(paths):
    """The first of the best paths, the last chunk of each counted."""
    best = 0
    for rank in range(len(paths)):
        paths[rank, CHUNKS] += paths[rank, CANDIDATE_END] != NONE
        if rank and _is_better(paths[rank], paths[best]):
            best = rank
    return best


@njit(cache=True)
def _count_words(made, match, in_candidate, in_reference):
    for offset in range(match[CANDIDATE_LENGTH]):
        made[4 * match[KIND] + 2 * in_candidate[match[CANDIDATE] + offset]] += 1
    for offset in range(match[LENGTH]):
        made[4 * match[KIND] + 1 + 2 * in_reference[match[REFERENCE] + offset]] += 1


@njit(cache=True)
def _chunks(matches, taken):
    """How many runs of matches lie side by side, in the same order, in both captions."""
    chunks, next_word, candidate_end = 0, 0, NONE
    for at in range(len(taken)):
        if taken[at] != NONE:
            match = matches[taken[at]]
            chunks += at != next_word or match[CANDIDATE] != candidate_end
            next_word = at + match[LENGTH]
            candidate_end = match[CANDIDATE] + match[CANDIDATE_LENGTH]
    return chunks
