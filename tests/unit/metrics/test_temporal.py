from math import nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egoetl.core.evaluation import Spans
from egoetl.metrics.temporal import reaches, temporal_iop, temporal_iou, temporal_scores

SECONDS = st.floats(-5, 400, allow_nan=False).map(lambda value: round(value, 2))
SPANS = st.lists(st.tuples(SECONDS, SECONDS), max_size=6).map(tuple)


@pytest.mark.parametrize(
    ("predicted", "reference", "iou", "iop"),
    [
        # 5 s in common of 15 s, and of the 10 s predicted
        (((0.0, 10.0),), ((5.0, 15.0),), 5 / 15, 0.5),
        # two parts that overlap each other are 0-6: 4 s in common, 2-12 the truth, 0-12 either
        (((0.0, 4.0), (3.0, 6.0)), ((2.0, 12.0),), 4 / 12, 4 / 6),
        # a hit, a miss, and a truth that is not found
        (((1.0, 2.0), (50.0, 51.0)), ((0.0, 4.0), (60.0, 64.0)), 1 / 9, 0.5),
        (((7.0, 9.0),), ((0.0, 7.0),), 0.0, 0.0),
        ((), ((0.0, 7.0),), 0.0, 0.0),
        (((0.0, 7.0),), (), 0.0, 0.0),
        ((), (), 1.0, 1.0),
        # what covers nothing is as if it were not there
        (((9.0, 3.0), (4.0, 4.0), (nan, 2.0)), ((0.0, 7.0),), 0.0, 0.0),
        (((9.0, 3.0), (0.0, 7.0)), ((0.0, 7.0),), 1.0, 1.0),
        (((9.0, 3.0),), ((4.0, 4.0),), 1.0, 1.0),
        # as large as numbers get, in one part and in two
        (((-1.7e308, 1.7e308),), ((0.0, 10.0),), 0.0, 0.0),
        (((-1.7e308, -5.0), (2.0, 1.7e308)), ((0.0, 10.0),), 0.0, 0.0),
    ],
)
def test_golden(predicted: Spans, reference: Spans, iou: float, iop: float) -> None:
    scores = temporal_scores(predicted, reference)
    assert (scores.iou, scores.iop) == pytest.approx((iou, iop), abs=1e-12)
    assert (temporal_iou(predicted, reference), temporal_iop(predicted, reference)) == tuple(scores)
    assert scores.mean == pytest.approx((iou + iop) / 2, abs=1e-12)


def test_a_threshold_is_reached_at_it() -> None:
    assert [reaches(score, 0.3) for score in (0.29999, 0.3, 1.0)] == [0.0, 1.0, 1.0]
    assert reaches(temporal_iou(((0.0, 3.0),), ((0.0, 10.0),)), 0.3) == 1.0


@given(SPANS, SPANS)
@settings(max_examples=60, deadline=None)
def test_bounds_and_symmetry(one: Spans, other: Spans) -> None:
    scores = temporal_scores(one, other)
    assert 0 <= scores.iou <= scores.iop + 1e-12  # what either has holds what is predicted
    assert scores.iop <= 1
    assert temporal_iou(other, one) == scores.iou
    assert temporal_iou(one, one) == temporal_iop(one, one) == 1.0


@given(SPANS, SPANS, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_order_repetition_and_where_a_span_is_cut_change_nothing(one: Spans, other: Spans, random: object) -> None:
    parts = [*one, *one]
    for start, end in one:
        middle = (start + end) / 2
        if start < middle < end:
            parts += [(start, middle), (middle, end)]
    random.shuffle(parts)  # type: ignore[attr-defined]
    assert temporal_scores(tuple(parts), other) == temporal_scores(one, other)
    assert temporal_scores(other, tuple(parts)) == temporal_scores(other, one)
