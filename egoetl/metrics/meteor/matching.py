"""All the ways in which words of a candidate may stand for words of a reference."""

import numpy as np
from numpy.typing import NDArray

from egoetl.algorithms.compiled import compiled
from egoetl.metrics.meteor.paraphrase_table import ParaphraseTable
from egoetl.metrics.meteor.vocabulary import WordArrays

Numbers = NDArray[np.int32]
Hashes = NDArray[np.uint32]
Words = NDArray[np.uint16]
Matches = NDArray[np.int32]

EXACT, STEM, SYNONYM, PARAPHRASE = range(4)
"""The kinds of match, in the order in which METEOR looks for them."""
REFERENCE, LENGTH, CANDIDATE, CANDIDATE_LENGTH, KIND = range(5)
"""The columns of a match: where it starts in the reference and how many words it takes there, the same in the candidate, its kind."""


@compiled
def find_matches(candidate: Numbers, reference: Numbers, words: WordArrays, table: ParaphraseTable, place: Numbers) -> Matches:
    """Every match, in order of the reference's words and then of finding: an int32 array of (matches, 5).

    `words` are WordArrays, `table` is a ParaphraseTable, `place` scratch with -1 for every word of that table. Captions of the
    same words have exact matches only.
    """
    found = np.empty((128, 5), np.int32)
    hashes, other_hashes = words.word_hash[candidate], words.word_hash[reference]
    found, count = _find_equals(hashes, other_hashes, hashes, other_hashes, EXACT, found, 0)
    if not np.array_equal(hashes, other_hashes):
        stems, other_stems = words.stem_hash[candidate], words.stem_hash[reference]
        found, count = _find_equals(stems, other_stems, hashes, other_hashes, STEM, found, count)
        found, count = _find_synonyms(candidate, reference, words, hashes, other_hashes, found, count)
        numbers, other_numbers = words.table_number[candidate], words.table_number[reference]
        found, count = _find_paraphrases(other_numbers, numbers, False, table, place, found, count)
        found, count = _find_paraphrases(numbers, other_numbers, True, table, place, found, count)
    return _by_reference(found[:count], len(reference))


@compiled
def _find_equals(
    keys: Hashes, other_keys: Hashes, hashes: Hashes, other_hashes: Hashes, kind: int, found: Matches, count: int
) -> tuple[Matches, int]:
    """Add the words with the same key; of other kinds than EXACT only those that are not the same word."""
    for i in range(len(other_keys)):
        for j in range(len(keys)):
            if keys[j] == other_keys[i] and (kind == EXACT or hashes[j] != other_hashes[i]):
                found, count = _add(found, count, i, 1, j, 1, kind)
    return found, count


@compiled
def _find_synonyms(
    candidate: Numbers, reference: Numbers, words: WordArrays, hashes: Hashes, other_hashes: Hashes, found: Matches, count: int
) -> tuple[Matches, int]:
    """Add the words that are not the same and share a set of synonyms."""
    links, link_first, is_wanted = words.links, words.link_first, words.is_wanted
    for word in candidate:
        is_wanted[word] = True
    is_synonym = np.zeros(len(candidate), np.bool_)
    for i in range(len(reference)):
        any_synonym = False
        link = link_first[reference[i]]
        while link > 0:
            if is_wanted[links[link, 0]]:
                any_synonym = True
                for j in range(len(candidate)):
                    is_synonym[j] |= candidate[j] == links[link, 0]
            link = links[link, 1]
        if any_synonym:
            for j in range(len(candidate)):
                if is_synonym[j] and hashes[j] != other_hashes[i]:
                    found, count = _add(found, count, i, 1, j, 1, SYNONYM)
                is_synonym[j] = False
    for word in candidate:
        is_wanted[word] = False
    return found, count


@compiled
def _find_paraphrases(
    source: Numbers, target: Numbers, source_is_candidate: bool, table: ParaphraseTable, place: Numbers, found: Matches, count: int
) -> tuple[Matches, int]:
    """Add, for each phrase of `source`, its paraphrases in `target`: by start, by length, in the table's order, by place."""
    node_first, phrase_begins, phrase_first, phrases = table.node_first, table.phrase_begins, table.phrase_first, table.phrases
    child_first, child_word, child_node = table.child_first, table.child_word, table.child_node
    following = np.empty(len(target), np.int32)
    for at in range(len(target) - 1, -1, -1):
        following[at] = place[target[at]]
        place[target[at]] = at
    for start in range(len(source)):
        node = 0
        for end in range(start, len(source)):
            node = _child(child_first, child_word, child_node, node, source[end])
            if node < 0:
                break
            for phrase in range(node_first[node], node_first[node + 1]):
                hit = int(place[phrase_begins[phrase]])
                while hit >= 0:
                    length = phrase_first[phrase + 1] - phrase_first[phrase]
                    if _stands_at(target, hit, phrases, phrase_first[phrase], length):
                        if source_is_candidate:
                            found, count = _add(found, count, hit, length, start, end - start + 1, PARAPHRASE)
                        else:
                            found, count = _add(found, count, start, end - start + 1, hit, length, PARAPHRASE)
                    hit = int(following[hit])
    for number in target:
        place[number] = -1
    return found, count


@compiled
def _child(child_first: Numbers, child_word: Words, child_node: Numbers, node: int, word: int) -> int:
    """The node that `word` leads to, or -1."""
    low, end = child_first[node], child_first[node + 1]
    high = end
    while low < high:
        middle = (low + high) // 2
        if child_word[middle] < word:
            low = middle + 1
        else:
            high = middle
    return int(child_node[low]) if low < end and child_word[low] == word else -1


@compiled
def _stands_at(target: Numbers, hit: int, phrases: Words, at: int, length: int) -> bool:
    if hit + length > len(target):
        return False
    for offset in range(1, length):  # noqa: SIM110 (Numba has no all() of a generator)
        if target[hit + offset] != phrases[at + offset]:
            return False
    return True


@compiled
def _add(found: Matches, count: int, reference: int, length: int, candidate: int, candidate_length: int, kind: int) -> tuple[Matches, int]:
    if count == len(found):
        larger = np.empty((2 * count, 5), np.int32)
        larger[:count] = found
        found = larger
    found[count, REFERENCE] = reference
    found[count, LENGTH] = length
    found[count, CANDIDATE] = candidate
    found[count, CANDIDATE_LENGTH] = candidate_length
    found[count, KIND] = kind
    return found, count + 1


@compiled
def _by_reference(found: Matches, reference_length: int) -> Matches:
    """The matches by their first word in the reference, and else in the order in which they were found."""
    next_place = np.zeros(reference_length + 1, np.int64)
    for at in range(len(found)):
        next_place[found[at, REFERENCE] + 1] += 1
    next_place = np.cumsum(next_place)
    made = np.empty_like(found)
    for at in range(len(found)):
        made[next_place[found[at, REFERENCE]]] = found[at]
        next_place[found[at, REFERENCE]] += 1
    return made
