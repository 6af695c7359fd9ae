from string import ascii_uppercase
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egoetl.benchmarks.options import choice_of, listed_options, split_options

THREE = ("a red ball", "a blue box", "the green mug")


@pytest.mark.parametrize(
    "text",
    [
        "Which moved first?\nA. a red ball\nB. a blue box\nC. the green mug",
        "Which moved first?\n(A) a red ball\n(B) a blue box\n(C) the green mug\n",
        "Which moved first? Options:\r\nA) a red ball\r\nB) a blue box\r\nC) the green mug",
        "Which moved first? (A) a red ball (B) a blue box (C) the green mug",
        "Which moved first? A. a red ball; B. a blue box; C. the green mug",
        "Which moved first? Choices: A: a red ball, B: a blue box, C: the green mug",
        'Which moved first? Options: ["a red ball", "a blue box", "the green mug"]',
        "Which moved first? ['a red ball', 'a blue box', 'the green mug']",
        'Which moved first?\nOptions are: {"A": "a red ball", "B": "a blue box", "C": "the green mug"}',
    ],
)
def test_options_are_parted_from_the_question(text: str) -> None:
    assert split_options(text) == ("Which moved first?", THREE)


@pytest.mark.parametrize(
    "text",
    [
        "Which moved first, A. or B?",
        "Does vitamin A. matter?",
        "What is written on (A)?",
        "Which moved first? A.\nB. a blue box",
        "What does the list [1] show?",
        "Which moved first? [",
        "Is it {'A': 'x', 'C': 'y'}",
        "Which? ['\\d', 1 is 1]",
    ],
)
def test_a_question_without_options_stays_whole(text: str) -> None:
    assert split_options(text) == (text, ())


@pytest.mark.parametrize("piece", ["[", "(A) ", "A. ", "\n", " ", "options", "A.\n", "{'A':", "]", "[]"])
def test_a_text_that_runs_away_is_parted_at_once(piece: str) -> None:
    text = piece * (8000 // len(piece))
    before = process_time()
    split_options(text)
    assert process_time() - before < 0.5


def test_a_letter_within_the_question_or_an_option_is_no_marker() -> None:
    asked = "In scene A. something falls. Which is it?\nA. item B. Smith\nB. a box"
    assert split_options(asked) == ("In scene A. something falls. Which is it?", ("item B. Smith", "a box"))


WORDS = ("cup", "red", "the box", "a", "leaves", "it")


@given(
    st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join), min_size=2, max_size=10),
    st.sampled_from(["{}. ", "({}) ", "{}) "]),
)
def test_lettered_lines_are_read_back(options: list[str], marker: str) -> None:
    lines = [marker.format(letter) + option for letter, option in zip(ascii_uppercase, options, strict=False)]
    assert split_options("Which?\n" + "\n".join(lines)) == ("Which?", tuple(options))


@given(st.text(st.sampled_from("ABC.)( \n[]{}'\",:options"), max_size=60))
def test_any_text_is_parted_without_an_error(text: str) -> None:
    stem = split_options(text)
    assert len(stem.options) != 1
    assert all(stem.options)


@pytest.mark.parametrize(
    ("value", "options"),
    [
        (["x", " y "], ("x", "y")),
        ('["x", 2]', ("x", "2")),
        ({"B": "y", "A": "x"}, ("x", "y")),
        ({"A": "x", "C": "y"}, ()),
        (["x"], ()),
        (["x", ""], ()),
        ("x, y", ()),
        (3, ()),
        ("[" * 3000, ()),
    ],
)
def test_listed_options(value: Any, options: tuple[str, ...]) -> None:
    assert listed_options(value) == options


@pytest.mark.parametrize(
    ("answer", "choice"),
    [
        ("B", 1),
        ("(C)", 2),
        ("A.", 0),
        ("b", None),
        ("B. a blue box", 1),
        ("(B) A blue box.", 1),
        ("A blue box", 1),
        ("green mug", 2),
        ("B. a red ball", None),
        ("D", None),
        ("A dog", None),
        ("", None),
    ],
)
def test_which_option_an_answer_means(answer: str, choice: int | None) -> None:
    assert choice_of(answer, THREE) == choice


def test_an_answer_that_two_options_have_means_none() -> None:
    assert choice_of("the ball", ("a ball", "ball.")) is None
