"""CIDEr-D: by hand, and against pycocoevalcap within 1e-9."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from pycocoevalcap.cider.cider import Cider as TheirCider

from egoetl.metrics.cider import Cider, cider, cider_of_tokens, legacy_cider_per_sample

WORDS = some.lists(some.sampled_from(["the", "a", "dog", "cat", "runs", "sits", "é", "..."]), max_size=12)
ITEM = some.tuples(WORDS, some.lists(WORDS.filter(bool), min_size=1, max_size=3))


def theirs(predictions: list[list[str]], references: list[list[list[str]]]) -> list[float]:
    said = {place: [" ".join(words)] for place, words in enumerate(predictions)}
    wanted = {place: [" ".join(words) for words in each] for place, each in enumerate(references)}
    return TheirCider().compute_score(wanted, said)[1].tolist()


@settings(max_examples=40, deadline=None)
@given(some.lists(ITEM, min_size=2, max_size=6))
def test_it_is_pycocoevalcaps_of_the_same_tokens(items: list[tuple[list[str], list[list[str]]]]) -> None:
    predictions, references = [words for words, _ in items], [each for _, each in items]
    ours, expected = cider_of_tokens(predictions, references), theirs(predictions, references)
    if ours.reason:
        assert ours.reason == "documents_alike"
        assert expected == [0.0] * len(items)
    else:
        assert ours.values == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_by_hand() -> None:
    # Three documents of one word; `dog` is in one of them, so its weight is log 3 in both texts: a cosine of 1 among four
    # lengths of runs, times 10. The second text shares nothing; the third has one word of its two, and one run of two more.
    values = cider(["Dog", "dog", "bird fish"], ["dog", "cat", "bird"]).values
    third = 10 / 4 * math.sqrt(1 / 2) * math.exp(-1 / 72)
    assert values == pytest.approx((2.5, 0, third))


def test_two_thousand_words_and_repeated_words() -> None:
    predictions = [["word"] * 2000, ["dog", "runs"] * 20, ["..."], []]
    references = [[["word"] * 3], [["dog", "runs"] * 21, ["the", "dog"]], [["cat"]], [["a", "b", "c", "d", "e"]]]
    assert cider_of_tokens(predictions, references).values == pytest.approx(theirs(predictions, references), rel=1e-9, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(some.lists(ITEM, min_size=2, max_size=5))
def test_it_lies_between_0_and_10_and_order_does_not_count(items: list[tuple[list[str], list[list[str]]]]) -> None:
    made = cider_of_tokens([words for words, _ in items], [each for _, each in items])
    turned = cider_of_tokens([words for words, _ in items[::-1]], [each for _, each in items[::-1]])
    assert made.reason == turned.reason
    if not made.reason:
        assert all(value is not None and 0 <= value <= 10 + 1e-9 for value in made.values)
        assert made.values == pytest.approx(turned.values[::-1])


def test_what_has_no_cider_has_a_reason_and_no_zero() -> None:
    assert cider([], []) == Cider((), "empty_corpus")
    assert cider(["a dog"], ["a dog"]) == Cider((None,), "one_document")
    assert cider(["a dog", "a cat"], ["a dog", "dog a dog a"]).reason == ""
    assert cider(["a dog", "a cat"], ["a dog", "A dog!"]) == Cider((None, None), "documents_alike")
    assert cider(["a", "b"], ["", "..."]) == Cider((None, None), "documents_alike")


def test_wrong_calls() -> None:
    with pytest.raises(ValueError, match="shorter"):
        cider(["a", "b", "c"], ["a", "b"])
    with pytest.raises(ValueError, match="at least one reference"):
        cider_of_tokens([["a"], ["b"]], [[["a"]], []])


def test_legacy_is_pycocoevalcaps_of_each_pair_alone() -> None:
    pairs = [("a dog runs", "a dog runs"), ("x", "y z"), (" a\nb", "a b ")]
    assert list(legacy_cider_per_sample(*zip(*pairs, strict=True))) == [
        theirs([said.split()], [[wanted.split()]])[0] for said, wanted in pairs
    ]
    assert legacy_cider_per_sample(["", "a"], ["a", "\n"]) == (None, None)
