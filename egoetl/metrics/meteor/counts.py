"""What METEOR counts in a pair of captions, and the score that it makes of it."""

from collections.abc import Sequence
from typing import NamedTuple

ALPHA, BETA, GAMMA, DELTA = 0.85, 0.2, 0.6, 0.75
"""The parameters of METEOR 1.5 for English, tuned on rankings of translations."""
WEIGHTS = (1.0, 0.6, 0.8, 0.6)
"""What a match is worth: the same word, the same stem, a synonym, a paraphrase."""


class MatchedWords(NamedTuple):
    """Words matched in one way."""

    candidate_content: int
    reference_content: int
    candidate_function: int
    reference_function: int


class MeteorCounts(NamedTuple):
    """Everything that a METEOR score depends on. Those of several pairs add up to those of a corpus."""

    candidate_length: int
    reference_length: int
    candidate_function_words: int
    reference_function_words: int
    matched: tuple[MatchedWords, MatchedWords, MatchedWords, MatchedWords]
    """By the same word, the same stem, a synonym, a paraphrase."""
    chunks: int
    """Runs of matches in the same order in both captions."""

    @property
    def candidate_matches(self) -> int:
        """How many of the candidate's words are matched."""
        return sum(kind.candidate_content + kind.candidate_function for kind in self.matched)

    @property
    def reference_matches(self) -> int:
        """How many of the reference's words are matched."""
        return sum(kind.reference_content + kind.reference_function for kind in self.matched)

    @property
    def in_one_piece(self) -> bool:
        """Whether every word of both is matched, in one chunk."""
        matches = (self.candidate_matches, self.reference_matches)
        return self.chunks == 1 and matches == (self.candidate_length, self.reference_length)

    @property
    def precision(self) -> float:
        """The weight of the candidate's matched words in that of all its words; 0 if it has none."""
        matched = [(kind.candidate_content, kind.candidate_function) for kind in self.matched]
        return _share(matched, self.candidate_length, self.candidate_function_words)

    @property
    def recall(self) -> float:
        """The weight of the reference's matched words in that of all its words; 0 if it has none."""
        matched = [(kind.reference_content, kind.reference_function) for kind in self.matched]
        return _share(matched, self.reference_length, self.reference_function_words)

    @property
    def score(self) -> float:
        """The METEOR score, 0 to 1; 0 where nothing matches."""
        precision, recall = self.precision, self.recall
        if not (precision and recall):
            return 0.0
        mean = 1.0 / ((1.0 - ALPHA) / precision + ALPHA / recall)
        matches = (self.candidate_matches + self.reference_matches) / 2
        fragmentation = 0.0 if self.in_one_piece else self.chunks / matches
        return max(mean * (1.0 - GAMMA * fragmentation**BETA), 0.0)


def total(pairs: Sequence[MeteorCounts]) -> MeteorCounts:
    """The counts of a corpus of at least one pair; a pair in one piece adds no chunk."""
    matched = [MatchedWords(*map(sum, zip(*(pair.matched[kind] for pair in pairs), strict=True))) for kind in range(len(WEIGHTS))]
    return MeteorCounts(
        candidate_length=sum(pair.candidate_length for pair in pairs),
        reference_length=sum(pair.reference_length for pair in pairs),
        candidate_function_words=sum(pair.candidate_function_words for pair in pairs),
        reference_function_words=sum(pair.reference_function_words for pair in pairs),
        matched=(matched[0], matched[1], matched[2], matched[3]),
        chunks=sum(pair.chunks for pair in pairs if not pair.in_one_piece),
    )


def _share(matched: list[tuple[int, int]], length: int, function_words: int) -> float:
    """The weight of matched words, content and function words by kind, in that of all words."""
    of_all = DELTA * (length - function_words) + (1.0 - DELTA) * function_words
    weight = 0.0
    for (content, _), worth in zip(matched, WEIGHTS, strict=True):
        weight += content * worth * DELTA
    for (_, function), worth in zip(matched, WEIGHTS, strict=True):
        weight += function * worth * (1.0 - DELTA)
    return weight / of_all if of_all else 0.0
