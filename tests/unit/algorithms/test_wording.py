import pytest

from egoetl.algorithms.shuffling import shuffled
from egoetl.algorithms.timecodes import seconds
from egoetl.algorithms.wording import content_stems, mentions, normalised, sentences, with_article


def test_normalised_ignores_case_punctuation_and_articles() -> None:
    assert normalised("The red ball.") == normalised("a  RED-ball") == "red ball"


@pytest.mark.parametrize(
    ("text", "phrase", "found"),
    [
        ("Can an impact sound be heard?", "impact sound", True),
        ("Can the Impact-Sound be heard?", "an impact sound", True),
        ("Does a soundless impact happen?", "impact sound", False),
        ("Is the redder ball moved?", "red", False),
    ],
)
def test_mentions_looks_for_whole_words_in_order(text: str, phrase: str, found: bool) -> None:
    assert mentions(text, phrase) is found


def test_content_stems_see_through_endings_and_framing_words() -> None:
    assert content_stems("the sound of a dog barking") == content_stems("dogs bark") == {"dog", "bark"}


@pytest.mark.parametrize("forms", [("tapping", "taps", "tap"), ("tinkle", "tinkles", "tinkling"), ("humming", "hum"), ("move", "moved")])
def test_the_forms_of_a_word_have_one_stem(forms: tuple[str, ...]) -> None:
    assert len({content_stems(form) for form in forms}) == 1


def test_content_stems_keep_short_words_whole() -> None:
    assert content_stems("red ring") == {"red", "ring"}


def test_sentences_leave_decimals_alone() -> None:
    assert sentences("At 12.5 s it moved. Then it stopped; nothing else!") == ("At 12.5 s it moved", "Then it stopped", "nothing else")


@pytest.mark.parametrize(("noun", "said"), [("impact sound", "an impact sound"), ("knock", "a knock"), ("the radio", "the radio")])
def test_with_article(noun: str, said: str) -> None:
    assert with_article(noun) == said


@pytest.mark.parametrize(("ms", "said"), [(0, "0"), (60_000, "60"), (61_500, "61.5"), (61_005, "61.005"), (120, "0.12")])
def test_seconds_have_the_decimals_they_need(ms: int, said: str) -> None:
    assert seconds(ms) == said


def test_the_order_is_drawn_from_the_seed_alone() -> None:
    values = ("a", "b", "c", "d")
    assert shuffled(values, "x") == shuffled(values[::-1], "x")
    assert sorted(shuffled(values, "x")) == list(values)


def test_every_place_is_equally_likely() -> None:
    places = [shuffled(("answer", "b", "c", "d"), f"clip {number}").index("answer") for number in range(4_000)]
    assert all(900 < places.count(place) < 1_100 for place in range(4))
