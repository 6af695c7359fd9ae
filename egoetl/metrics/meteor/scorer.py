"""METEOR's tables in memory, and the counts of a pair of captions by them."""

import os
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from egoetl.core.errors import DataError
from egoetl.metrics.meteor.alignment import align
from egoetl.metrics.meteor.counts import MatchedWords, MeteorCounts
from egoetl.metrics.meteor.normalise import normalised_words
from egoetl.metrics.meteor.paraphrase_table import paraphrase_table
from egoetl.metrics.meteor.synonyms import Synonyms
from egoetl.metrics.meteor.tables import abbreviations, function_words, paraphrase_file
from egoetl.metrics.meteor.vocabulary import Vocabulary

MOST_WORDS = 4096
"""Of a caption: memory and time grow with the product of both lengths, where words repeat, and the costs of an alignment fit 63 bits."""


class MeteorScorer:
    """Counts for METEOR 1.5. Holds about 100 MB, beside the pages of the paraphrases' file that it has looked at."""

    def __init__(self, cache_folder: Path) -> None:
        self._abbreviations = abbreviations()
        self._table = paraphrase_table(paraphrase_file(), cache_folder)
        table_numbers = self._table.word_numbers()
        self._vocabulary = Vocabulary(function_words(), Synonyms(), table_numbers)
        self._place = np.full(len(table_numbers) + 1, -1, np.int32)

    def counts(self, candidate: str, reference: str) -> MeteorCounts:
        """Align two captions and count. Raises DataError if one has more than MOST_WORDS words."""
        numbers, others = self._numbers(candidate), self._numbers(reference)
        counted: list[int] = align(numbers, others, self._vocabulary.arrays, self._table, self._place).tolist()
        return MeteorCounts(
            candidate_length=len(numbers),
            reference_length=len(others),
            candidate_function_words=counted[17],
            reference_function_words=counted[18],
            matched=(
                MatchedWords._make(counted[0:4]),
                MatchedWords._make(counted[4:8]),
                MatchedWords._make(counted[8:12]),
                MatchedWords._make(counted[12:16]),
            ),
            chunks=counted[16],
        )

    def _numbers(self, caption: str) -> NDArray[np.int32]:
        words = normalised_words(caption, self._abbreviations)
        if len(words) > MOST_WORDS:
            remedy = f"cut it, or leave it out: METEOR takes at most {MOST_WORDS:,}"
            raise DataError(f"A caption has {len(words):,} words ({caption[:40]!r}…); {remedy}.", reason="caption_too_long")
        return self._vocabulary.numbers(words)


@cache
def scorer() -> MeteorScorer:
    """The scorer of this process, with its cache in the user's cache folder (`$XDG_CACHE_HOME` or `~/.cache`)."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return MeteorScorer(Path(home) / "egoetl" / "meteor")
