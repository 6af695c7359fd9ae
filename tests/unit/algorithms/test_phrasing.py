"""Lists and sentences."""

import pytest

from egoetl.algorithms.phrasing import listed, sentence


@pytest.mark.parametrize(("names", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_names_are_listed(names: list[str], text: str) -> None:
    assert listed(names) == text


def test_a_sentence_starts_with_a_capital_and_ends_with_a_stop() -> None:
    assert sentence("the USB box moves") == "The USB box moves."
