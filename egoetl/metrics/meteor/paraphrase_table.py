"""METEOR's paraphrases as arrays: which phrases stand for which, found by walking a tree of words.

The table as published is 62 MB compressed and 272 MB of text: 5,274,084 paraphrases of 430,639 phrases. The arrays are 70 MB.
"""

import gzip
import hashlib
import itertools
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from egoetl.core.errors import ConfigError
from egoetl.metrics.meteor.array_file import ArrayFile

NO_WORD = 0
"""The number that no word of the table has."""
_LAYOUT = 2
_CHUNK = 1 << 22


class ParaphraseTable(NamedTuple):
    """The tree of phrases: node 0 is its root; the children of node n, by word, are at `child_first[n]:child_first[n + 1]`.

    The paraphrases of the phrase that ends at node n are those from `node_first[n]` up to `node_first[n + 1]`; the words of
    paraphrase p are `phrases[phrase_first[p]:phrase_first[p + 1]]`, and `phrase_begins` has the first of each, to be searched
    in one go. The number of a word is its place in `words`, lines of UTF-8, of which the first, NO_WORD's, is empty.
    """

    child_first: NDArray[np.int32]
    child_word: NDArray[np.uint16]
    child_node: NDArray[np.int32]
    node_first: NDArray[np.int32]
    phrase_begins: NDArray[np.uint16]
    phrase_first: NDArray[np.int32]
    phrases: NDArray[np.uint16]
    words: NDArray[np.uint8]

    def word_numbers(self) -> dict[str, int]:
        """The number of every word of the table."""
        return {word: number for number, word in enumerate(self.words.tobytes().decode().split("\n")) if number != NO_WORD}


def paraphrase_table(source: Path, cache: Path) -> ParaphraseTable:
    """The table in `source`: read in a few seconds the first time, then from a file in `cache`, which is made if need be.

    The file's name has the sha256 of `source`; it is written whole or not at all, and mapped, so that processes share its
    pages. Where `cache` cannot be written, the table is read anew by every process. Raises ConfigError if `source` is broken.
    """
    with source.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    kept = ArrayFile(cache / f"paraphrases-{_LAYOUT}-{digest}.arrays")
    arrays = kept.read()
    if arrays is None:
        arrays = kept.write(read_paraphrases(source)._asdict())
    return ParaphraseTable(**arrays)


def read_paraphrases(source: Path) -> ParaphraseTable:
    """The table, from its published form: lines of probability, phrase, paraphrase, ordered by phrase. Needs about 250 MB for a while."""
    try:
        with gzip.open(source, "rb") as stream:
            return _Reading().read(stream)
    except (OSError, EOFError, ValueError) as error:
        remedy = "install pycocoevalcap anew: `pip install --force-reinstall pycocoevalcap`"
        raise ConfigError(f"METEOR 1.5 cannot read its paraphrases in {source}: {error}; {remedy}.", reason="meteor_broken") from error


class _Numbers(dict[bytes, int]):
    """The number of a word, given as the word comes."""

    def __missing__(self, word: bytes) -> int:
        number = self[word] = len(self)
        if number > np.iinfo(np.uint16).max:
            raise ValueError("it has more than 65,535 different words")
        return number


class _Reading:
    """The table while it is read. Nodes are numbered as their phrases come, so that the paraphrases lie in the order of the nodes."""

    def __init__(self) -> None:
        self.numbers = _Numbers({b"\n": NO_WORD})
        self.nodes: dict[int, int] = {}
        self.ends: dict[int, int] = {}
        self.newest = -1
        self.phrases = array("H")
        self.phrase_first = array("i", [0])

    def read(self, stream: IO[bytes]) -> ParaphraseTable:
        for sources, targets in _phrases_and_paraphrases(stream):
            words = b" \n ".join([*targets, b""]).split(b" ")[:-1]
            numbers = np.fromiter(map(self.numbers.__getitem__, words), np.uint16, len(words))
            ends = np.flatnonzero(numbers == NO_WORD) - np.arange(len(targets))
            self.phrase_first.frombytes((ends + len(self.phrases)).astype(np.int32).tobytes())
            self.phrases.frombytes(numbers[numbers != NO_WORD].tobytes())
            read = len(self.phrase_first) - 1 - len(targets)
            for source, group in itertools.groupby(sources):
                read += sum(1 for _ in group)
                self._end_phrase(source, read)
        return self._table()

    def _end_phrase(self, source: bytes, read: int) -> None:
        node = 0
        for word in source.split(b" "):
            node = self.nodes.setdefault(node << 16 | self.numbers[word], len(self.nodes) + 1)
        if node < self.newest:
            raise ValueError("its phrases are not in order")
        self.newest = node
        self.ends[node] = read

    def _table(self) -> ParaphraseTable:
        keys = np.fromiter(self.nodes.keys(), np.int64, len(self.nodes))
        order = np.argsort(keys)
        node_first = np.zeros(len(keys) + 2, np.int32)
        node_first[np.fromiter(self.ends.keys(), np.int64) + 1] = np.fromiter(self.ends.values(), np.int64)
        phrases = np.frombuffer(self.phrases, np.uint16)
        phrase_first = np.frombuffer(self.phrase_first, np.int32)
        return ParaphraseTable(
            child_first=np.searchsorted(keys[order] >> 16, np.arange(len(keys) + 2)).astype(np.int32),
            child_word=(keys[order] & 0xFFFF).astype(np.uint16),
            child_node=(order + 1).astype(np.int32),
            node_first=np.maximum.accumulate(node_first),
            phrase_begins=phrases[phrase_first[:-1]],
            phrase_first=phrase_first,
            phrases=phrases,
            words=np.frombuffer(b"\n".join([b"", *itertools.islice(self.numbers, 1, None)]), np.uint8),
        )


def _phrases_and_paraphrases(stream: IO[bytes]) -> Iterator[tuple[list[bytes], list[bytes]]]:
    """The second and third of every three lines, some at a time."""
    rest = b""
    while chunk := stream.read(_CHUNK):
        lines = (rest + chunk).split(b"\n")
        whole = (len(lines) - 1) // 3 * 3
        if whole:
            yield lines[1:whole:3], lines[2:whole:3]
        rest = b"\n".join(lines[whole:])
    if rest:
        raise ValueError("it ends within an entry")
