"""Lists that were written down as text: read, never evaluated."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egoetl.benchmarks.literals import MalformedError, literal_of, texts_of

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=40)
@given(PLAIN)
def test_json_and_python_say_the_same(value: object) -> None:
    assert literal_of(json.dumps(value)) == value
    assert literal_of(repr(value)) == value


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "a", "[1, 2", "__import__('os').getcwd()", "[x for x in (1,)]", "list('ab')", "{1, 2}", "b'a'", "1j", "{1: 2}",
        "[" * 200, "[" * 100_000, "-" * 50_000 + "1", "9" * 5_000, "[1]\x00", "f'{1}'", "[" + "1," * 600_000 + "]",
    ],
    ids=lambda text: text[:20] or "nothing",
)  # fmt: skip
def test_anything_else_is_malformed(text: str) -> None:
    with pytest.raises(MalformedError):
        literal_of(text)


def test_an_odd_escape_is_no_warning() -> None:
    assert literal_of(r"['C:\d']") == [r"C:\d"]


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ("['a cup ', \"it's\"]", ("a cup", "it's")),
        ('["a", "b"]', ("a", "b")),
        ("('a', 'b')", ("a", "b")),
        ({"B": "b", "A": "a"}, ("a", "b")),
        ("{'A': 'a', 'B': 'b'}", ("a", "b")),
        ([1, 2.5, "three"], ("1", "2.5", "three")),
        ("[]", ()),
    ],
)
def test_texts(value: object, texts: tuple[str, ...]) -> None:
    assert texts_of(value) == texts


@pytest.mark.parametrize(
    "value", ["a", "3", "[['a']]", "[true]", "['a', '']", "['a', None]", "{'A': 'a', 'C': 'c'}", "{'1': 'a'}", None, 3]
)
def test_what_is_no_list_of_texts(value: object) -> None:
    with pytest.raises(MalformedError):
        texts_of(value)
