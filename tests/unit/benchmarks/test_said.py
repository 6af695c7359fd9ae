import pytest

from egoetl.benchmarks.said import last_said


@pytest.mark.parametrize(
    ("turns", "said"),
    [
        ((), ""),
        (("A", " B \n"), "B"),
        (("<think>is it A?</think>\nB",), "B"),
        (("is it A?</think> B",), "B"),
        (("<think>is it A?</think> B <think>or</think> C",), "C"),
        (("<think>is it A? It may well be",), ""),
        (("  ",), ""),
    ],
)
def test_what_was_said_at_last(turns: tuple[str, ...], said: str) -> None:
    assert last_said(turns) == said
