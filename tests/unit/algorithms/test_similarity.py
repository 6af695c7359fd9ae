"""Likeness of texts by pairs of neighbouring words."""

import pytest

from egoetl.algorithms.similarity import jaccard, shingles


def test_case_and_punctuation_do_not_count() -> None:
    assert shingles(["Is a mug there?"]) == shingles(["is a mug, there"])


def test_the_order_of_words_counts_and_that_of_texts_does_not() -> None:
    assert shingles(["red ball"]) != shingles(["ball red"])
    assert shingles(["red ball", "blue box"]) == shingles(["blue box", "red ball"])
    assert shingles(["red ball", "blue box"]) != shingles(["red box", "blue ball"])


@pytest.mark.parametrize(("one", "other", "share"), [("a b c", "a b c", 1.0), ("a b c", "a b d", 2 / 6), ("a", "b", 0.0), ("", "", 1.0)])
def test_the_share_in_common(one: str, other: str, share: float) -> None:
    assert jaccard(shingles([one]), shingles([other])) == pytest.approx(share)


def test_no_texts_are_alike() -> None:
    assert jaccard(shingles([]), shingles([])) == 1.0
