from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egoetl.metrics.joint import joint_at, joint_product

SCORES = st.floats(0, 1)


@pytest.mark.parametrize(
    ("right", "evidence", "at_half", "product_of_both"),
    [
        (True, (0.5,), 1.0, 0.5),
        (True, (0.49,), 0.0, 0.49),
        (False, (1.0,), 0.0, 0.0),
        (True, (0.8, 0.5), 1.0, 0.4),
        (True, (0.8, 0.4), 0.0, 0.32),
        (None, (0.8,), None, None),
        (True, (None,), None, None),
        (False, (None,), None, None),
        (True, (0.8, None), None, None),
    ],
)
def test_golden(right: bool | None, evidence: tuple[float | None, ...], at_half: float | None, product_of_both: float | None) -> None:
    assert joint_at(0.5, right, *evidence) == at_half
    assert joint_product(right, *evidence) == (None if product_of_both is None else pytest.approx(product_of_both))


def test_an_answer_without_evidence_has_no_joint_score() -> None:
    with pytest.raises(ValueError, match="at least one part"):
        joint_at(0.5, True)


@given(st.booleans(), st.lists(SCORES, min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_more_can_only_be_asked_for_not_gained(right: bool, evidence: list[float]) -> None:
    value = joint_product(right, *evidence)
    assert value is not None
    assert 0 <= value <= min(evidence)
    low, high = joint_at(0.3, right, *evidence), joint_at(0.5, right, *evidence)
    assert low is not None
    assert high is not None
    assert float(right) >= low >= high


def test_chance_on_answer_and_evidence_is_told_from_both_right_together() -> None:
    """Accuracy and mean evidence are a half in both sets; only one of them is ever right for the right reason."""
    together = [joint_at(0.5, right, evidence) for right, evidence in [(True, 1.0), (False, 0.0)]]
    apart = [joint_at(0.5, right, evidence) for right, evidence in [(True, 0.0), (False, 1.0)]]
    assert (sum(filter(None, together)), sum(filter(None, apart))) == (1.0, 0.0)
    assert {joint_at(0.5, *each) for each in product((True, False), (0.0, 1.0))} == {0.0, 1.0}
