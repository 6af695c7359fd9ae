"""Predictions that hold the gold answer word for word."""

import pytest

from egoetl.metrics.literal_gold import holds_gold


@pytest.mark.parametrize(
    ("prediction", "gold"),
    [
        ("on the bicycle itself", "on the bicycle itself"),
        ("It is On  the\nBicycle, itself.", "on the bicycle"),
        ("call 555-01 now", "555-01"),
        ("STRASSE links", "straße"),
        ("the sign says $4.99!", "$4.99"),
        ("Cafe\u0301 Roma", "café"[:4] + " roma"),
    ],
)
def test_held(prediction: str, gold: str) -> None:
    assert holds_gold(prediction, gold)


@pytest.mark.parametrize(
    ("prediction", "gold"),
    [
        ("table", "cable"),
        ("the tables", "table"),
        ("unstable", "stable"),
        ("on it", "on"),
        ("on it", " on  "),
        ("", "table"),
        ("on the bike", "on the bicycle"),
        ("a.b.c", "a b.c"),
    ],
)
def test_not_held(prediction: str, gold: str) -> None:
    assert not holds_gold(prediction, gold)


def test_what_is_short_is_a_matter_of_choice() -> None:
    assert holds_gold("It is a cup.", "cup", least=3)
