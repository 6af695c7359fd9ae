"""Longest common subsequences against the table that defines them, and compiling where nothing can be kept."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from egoetl.algorithms.common_subsequence import common_subsequences
from egoetl.algorithms.compiled import compiled

WORDS = some.lists(some.sampled_from(["a", "b", "ab", "ba", "c9"]), max_size=140)


def table(first: list[str], second: list[str]) -> int:
    """The textbook's table, a row at a time."""
    row = [0] * (len(second) + 1)
    for word in first:
        above = row
        row = [0]
        for place, other in enumerate(second):
            row.append(above[place] + 1 if word == other else max(above[place + 1], row[place]))
    return row[-1]


def lengths(*texts: str) -> list[list[int]]:
    joined = "".join(f"{text}\0" for text in texts).encode()
    return common_subsequences(np.frombuffer(joined, np.uint8), len(texts) // 2).tolist()


@settings(max_examples=60, deadline=None)
@given(WORDS, WORDS)
def test_it_is_what_the_table_gives(first: list[str], second: list[str]) -> None:
    assert lengths(" ".join(first), " ".join(second)) == [[table(first, second), len(first), len(second)]]


@settings(max_examples=60, deadline=None)
@given(some.lists(some.tuples(WORDS, WORDS), max_size=4))
def test_pairs_do_not_see_each_other(pairs: list[tuple[list[str], list[str]]]) -> None:
    texts = [" ".join(words) for pair in pairs for words in pair]
    assert lengths(*texts) == [row for one, other in zip(texts[::2], texts[1::2], strict=True) for row in lengths(one, other)]


@pytest.mark.parametrize("count", [63, 64, 65, 127, 128, 129, 300])
def test_blocks_of_64_words_are_one_text(count: int) -> None:
    words = [f"w{place % 50}" for place in range(count)]
    assert lengths(" ".join(words), " ".join(words)) == [[count, count, count]]
    assert lengths(" ".join(words), " ".join(words[::-1]))[0][0] == table(words, words[::-1])


def test_two_thousand_words_in_another_order() -> None:
    words = [f"w{place}" for place in range(2000)]
    assert lengths(" ".join(words), " ".join([*words[1000:], *words[:1000]])) == [[1000, 2000, 2000]]


def test_words_are_runs_of_letters_and_digits() -> None:
    assert lengths(" a,b--c9 ", "A b\nc9!") == [[2, 3, 2]]  # a capital is none: texts come in lower case


def test_no_pairs_are_none() -> None:
    assert common_subsequences(np.frombuffer(b"\0", np.uint8), 0).shape == (0, 3)


def test_where_no_code_can_be_kept_a_function_is_compiled_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    from numba.core.caching import CompileResultCacheImpl

    monkeypatch.setattr(CompileResultCacheImpl, "_locator_classes", [])

    @compiled
    def doubled(number: int) -> int:
        return 2 * number

    assert doubled(21) == 42
