import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egoetl.metrics.meteor.normalise import normalised_words

ABBREVIATIONS = {"Mr": "anything", "No": "number"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ""),
        ("The Cup", "the cup"),
        ("cup, knife; pan!", "cup , knife ; pan !"),
        ("1,000 cups", "1,000 cups"),
        ("it's the dogs' 1990's", "it 's the dogs ' 1990 's"),
        ("well-known a--b -5", "well known a b -5"),
        ("“so” she’d say ``x''", '" so " she \'d say " x "'),
        ("The end.", "the end ."),
        ("Mr. Smith, No. 5, No. It", "mr. smith , no. 5 , no . it"),
        ("Inc. and Inc. And", "inc. and inc . and"),
        ("the U.S. army", "the us army"),
        ("wait... what", "wait ... what"),
        ("3.14 p.m.", "3.14 pm"),
        ("café – 東京😀", "café - 東 京 😀"),
        ("a\nb\tc\u00a0d", "a b c d"),
    ],
)
def test_words_of_a_caption(text: str, words: str) -> None:
    assert normalised_words(text, ABBREVIATIONS) == words.split(" ") * bool(words)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=60))
def test_no_word_is_empty_or_has_capitals_or_blanks(text: str) -> None:
    for word in normalised_words(text, ABBREVIATIONS):
        assert word
        assert word == word.lower()
        assert not set(word) & set(" \t\n\f\r\u00a0\u2003")


@settings(deadline=None)
@given(st.text(alphabet="abcXYZ 019"))
def test_plain_text_goes_the_same_way_as_any_other(text: str) -> None:
    assert normalised_words(text, {}) == normalised_words(f"{text} ;", {})[:-1]
