import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import average_precision_score

from egoetl.core.errors import DataError
from egoetl.metrics.average_precision import (
    average_precision,
    charades_map,
    class_average_precisions,
    legacy_charades_map,
    mean_average_precision,
)

RANKED = st.integers(1, 30).flatmap(
    lambda count: st.tuples(arrays(np.float64, count, elements=st.integers(-3, 3).map(float)), arrays(np.bool_, count))
)


def test_golden() -> None:
    """Positives at ranks 1, 3 and 4 of 5: (1/1 + 2/3 + 3/4) / 3."""
    scores, positives = np.array([0.9, 0.8, 0.7, 0.6, 0.5]), np.array([True, False, True, True, False])
    assert average_precision(scores, positives) == pytest.approx((1 + 2 / 3 + 3 / 4) / 3, abs=1e-15)


@given(RANKED)
@settings(max_examples=60, deadline=None)
def test_equal_to_scikit_learn_with_ties_and_without(ranked: tuple[np.ndarray, np.ndarray]) -> None:
    scores, positives = ranked
    for each in (scores, np.arange(len(scores)) * 1.0):
        ours = average_precision(each, positives)
        if not positives.any():
            assert ours is None
        else:
            assert ours == pytest.approx(average_precision_score(positives, each), abs=1e-12)


@given(RANKED, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_order_changes_nothing_and_a_constant_earns_the_share_of_positives(ranked: tuple[np.ndarray, np.ndarray], random: object) -> None:
    scores, positives = ranked
    order = list(range(len(scores)))
    random.shuffle(order)  # type: ignore[attr-defined]
    assert average_precision(scores[order], positives[order]) == average_precision(scores, positives)
    if positives.any():
        assert average_precision(np.zeros(len(scores)), positives) == pytest.approx(positives.mean())


def test_a_class_without_a_positive_is_left_out_of_the_mean() -> None:
    scores = np.array([[0.9, 0.1, 0.3], [0.2, 0.8, 0.2], [0.5, 0.5, 0.1]])
    positives = np.array([[True, False, False], [False, False, True], [True, False, False]])
    assert class_average_precisions(scores, positives) == [1.0, None, 0.5]
    assert mean_average_precision(scores, positives) == 0.75
    assert mean_average_precision(scores, np.zeros_like(positives)) is None


def test_on_charades_an_item_of_no_class_costs_nothing() -> None:
    scores = np.array([[0.9], [0.5], [0.7]])
    positives = np.array([[False], [True], [True]])
    assert mean_average_precision(scores, positives) == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert charades_map(scores, positives) == 1.0


def test_ours_and_legacy_agree_where_every_class_has_a_positive_and_no_scores_are_equal() -> None:
    random = np.random.default_rng(3)
    scores, positives = random.normal(size=(200, 12)), random.random((200, 12)) < 0.1
    assert positives.any(axis=0).all()
    assert charades_map(scores, positives) == pytest.approx(legacy_charades_map(scores, positives), abs=1e-12)
    labelled = positives.any(axis=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        by_scikit = average_precision_score(positives[labelled], scores[labelled], average="macro")
    assert charades_map(scores, positives) == pytest.approx(by_scikit, abs=1e-12)


@pytest.mark.parametrize(
    ("scores", "positives"),
    [
        (np.array([[0.1, np.nan]]), np.array([[True, False]])),
        (np.array([[0.1, 0.2]]), np.array([[True]])),
        (np.array([0.1]), np.array([True])),
    ],
)
def test_scores_that_cannot_be_ranked_are_refused(scores: np.ndarray, positives: np.ndarray) -> None:
    for measure in (mean_average_precision, charades_map, legacy_charades_map):
        with pytest.raises(DataError, match="one number for each item and class") as refused:
            measure(scores, positives)
        assert refused.value.reason == "scores_malformed"
