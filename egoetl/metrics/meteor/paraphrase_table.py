"""METEOR's paraphrases as arrays: which phrases stand for which, found by walking a tree of words.

The table as published is 62 MB compressed and 272 MB of text: 5,274,084 paraphrases of 430,639 phrases. The arrays are 50 MB.
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

PHRASE_END = 0
"""What stands behind every paraphrase, where the number of a word would."""
_LAYOUT = 1
_CHUNK = 1 << 22


class ParaphraseTable(NamedTuple):
    """The tree of phrases: node 0 is its root; the children of node n, by word, are at `child_first[n]:child_first[n + 1]`.

    The paraphrases of the phrase that ends at node n are at `phrase_first[n]:phrase_first[n + 1]` of `phrases`, as
    numbers of words with `PHRASE_END` behind each. A word's number is its place in `words`, lines of UTF-8; the first is PHRASE_END's.
    """

    child_first: NDArray[np.int32]
    child_word: NDArray[np.uint16]
    child_node: NDArray[np.int32]
    phrase_first: NDArray[np.int32]
    phrases: NDArray[np.uint16]
    words: NDArray[np.uint8]

    def word_numbers(self) -> dict[str, int]:
        """The number of every word of the table."""
        return {word: number for number, word in enumerate(self.words.tobytes().decode().split("\n"))}


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
        self.numbers = _Numbers({b"\n": PHRASE_END})
        self.nodes: dict[int, int] = {}
        self.phrases = array("H")
        self.ends: dict[int, int] = {}
        self.newest = -1

    def read(self, stream: IO[bytes]) -> ParaphraseTable:
        for sources, targets in _phrases_and_paraphrases(stream):
            words = b" \n ".join(targets).split(b" ")
            start = len(self.phrases)
            self.phrases.extend(map(self.numbers.__getitem__, words))
            self.phrases.append(PHRASE_END)
            ends = start + 1 + np.flatnonzero(np.array(self.phrases[start:]) == PHRASE_END)
            read = 0
            for source, group in itertools.groupby(sources):
                read += sum(1 for _ in group)
                self._end_phrase(source, int(ends[read - 1]))
        return self._table()

    def _end_phrase(self, source: bytes, end: int) -> None:
        node = 0
        for word in source.split(b" "):
            node = self.nodes.setdefault(node << 16 | self.numbers[word], len(self.nodes) + 1)
        if node < self.newest:
            raise ValueError("its phrases are not in order")
        self.newest = node
        self.ends[node] = end

    def _table(self) -> ParaphraseTable:
        keys = np.fromiter(self.nodes.keys(), np.int64, len(self.nodes))
        order = np.argsort(keys)
        parents = keys[order] >> 16
        phrase_first = np.zeros(len(keys) + 2, np.int32)
        phrase_first[np.fromiter(self.ends.keys(), np.int64) + 1] = np.fromiter(self.ends.values(), np.int64)
        return ParaphraseTable(
            child_first=np.searchsorted(parents, np.arange(len(keys) + 2)).astype(np.int32),
            child_word=(keys[order] & 0xFFFF).astype(np.uint16),
            child_node=(order + 1).astype(np.int32),
            phrase_first=np.maximum.accumulate(phrase_first),
            phrases=np.array(self.phrases),
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
