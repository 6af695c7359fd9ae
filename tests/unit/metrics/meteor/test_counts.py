import pytest

from egoetl.metrics.meteor.counts import MatchedWords, MeteorCounts, total

NONE = MatchedWords(0, 0, 0, 0)


def exact(length: int, matches: int, chunks: int) -> MeteorCounts:
    """Two captions of as many content words, some of them matched."""
    return MeteorCounts(length, length, 0, 0, (MatchedWords(matches, matches, 0, 0), NONE, NONE, NONE), chunks)


def test_nothing_matched_is_zero_and_an_empty_caption_too() -> None:
    assert exact(3, 0, 0).score == 0.0
    assert exact(0, 0, 0).score == 0.0


def test_precision_recall_and_penalty_by_hand() -> None:
    one = MeteorCounts(4, 2, 2, 0, (MatchedWords(1, 1, 0, 0), NONE, MatchedWords(1, 1, 0, 0), NONE), 2)
    assert one.precision == pytest.approx((0.75 + 0.8 * 0.75) / (2 * 0.75 + 2 * 0.25))
    assert one.recall == pytest.approx((0.75 + 0.8 * 0.75) / 1.5)
    assert one.score == pytest.approx(0.4 / (0.15 / 0.675 + 0.85 / 0.9))


def test_a_corpus_adds_counts_and_leaves_out_the_chunk_of_a_pair_in_one_piece() -> None:
    corpus = total([exact(4, 4, 1), exact(4, 2, 2)])
    assert corpus == exact(8, 6, 2)
    assert corpus.score == pytest.approx(6 / 8 * (1 - 0.6 * (2 / 6) ** 0.2))
