"""closest_pairs: one to one, the closest first."""

from hypothesis import given
from hypothesis import strategies as st

from egoetl.algorithms.pairing import closest_pairs


def test_the_closest_pair_is_made_first_and_the_rest_goes_on_without_it() -> None:
    assert closest_pairs([(2.0, 0, 0), (1.0, 1, 0), (3.0, 0, 1)], 5) == {1: 0, 0: 1}


def test_what_is_too_far_apart_stays_alone() -> None:
    assert closest_pairs([(2.0, 0, 0), (5.1, 1, 1), (5.0, 2, 2)], 5) == {0: 0, 2: 2}


def test_equally_close_pairs_are_made_in_order() -> None:
    assert closest_pairs([(1.0, 1, 0), (1.0, 0, 0)], 5) == {0: 0}


@given(st.lists(st.tuples(st.floats(0, 10), st.integers(0, 5), st.integers(0, 5))))
def test_pairs_are_one_to_one_and_do_not_depend_on_the_order_given(distances: list[tuple[float, int, int]]) -> None:
    pairs = closest_pairs(distances, 5)

    assert len(set(pairs.values())) == len(pairs)
    assert closest_pairs(reversed(distances), 5) == pairs
