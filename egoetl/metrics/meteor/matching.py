"""All the ways in which words of a candidate may stand for words of a reference."""

import numpy as np
from numba import njit

EXACT, STEM, SYNONYM, PARAPHRASE = range(4)
"""The kinds of match, in the order in which METEOR looks for them."""
REFERENCE, LENGTH, CANDIDATE, CANDIDATE_LENGTH, KIND = range(5)
"""The columns of a match: where it starts in the reference and how many words it takes there, the same in the candidate, its kind."""


@njit(cache=True)
def find_matches(candidate, reference, words, table, place):
    """Every match, in order of the reference's words and then of finding: an int32 array of (matches, 5).

    `words` are WordArrays, `table` is a ParaphraseTable, `place` scratch with -1 for every word of that table. Captions of the
    same words have exact matches only.
    """
    found = np.empty((128, 5), np.int32)
    hashes, other_hashes = words.word_hash[candidate], words.word_hash[reference]
    found, count = _find_equals(hashes, other_hashes, hashes, other_hashes, EXACT, found, 0)
    if not _are_equal(hashes, other_hashes):
        stems, other_stems = words.stem_hash[candidate], words.stem_hash[reference]
        found, count = _find_equals(stems, other_stems, hashes, other_hashes, STEM, found, count)
        found, count = _find_synonyms(candidate, reference, words, found, count)
        numbers, other_numbers = words.table_number[candidate], words.table_number[reference]
        found, count = _find_paraphrases(other_numbers, numbers, False, table, place, found, count)
        found, count = _find_paraphrases(numbers, other_numbers, True, table, place, found, count)
    return _by_reference(found[:count], len(reference))


@njit(cache=True)
def _are_equal(one, other):
    if len(one) != len(other):
        return False
    for at in range(len(one)):
        if one[at] != other[at]:
            return False
    return True


@njit(cache=True)
def _find_equals(keys, other_keys, hashes, other_hashes, kind, found, count):
    """Add the words with the same key; of other kinds than EXACT only those that are not the same word."""
    for i in range(len(other_keys)):
        for j in range(len(keys)):
            if keys[j] == other_keys[i] and (kind == EXACT or hashes[j] != other_hashes[i]):
                found, count = _add(found, count, i, 1, j, 1, kind)
    return found, count


@njit(cache=True)
def _find_synonyms(candidate, reference, words, found, count):
    """Add the words that are not the same and share a set of synonyms."""
    masks = words.synonyms_mask[candidate]
    for i in range(len(reference)):
        mask = words.synonyms_mask[reference[i]]
        for j in range(len(candidate)):
            if masks[j] & mask and words.word_hash[candidate[j]] != words.word_hash[reference[i]]:
                if _share_a_set(candidate[j], reference[i], words):
                    found, count = _add(found, count, i, 1, j, 1, SYNONYM)
    return found, count


@njit(cache=True)
def _share_a_set(one, other, words):
    """Whether two words are in a common set of synonyms: both lists are in order."""
    at = words.synonyms_first[one]
    end = at + words.synonyms_count[one]
    other_at = words.synonyms_first[other]
    other_end = other_at + words.synonyms_count[other]
    while at < end and other_at < other_end:
        difference = words.synonym_sets[at] - words.synonym_sets[other_at]
        if difference == 0:
            return True
        if difference < 0:
            at += 1
        else:
            other_at += 1
    return False


@njit(cache=True)
def _find_paraphrases(source, target, source_is_candidate, table, place, found, count):
    """Add, for each phrase of `source`, its paraphrases in `target`: by start, by length, in the table's order, by place."""
    following = np.empty(len(target), np.int32)
    for at in range(len(target) - 1, -1, -1):
        following[at] = place[target[at]]
        place[target[at]] = at
    for start in range(len(source)):
        node = 0
        for end in range(start, len(source)):
            node = _child(table, node, source[end])
            if node < 0:
                break
            for phrase in range(table.node_first[node], table.node_first[node + 1]):
                hit = place[table.phrase_begins[phrase]]
                if hit >= 0:
                    length = table.phrase_first[phrase + 1] - table.phrase_first[phrase]
                    while hit >= 0:
                        if _stands_at(target, hit, table.phrases, table.phrase_first[phrase], length):
                            if source_is_candidate:
                                found, count = _add(found, count, hit, length, start, end - start + 1, PARAPHRASE)
                            else:
                                found, count = _add(found, count, start, end - start + 1, hit, length, PARAPHRASE)
                        hit = following[hit]
    for number in target:
        place[number] = -1
    return found, count


@njit(cache=True)
def _child(table, node, word):
    """The node that `word` leads to, or -1."""
    low, high = table.child_first[node], table.child_first[node + 1]
    while low < high:
        middle = (low + high) // 2
        if table.child_word[middle] < word:
            low = middle + 1
        else:
            high = middle
    if low < table.child_first[node + 1] and table.child_word[low] == word:
        return table.child_node[low]
    return -1


@njit(cache=True)
def _stands_at(target, hit, phrases, at, length):
    if hit + length > len(target):
        return False
    for offset in range(1, length):
        if target[hit + offset] != phrases[at + offset]:
            return False
    return True


@njit(cache=True)
def _add(found, count, reference, length, candidate, candidate_length, kind):
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


@njit(cache=True)
def _by_reference(found, reference_length):
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
