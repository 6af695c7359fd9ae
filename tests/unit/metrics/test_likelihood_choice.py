"""Choice among candidates by log-likelihood."""

from math import inf, log, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from egoetl.metrics.choice import Choice
from egoetl.metrics.likelihood_choice import likelihood_choice, log_likelihood

TOKENS = some.lists(some.floats(max_value=0, allow_nan=False, allow_infinity=False, min_value=-1e6), min_size=1, max_size=8)


def test_by_hand() -> None:
    short, long = [log(0.2)], [log(0.5)] * 3
    assert log_likelihood(long) == pytest.approx(log(0.5))
    assert log_likelihood(long, per_token=False) == pytest.approx(log(0.125))
    assert likelihood_choice([short, long]) == Choice(1)
    assert likelihood_choice([short, long], per_token=False) == Choice(0)


@pytest.mark.parametrize("broken", [[], [nan], [-1.0, nan], [0.1], [inf], [-inf, nan]])
def test_a_candidate_that_cannot_be_told_leaves_no_choice(broken: list[float]) -> None:
    assert log_likelihood(broken) is None
    assert likelihood_choice([[-1.0], broken]) == Choice(None, "no_likelihood")


def test_ties_impossible_candidates_and_none() -> None:
    assert likelihood_choice([]) == Choice(None, "no_option")
    assert likelihood_choice([[-1.0], [-0.5, -1.5]]) == Choice(None, "tied")
    assert likelihood_choice([[-1.0], [-1.0], [-0.5]]) == Choice(2)
    assert likelihood_choice([[-inf], [-9.0]]) == Choice(1)
    assert likelihood_choice([[-inf], [-1.0, -inf]]) == Choice(None, "tied")


@settings(max_examples=50, deadline=None)
@given(some.lists(TOKENS, min_size=2, max_size=5), some.booleans())
def test_the_choice_is_the_likeliest_whatever_the_order(candidates: list[list[float]], per_token: bool) -> None:
    choice = likelihood_choice(candidates, per_token=per_token)
    found = [log_likelihood(each, per_token=per_token) for each in candidates]
    turned = likelihood_choice(candidates[::-1], per_token=per_token)
    if choice.option is None:
        assert turned == choice == Choice(None, "tied")
    else:
        assert found.count(found[choice.option]) == 1
        assert all(value is not None and value <= (found[choice.option] or 0) for value in found)
        assert turned.option == len(candidates) - 1 - choice.option
