import pytest
from nltk.stem.snowball import EnglishStemmer

from egoetl.metrics.meteor.stemmer import stem

WORDS = """
caresses flies dies mules denied agreed owned humbled sizing meeting stating siezed itemization sensational traditional reference
colonizer plotted hopping hoping falling hissing fizzed failing filing happy enjoy cry by say yielding youth boyish generously
generate communism communication arsenal news innings outing canning proceeds skis dying idly early cosmos bias it's boys' consisting
knightly knack controllable roll luxuriance triplicate hopefulness electrical adjustable effective probate rate cease controlling
"""


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("consignment", "consign"), ("consistency", "consist"), ("knots", "knot"), ("kneeling", "kneel"), ("skies", "sky"),
        ("ties", "tie"), ("cries", "cri"), ("gas", "gas"), ("this", "this"), ("gaps", "gap"), ("kiwis", "kiwi"), ("luxuriated", "luxuri"),
        ("'s", "'s"), ("dog's'", "dog"), ("", ""), ("is", "is"), ("éclairs", "éclair"),
    ],
)  # fmt: skip
def test_stems_of_the_algorithms_own_description(word: str, expected: str) -> None:
    assert stem(word) == expected


@pytest.mark.parametrize("word", WORDS.split())
def test_stems_are_those_of_nltk(word: str) -> None:
    assert stem(word) == EnglishStemmer().stem(word)


@pytest.mark.parametrize(("word", "expected"), [("realization", "realiz"), ("ionization", "ioniz"), ("irrationality", "irrat")])
def test_a_region_stays_where_it_was_which_nltk_forgets(word: str, expected: str) -> None:
    assert stem(word) == expected != EnglishStemmer().stem(word)
