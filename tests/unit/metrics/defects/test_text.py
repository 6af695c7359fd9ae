"""Known defects of the reference scorers of texts, letters and grades: each with what is right, and what the reference prints."""

import pytest
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.rouge.rouge import Rouge

from egoetl.core.evaluation import Grade
from egoetl.metrics.choice import Choice
from egoetl.metrics.cider import cider, legacy_cider_per_sample
from egoetl.metrics.judge_scores import legacy_egoavu_mean, legacy_egoavu_rating, legacy_egotextvqa, mean_score, share_of_yes
from egoetl.metrics.legacy_letters import (
    legacy_any_letter,
    legacy_first_letter,
    legacy_first_word,
    legacy_generation_correct,
    legacy_single_turn_letter,
    legacy_videollama2_option,
)
from egoetl.metrics.option_choice import option_choice
from egoetl.metrics.rouge_l import legacy_rouge_l, rouge_l

ANIMALS = ["a dog", "a cat", "a bird", "a fish", "a horse"]


@pytest.mark.parametrize(
    ("text", "theirs"), [("The answer is B", "E"), ("Certainly: B", "C"), ("B is right", "B"), ("Answer: B", "B"), ("no", None)]
)
def test_evqa_generation_reads_letters_inside_words(text: str, theirs: str | None) -> None:
    assert option_choice(text, ANIMALS) == (Choice(None, "no_option") if text == "no" else Choice(1))
    assert legacy_first_letter(text) == theirs


@pytest.mark.parametrize(
    ("text", "ours", "theirs"), [("a dog, C", 2, "A"), ("It's a cat: B", 1, "A"), ("d'accord, B", 1, "D"), ("The answer is B", 1, "B")]
)
def test_evqa_multiple_choice_takes_the_article_for_option_a(text: str, ours: int, theirs: str) -> None:
    assert option_choice(text, ANIMALS) == Choice(ours)
    assert legacy_first_word(text) == theirs


@pytest.mark.parametrize(
    ("text", "theirs"), [("Neither can be told", "A"), ("It is unclear", "A"), ("none", "E"), ("no", None), ("", None)]
)
def test_evqa_qwen_runner_takes_the_first_letter_of_the_alphabet(text: str, theirs: str | None) -> None:
    assert option_choice(text, ANIMALS) == Choice(None, "no_option")
    assert legacy_any_letter(text) == legacy_single_turn_letter(text) == theirs


def test_evqa_qwen_runner_reads_behind_answer_first() -> None:
    assert legacy_single_turn_letter("A long talk. Answer: d") == "D"
    assert legacy_any_letter("A long talk. Answer: d") == "A"


@pytest.mark.parametrize(
    ("said", "right"),
    [("B", True), (" B ", True), ("a cat", True), ("b", False), ("(B)", False), ("A cat", False), ("F", False), (None, False)],
)
def test_evqa_compares_the_text_of_the_option_case_and_all(said: str | None, right: bool) -> None:
    assert legacy_generation_correct(said, ANIMALS, "a cat") is right
    if said not in (None, "F"):
        assert option_choice(str(said), ANIMALS) == Choice(1)


def test_evqa_counts_both_of_two_equal_options_as_right() -> None:
    same = ["red", "blue", "red"]
    assert legacy_generation_correct("A", same, "red")
    assert legacy_generation_correct("C", same, "red")
    assert option_choice("C", same) == Choice(2)
    assert legacy_generation_correct("F", same, "F")  # a letter without an option is compared as it stands


@pytest.mark.parametrize(
    ("text", "theirs"), [("I cannot tell", 2), ("", 2), ("( A)", 2), ("(A )", 2), ("(A)", 0), ("Dogs bark", 3), ("The answer is B", 1)]
)
def test_videollama2_answers_c_where_it_reads_nothing(text: str, theirs: int) -> None:
    assert legacy_videollama2_option(text) == theirs
    expected = {"( A)": Choice(0), "(A )": Choice(0), "(A)": Choice(0), "The answer is B": Choice(1)}
    assert option_choice(text, ANIMALS) == expected.get(text, Choice(None, "no_option"))


def test_egoavu_cider_is_zero_even_for_equal_texts() -> None:
    texts = ["a dog barks loudly outside", "a man washes a cup", "somebody opens the drawer slowly"]
    assert cider(texts, texts).values == pytest.approx((10, 10, 10))
    alone = [float(Cider().compute_score({0: [text]}, {0: [text]})[0]) for text in texts]
    assert list(legacy_cider_per_sample(texts, texts)) == alone == [0, 0, 0]
    assert cider(texts[:1], texts[:1]).values == (None,)


def test_egoavu_rouge_l_takes_a_full_stop_and_a_second_space_for_words() -> None:
    said, wanted = "The dog  barks.", "the dog barks"
    assert rouge_l(said, wanted).f1 == 1
    theirs = float(Rouge().compute_score({0: [wanted]}, {0: [said]})[0])
    assert legacy_rouge_l(said, wanted) == theirs < 0.5


def test_egoavu_drops_ratings_that_it_cannot_read() -> None:
    replies = ['{"rating": 5, "reason": ""}', '```json\n{"rating": 1}\n```', "I would say 2", '{"rating": null}', '{"rating": [2]}', "[4]"]
    ratings = [legacy_egoavu_rating(reply) for reply in replies]
    assert ratings == [5, None, None, None, None, None]
    assert legacy_egoavu_mean(ratings) == 5
    assert legacy_egoavu_mean([None, None]) is None
    # Ours: one value of six, and the coverage says so.
    values = [mean_score([Grade(rubric="graded_1_5", judge="j", score=rating)] if rating else []) for rating in ratings]
    assert values == [5, None, None, None, None, None]


def test_egoavu_counts_ratings_beside_the_scale_and_cuts_fractions() -> None:
    assert [legacy_egoavu_rating(f'{{"rating": {written}}}') for written in ("7", "4.8", '"3"', "true", "1e400", "NaN")] == [
        7,
        4,
        3,
        1,
        None,
        None,
    ]
    assert legacy_egoavu_mean([7, 4, 4]) == 5
    assert mean_score([Grade(rubric="graded_1_5", judge="j", score=7)]) is None


def test_egotextvqa_saves_a_failed_call_as_no_with_zero() -> None:
    assert legacy_egotextvqa([("yes", 5), None, None]) == (1 / 3, 5 / 3)
    graded = [Grade(rubric="yes_no_0_5", judge="j", score=5, verdict="yes")]
    assert [share_of_yes(each) for each in (graded, [], [])] == [1, None, None]
    assert [mean_score(each) for each in (graded, [], [])] == [5, None, None]


def test_egotextvqa_takes_any_text_with_yes_in_it_for_a_yes() -> None:
    assert legacy_egotextvqa([("Not yes", 0), ("NO", 1), ("unclear", 2)]) == (0.5, 1)
    assert legacy_egotextvqa([("unclear", 2)]) == (0, 2)
    assert legacy_egotextvqa([]) == (0, 0)
    assert share_of_yes([Grade(rubric="yes_no_0_5", judge="j", score=2)]) is None
