"""Spans in the shapes in which they are written."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egoetl.benchmarks.literals import MalformedError
from egoetl.benchmarks.spans import in_words, spans_of

SECONDS = st.floats(allow_nan=False, allow_infinity=False)
SPANS = st.lists(st.tuples(SECONDS, SECONDS), max_size=5)


@settings(max_examples=40)
@given(SPANS)
def test_every_shape_says_the_same(spans: list[tuple[float, float]]) -> None:
    shapes: list[list[Any]] = [
        [list(each) for each in spans],
        [each for span in spans for each in span],
        [{"start": start, "end": end} for start, end in spans],
        [{"start_time": start, "end_time": end, "confidence": 0.5} for start, end in spans],
        [[str(start), str(end)] for start, end in spans],
    ]
    assert [spans_of(each) for each in shapes] == [tuple(spans)] * len(shapes)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("[[1, 2]]", "no list of spans"),
        (None, "no list of spans"),
        ({"start": 1, "end": 2}, "no list of spans"),
        ([1, 2, 3], "a start that has no end"),
        ([[1, 2, 3]], "no start and end"),
        ([[1, 2], 3], "no start and end"),
        ([[1]], "no start and end"),
        ([[]], "no start and end"),
        ([{"start": 1}], "not start and end"),
        ([{}], "not start and end"),
        ([[True, 2]], "no number of seconds"),
        ([[None, 2]], "no number of seconds"),
        ([["00:01", "00:02"]], "no number of seconds"),
        ([[float("nan"), 2]], "no number of seconds"),
        ([[1, float("inf")]], "no number of seconds"),
        ([[1, 10**400]], "no number of seconds"),
        ([[[1], 2]], "no number of seconds"),
    ],
)
def test_what_is_no_list_of_spans(value: Any, words: str) -> None:
    with pytest.raises(MalformedError, match=words):
        spans_of(value)


def test_in_words() -> None:
    assert in_words(((2, 4.55), (7.0, 12.25))) == "2.0-4.5 s, 7.0-12.2 s"
    assert in_words(()) == ""
