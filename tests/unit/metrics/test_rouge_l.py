"""ROUGE-L: by hand, against rouge-score to the last bit, and its legacy against pycocoevalcap."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from pycocoevalcap.rouge.rouge import Rouge
from rouge_score.rouge_scorer import RougeScorer

from egoetl.metrics.rouge_l import RougeL, legacy_rouge_l, rouge_l, rouge_l_many
from egoetl.metrics.tokens import flattened

SCORERS = {stemmed: RougeScorer(["rougeL"], use_stemmer=stemmed) for stemmed in (False, True)}
PROSE = some.lists(some.sampled_from([*"abc", "The", "dogs", "Running", "runs", ",", " ", "\n", "é", "K"]), max_size=60).map(" ".join)
TEXT = some.one_of(PROSE, some.text(max_size=40))
AWKWARD = ["", " ", "...", "\0", "a\0b", "ß", "İstanbul", "K", "naïve café", "\ud800 a", "😀 a", "a" * 500, "a " * 300, "don't - stop_now"]


def theirs(prediction: str, reference: str, *, stemmed: bool) -> tuple[float, ...]:
    return tuple(SCORERS[stemmed].score(reference, prediction)["rougeL"])


def test_by_hand() -> None:
    # The common words in order are `the dog barks`: 3 of 4 said, 3 of 5 wanted.
    precision, recall, f1 = rouge_l("The dog barks loudly.", "the small dog barks twice")
    assert (precision, recall) == (3 / 4, 3 / 5)
    assert math.isclose(f1, 2 / 3)


@pytest.mark.parametrize("stemmed", [False, True])
@settings(max_examples=60, deadline=None)
@given(pairs=some.lists(some.tuples(TEXT, TEXT), max_size=5))
def test_it_is_rouge_score_to_the_last_bit(stemmed: bool, pairs: list[tuple[str, str]]) -> None:
    made = rouge_l_many([one for one, _ in pairs], [other for _, other in pairs], stemmed=stemmed)
    assert [tuple(row) for row in made.tolist()] == [theirs(one, other, stemmed=stemmed) for one, other in pairs]


@pytest.mark.parametrize("stemmed", [False, True])
def test_awkward_texts_are_rouge_scores_too(stemmed: bool) -> None:
    for text in AWKWARD:
        for other in ("a", text):
            assert rouge_l(text, other, stemmed=stemmed) == theirs(text, other, stemmed=stemmed)


def test_thousands_of_words_and_more_pairs_than_a_batch() -> None:
    drawn = random.Random(3)
    long = [" ".join(drawn.choices(["cup", "mug", "hand", "table", "sink"], k=count)) for count in (250, 230)]
    many = rouge_l_many([long[0], *["a b"] * 5000], [long[1], *["b a c"] * 5000])
    assert tuple(many[0].tolist()) == theirs(*long, stemmed=False)
    assert {tuple(row) for row in many[1:].tolist()} == {theirs("a b", "b a c", stemmed=False)}


@pytest.mark.slow
def test_two_thousand_words_are_rouge_scores() -> None:
    drawn = random.Random(4)
    long, other = (" ".join(drawn.choices(["a", "the", "cup", "mug", "hand"], k=count)) for count in (2000, 1900))
    assert rouge_l(long, other) == theirs(long, other, stemmed=False)


@settings(max_examples=60, deadline=None)
@given(TEXT, TEXT)
def test_it_lies_between_0_and_1_and_turns_round(one: str, other: str) -> None:
    there, back = rouge_l(one, other), rouge_l(other, one)
    assert all(0 <= value <= 1 for value in there)
    assert there == RougeL(back.recall, back.precision, back.f1)


def test_as_many_predictions_as_references() -> None:
    with pytest.raises(ValueError, match="shorter"):
        rouge_l_many(["a", "b"], ["a"])
    assert rouge_l_many([], []).shape == (0, 3)


@settings(max_examples=60, deadline=None)
@given(TEXT, TEXT)
def test_legacy_is_pycocoevalcaps_of_one_flattened_pair(prediction: str, reference: str) -> None:
    said, wanted = flattened(prediction), flattened(reference)
    expected = Rouge().compute_score({0: [wanted]}, {0: [said]})[0] if said and wanted else None
    assert legacy_rouge_l(prediction, reference) == expected
