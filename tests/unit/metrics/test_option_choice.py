"""Reading the chosen option out of a free text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from egoetl.core.errors import DataError
from egoetl.metrics.accuracy import accuracy
from egoetl.metrics.choice import Choice
from egoetl.metrics.option_choice import LETTERS, option_choice

OPTIONS = ["a dog", "a cat", "a bird", "two cats", "nothing"]

SECOND = [
    "B", "(B)", "B.", "b", "[B]", "B:", " b) ", "**B**", "`B`", "_B_", "Ｂ", "option b", "Option B", "Answer B", "Answer: B", "answer - B",
    "Answer：Ｂ", "**Answer:** B) a cat", "Answer:\n\nB", "ANSWER: (B)", "The answer is B", "The answer is B.", "The answer is (B) a cat.",
    "The correct option is B", "The answer is most likely option B.", "The answer to the question is B",
    "The answer is B because a cat is seen in (C)", "The answer is B, a cat", "My choice would be option (B)", "I choose B.",
    "I'd go with B", "It's B.", "So, B", "B) a cat", "B a cat", "B. a cat", "(B) a cat", "- B", "B, because it purrs", "B is correct",
    "B\n\nOption A is wrong.", "B, A man is seen", "a cat", "A cat.", "“a  CAT”", "The answer is a cat.", "The answer is: \"a cat\"",
    '{"answer": "B"}', '{"answer": "B) a cat"}', '{"answer": "a cat"}', '[{"Answer":"B"}]', '{"answer": ["B"]}',
    'Sure:\n```json\n{"answer": "B", "segments": [[1, 2.5]]}\n```', '{"answer": "B", "segments": [[1,', "[0.5, 2] {\"answer\": \"B\"}",
    "Thinking of A. <answer>B</answer>", "so \\boxed{B}", "\\boxed{\\text{B}}", "At first my answer is C. Final answer: B",
    "A cat. It is on the table.", "It purrs.\nA cat\n", "Answer: B. Temporal Evidence: [[0.5, 2.0]]. Spatial Evidence: <|seg|>.",
]  # fmt: skip

OTHERS = [
    ("A", 0), ("a", 0), ("Answer: a", 0), ("A because it barks", 0), ("The answer is A because it barks", 0), ("The answer is a dog", 0),
    ("A dog", 0), ("a dog, C", 2), ("A dog, C", 2), ("I see a dog. C", 2), ("E", 4), ("the answer is (e)", 4),
    ("The answer is nothing", 4),
]  # fmt: skip

NONE = [
    "", " ", "!!!", "…", "F", "Answer: F", "I see a man", "A man runs", "A bandage", "e.g. something", "The answer is e.g. x",
    "Vitamin C", "plan B", "The answer is not B", "It is not option B", "It is not (B)", "I would not choose B", "I don't think B",
    "The answer isn't B", "The answer is B-roll", "Sorry, I cannot tell.", "A cat or a dog", '{"answer": null}', '{"answer": ""}',
    "The answer is a zebra", "the dog's", "d'accord", "[[1.5, 2.0]]", "["*5000,
]  # fmt: skip

PROSE = [
    "the", "man", "picks", "cab", "face", "up", "bead", "and", "looks", "at", "fad", "be", "ace", "is", "answer", ".",
]  # fmt: skip

SEVERAL = [
    "B or C", "B and C", "B, C", "A/B", "A and B", "(A) (B)", "A) a dog\nB) a cat", "The answer is A or B", "The answer is either B or C",
    "Answer: A, B", "B) a bird", "The answer is B) a bird", '{"answer": ["A", "B"]}', "Answer: B. Answer: C", "not B, C",
    "<answer>A</answer> <answer>B</answer>", "The answer is A. No, the answer is B", "A dog? No. A cat.",
]  # fmt: skip


@pytest.mark.parametrize("text", SECOND)
def test_the_second_option(text: str) -> None:
    assert option_choice(text, OPTIONS) == Choice(1)


@pytest.mark.parametrize(("text", "option"), OTHERS)
def test_letters_and_articles(text: str, option: int) -> None:
    assert option_choice(text, OPTIONS) == Choice(option)


@pytest.mark.parametrize("text", NONE)
def test_no_option(text: str) -> None:
    assert option_choice(text, OPTIONS) == Choice(None, "no_option")


@pytest.mark.parametrize("text", SEVERAL)
def test_several_options(text: str) -> None:
    assert option_choice(text, OPTIONS) == Choice(None, "two_options")


def test_options_that_are_pictures_or_spans_or_twice_the_same() -> None:
    assert option_choice("C", ["", "", "", ""]) == Choice(2)
    assert option_choice("", ["", ""]) == Choice(None, "no_option")
    assert option_choice("[2.5s, 5.8s]", ["[1.0s, 2.0s]", "[2.5s, 5.8s]"]) == Choice(1)
    assert option_choice("red", ["red", "Red."]) == Choice(None, "two_options")
    assert option_choice("Yes. It is there.", ["Yes", "No"]) == Choice(0)
    assert option_choice("2", ["1", "2", "3"]) == option_choice('{"answer": 2}', ["1", "2", "3"]) == Choice(1)


@pytest.mark.parametrize("count", [0, 1, 7])
def test_two_to_six_options(count: int) -> None:
    with pytest.raises(DataError) as caught:
        option_choice("A", [f"option {place}" for place in range(count)])
    assert caught.value.reason == "option_count"


@settings(deadline=None)
@given(some.integers(2, 6).flatmap(lambda count: some.tuples(some.just(count), some.integers(0, count - 1))))
def test_every_letter_of_every_count(counted: tuple[int, int]) -> None:
    count, right = counted
    options = [f"thing number {place}" for place in range(count)]
    letter = LETTERS[right]
    for text in (
        letter,
        f"({letter})",
        f"The answer is {letter}",
        f"{letter}) {options[right]}",
        options[right],
        f'{{"answer": "{letter}"}}',
    ):
        assert option_choice(text, options) == Choice(right)


@settings(max_examples=60, deadline=None)
@given(
    some.text(max_size=60)
    | some.lists(some.sampled_from([*"ABCDEabcde(){}[].,:", "answer", " is", " ", "\n", '"']), max_size=30).map("".join)
)
def test_any_text_has_an_option_or_a_reason(text: str) -> None:
    choice = option_choice(text, OPTIONS)
    assert (choice.option is None) == (choice.reason in ("no_option", "two_options"))
    assert choice.option is None or 0 <= choice.option < len(OPTIONS)


@settings(deadline=None)
@given(some.lists(some.sampled_from(PROSE), max_size=9).map(" ".join))
def test_words_alone_choose_nothing(text: str) -> None:
    assert option_choice(text, ["1", "2", "3", "4"]).option is None


def test_accuracy_has_no_value_without_a_choice() -> None:
    assert [accuracy(1, 1), accuracy(0, 1), accuracy(None, 1), accuracy("yes", "no")] == [1, 0, None, 0]
