"""MATTR against its definition."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from egoetl.algorithms.diversity import moving_average_type_token_ratio

WORDS = some.lists(some.sampled_from("abcdef"), min_size=1, max_size=60)


@given(WORDS, some.integers(min_value=1, max_value=70))
def test_it_is_the_mean_over_all_windows(words: list[str], window: int) -> None:
    size = min(window, len(words))
    ratios = [len(set(words[start : start + size])) / size for start in range(len(words) - size + 1)]
    assert moving_average_type_token_ratio(words, window) == pytest.approx(sum(ratios) / len(ratios))


def test_a_text_without_words_is_not_varied() -> None:
    assert moving_average_type_token_ratio([], 10) == 0


def test_repetition_lowers_it_and_length_does_not() -> None:
    varied = [str(index) for index in range(50)]
    assert moving_average_type_token_ratio(varied, 10) == moving_average_type_token_ratio(varied * 4, 10) == 1
    assert moving_average_type_token_ratio(["a", "b"] * 50, 10) == pytest.approx(0.2)
