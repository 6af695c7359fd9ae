"""Everything METEOR needs to know about a word, looked up once and kept under a number."""

from collections.abc import Iterable
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from egoetl.metrics.meteor.paraphrase_table import NO_WORD
from egoetl.metrics.meteor.stemmer import stem
from egoetl.metrics.meteor.synonyms import Synonyms


class WordArrays(NamedTuple):
    """By the number of a word. Two words are the same, or have the same stem, where METEOR's 32 bits of hash are the same."""

    word_hash: NDArray[np.uint32]
    stem_hash: NDArray[np.uint32]
    is_function_word: NDArray[np.bool_]
    table_number: NDArray[np.int32]
    """In the table of paraphrases: NO_WORD if that does not have it."""
    link_first: NDArray[np.int32]
    """The first of the word's links to its synonyms, or 0."""
    is_wanted: NDArray[np.bool_]
    """Scratch: False throughout."""
    links: NDArray[np.int32]
    """(links, 2), from the second on: a synonym, and the next link of the same word or 0."""


class Vocabulary:
    """Numbers for words. Grows by about 150 bytes with every new word, up to the number of different words that are scored."""

    def __init__(self, function_words: frozenset[str], synonyms: Synonyms, table_numbers: dict[str, int]) -> None:
        self._function_words = function_words
        self._synonyms = synonyms
        self._table_numbers = table_numbers
        self._numbers: dict[str, int] = {}
        self._words_of_set: dict[int, list[int]] = {}
        self._links_held = 1
        self._lock = Lock()
        self.arrays = WordArrays(
            np.zeros(1024, np.uint32),
            np.zeros(1024, np.uint32),
            np.zeros(1024, np.bool_),
            np.zeros(1024, np.int32),
            np.zeros(1024, np.int32),
            np.zeros(1024, np.bool_),
            np.zeros((4096, 2), np.int32),
        )

    def numbers(self, words: list[str]) -> NDArray[np.int32]:
        """The numbers of the words, in order."""
        try:
            return np.array([self._numbers[word] for word in words], np.int32)
        except KeyError:
            self._add(words)
        return np.array([self._numbers[word] for word in words], np.int32)

    def _add(self, words: Iterable[str]) -> None:
        with self._lock:
            for word in words:
                if word not in self._numbers:
                    self._add_word(word)

    def _add_word(self, word: str) -> None:
        number = len(self._numbers)
        synonyms: set[int] = set()
        for one in self._synonyms.sets(word):
            others = self._words_of_set.setdefault(one, [])
            synonyms.update(others)
            others.append(number)
        self._make_room(number, 2 * len(synonyms))
        held = self.arrays
        held.word_hash[number] = java_hash(word)
        held.stem_hash[number] = java_hash(stem(word))
        held.is_function_word[number] = word in self._function_words
        held.table_number[number] = self._table_numbers.get(word, NO_WORD)
        for other in synonyms:
            self._link(number, other)
            self._link(other, number)
        self._numbers[word] = number

    def _link(self, word: int, synonym: int) -> None:
        held = self.arrays
        held.links[self._links_held] = synonym, held.link_first[word]
        held.link_first[word] = self._links_held
        self._links_held += 1

    def _make_room(self, number: int, links: int) -> None:
        if number >= len(self.arrays.word_hash):
            *by_word, of_links = self.arrays
            self.arrays = WordArrays(*map(_doubled, by_word), of_links)
        while self._links_held + links > len(self.arrays.links):
            self.arrays = self.arrays._replace(links=_doubled(self.arrays.links))


def java_hash(word: str) -> int:
    """What Java's `String.hashCode` gives, without a sign: METEOR compares words by it, so that two may be taken for the same."""
    made = 0
    units = word.encode("utf-16-be", "surrogatepass")
    for high, low in zip(units[::2], units[1::2], strict=True):
        made = (31 * made + (high << 8 | low)) & 0xFFFFFFFF
    return made


def _doubled(held: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate((held, np.zeros_like(held)))
