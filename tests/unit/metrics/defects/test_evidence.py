"""Defects of the reference scorers of evidence and retrieval: ours is right, legacy is what they print."""

from math import isnan

import numpy as np
import pytest

from egoetl.core.errors import DataError
from egoetl.metrics.average_precision import charades_map, legacy_charades_map
from egoetl.metrics.boundaries import boundary_f
from egoetl.metrics.j_and_f import legacy_mask_scores, mask_scores
from egoetl.metrics.joint import joint_at, joint_product
from egoetl.metrics.retrieval import legacy_mean_average_precision, retrieval
from egoetl.metrics.temporal import legacy_temporal_scores, temporal_scores
from egoetl.testing.masks import MemoryMasks

SQUARE = np.zeros((24, 32), np.bool_)
SQUARE[4:12, 4:12] = True


def test_a_segment_given_twice() -> None:
    predicted, reference = ((3.0, 8.0), (3.0, 8.0)), ((3.0, 8.0),)
    assert temporal_scores(predicted, reference) == (1.0, 1.0)
    assert legacy_temporal_scores(predicted, reference) == (2.0, 1.0)


def test_true_segments_that_overlap() -> None:
    spans = ((0.0, 10.0), (0.0, 10.0))
    assert temporal_scores(spans, spans) == (1.0, 1.0)
    assert legacy_temporal_scores(spans, spans) == (0.0, 2.0)


def test_legacy_temporal_scores_elsewhere() -> None:
    assert legacy_temporal_scores(((0.0, 10.0),), ((5.0, 15.0),)) == (5 / 15, 0.5)
    assert legacy_temporal_scores((), ()) == (0.0, 0.0)
    assert legacy_temporal_scores(((9.0, 3.0),), ((0.0, 10.0),)) == (0.0, 0.0)


def test_frames_that_were_left_out() -> None:
    true = MemoryMasks(g={f"{number:05}": SQUARE for number in range(100)})
    said = MemoryMasks(p={"00040": SQUARE})
    ours = mask_scores(said, "p", true, "g")
    assert ours is not None
    assert (ours.j, ours.f, ours.j_and_f) == pytest.approx((0.01, 0.01, 0.01))
    assert legacy_mask_scores(said, "p", true, "g") == (1.0, 1.0)


def test_a_true_frame_that_is_absent_is_black_in_both() -> None:
    true, said = MemoryMasks(g={"1": SQUARE}), MemoryMasks(p={"1": SQUARE, "2": SQUARE, "3": ~SQUARE & SQUARE})
    assert mask_scores(said, "p", true, "g") == (2 / 3, 2 / 3, 3, 0, 2, 0)
    assert legacy_mask_scores(said, "p", true, "g") == (2 / 3, 2 / 3)


def test_an_entry_without_predictions() -> None:
    true = MemoryMasks(g={"1": SQUARE})
    assert mask_scores(MemoryMasks(), "p", true, "g") is None
    assert legacy_mask_scores(MemoryMasks(), "p", true, "g") == (0.0, 0.0)
    assert legacy_mask_scores(MemoryMasks(), None, true, "g") == (0.0, 0.0)
    assert legacy_mask_scores(MemoryMasks(p={}), "p", true, "g") == (0.0, 0.0)
    assert legacy_mask_scores(MemoryMasks(p={"1": SQUARE}), "p", true, "elsewhere") is None


def test_a_mask_that_cannot_be_read() -> None:
    true, said = MemoryMasks(g={"1": SQUARE, "2": SQUARE}), MemoryMasks(p={"1": SQUARE, "2": None})
    with pytest.raises(DataError) as refused:
        mask_scores(said, "p", true, "g")
    assert refused.value.reason == "mask_unreadable"
    assert legacy_mask_scores(said, "p", true, "g") == (1.0, 1.0)
    assert legacy_mask_scores(MemoryMasks(p={"1": None}), "p", true, "g") is None
    assert legacy_mask_scores(MemoryMasks(p={"1": SQUARE}), "p", MemoryMasks(g={"1": None}), "g") == (0.0, 0.0)


def test_masks_of_two_sizes() -> None:
    true, said = MemoryMasks(g={"1": SQUARE}), MemoryMasks(p={"1": SQUARE.repeat(2, axis=0).repeat(2, axis=1)})
    assert mask_scores(said, "p", true, "g") == (1.0, 1.0, 1, 0, 0, 1)
    with pytest.raises(DataError, match="64x48 and 32x24") as refused:
        legacy_mask_scores(said, "p", true, "g")
    assert refused.value.reason == "mask_sizes_differ"


def test_a_full_mask_against_an_empty_one() -> None:
    full = np.ones_like(SQUARE)
    assert boundary_f(full, ~full) == boundary_f(~full, full) == 0.0
    assert boundary_f(full, full) == boundary_f(~full, ~full) == 1.0


def test_right_answer_and_evidence_on_different_halves() -> None:
    entries = [(True, 0.0), (False, 1.0)]
    assert [joint_at(0.5, *each) for each in entries] == [joint_product(*each) for each in entries] == [0.0, 0.0]


def test_a_class_without_a_positive() -> None:
    scores, positives = np.array([[0.9, 0.2], [0.1, 0.7]]), np.array([[True, False], [False, False]])
    assert charades_map(scores, positives) == 1.0
    assert isnan(legacy_charades_map(scores, positives))


def test_equal_scores_in_another_order() -> None:
    """Two classes, one for each half of the items, and a model that says the same of all."""
    scores, first = np.zeros((4, 2)), np.array([True, True, False, False])
    one, other = np.stack([first, ~first], axis=1), np.stack([first[[0, 2, 1, 3]], ~first[[0, 2, 1, 3]]], axis=1)
    assert charades_map(scores, one) == charades_map(scores, other) == 0.5
    assert legacy_charades_map(scores, one) == pytest.approx((1 + (1 / 3 + 2 / 4) / 2) / 2)
    assert legacy_charades_map(scores, other) == pytest.approx(((1 + 2 / 3) / 2 + (1 / 2 + 2 / 4) / 2) / 2)


@pytest.mark.slow
def test_half_relevant_items_ahead_of_the_right_one() -> None:
    similarity, relevances = np.array([[0.9, 0.5]]), np.array([[0.5, 1.0]])
    assert retrieval(similarity, relevances).video_to_text.mean_average_precision == 0.5
    assert legacy_mean_average_precision(similarity, relevances) == 0.75


@pytest.mark.slow
def test_a_query_without_a_right_item() -> None:
    similarity, relevances = np.array([[0.9, 0.5], [0.1, 0.2]]), np.array([[1.0, 0.0], [0.5, 0.0]])
    assert retrieval(similarity, relevances).video_to_text.mean_average_precision == 1.0
    assert isnan(legacy_mean_average_precision(similarity, relevances))
