from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egoetl.core.errors import DataError
from egoetl.metrics.boundaries import boundary_f
from egoetl.metrics.j_and_f import FrameScores, MaskScores, frame_scores, legacy_mask_scores, mask_scores
from egoetl.metrics.regions import Mask, region_similarity
from egoetl.testing.masks import MemoryMasks

EMPTY = np.zeros((12, 20), np.bool_)
LEFT, RIGHT = EMPTY.copy(), EMPTY.copy()
LEFT[2:8, 2:8], RIGHT[2:8, 12:18] = True, True
MASKS = st.sampled_from([EMPTY, LEFT, RIGHT, LEFT | RIGHT])
FOLDERS = st.dictionaries(st.sampled_from(["00000", "00006", "00012", "00018"]), MASKS)


def scores(said: Mapping[str, Mask | None], true: Mapping[str, Mask | None]) -> MaskScores | None:
    return mask_scores(MemoryMasks(p=said), "p", MemoryMasks(g=true), "g")


def legacy(said: Mapping[str, Mask | None], true: Mapping[str, Mask | None]) -> FrameScores | None:
    return legacy_mask_scores(MemoryMasks(p=said), "p", MemoryMasks(g=true), "g")


def test_a_frame_that_was_left_out_costs_what_an_empty_mask_costs() -> None:
    true = {"00000": LEFT, "00006": LEFT, "00012": EMPTY, "00018": RIGHT}
    left_out = scores({"00000": LEFT}, true)
    assert left_out == (0.5, 0.5, 4, 3, 0, 0)
    assert left_out is not None
    emptied = scores({"00000": LEFT, "00006": EMPTY, "00012": EMPTY, "00018": EMPTY}, true)
    assert emptied is not None
    assert (emptied.j, emptied.f, emptied.left_out) == (left_out.j, left_out.f, 0)


def test_a_frame_that_only_the_prediction_has_is_right_only_where_it_is_empty() -> None:
    assert scores({"00000": LEFT, "00006": RIGHT, "00012": EMPTY}, {"00000": LEFT}) == (2 / 3, 2 / 3, 3, 0, 2, 0)


def test_j_and_f_is_the_mean_of_both() -> None:
    made = scores({"1": LEFT | RIGHT}, {"1": LEFT})
    assert made is not None
    assert (made.j, made.f) == (0.5, boundary_f(LEFT | RIGHT, LEFT))
    assert made.j_and_f == (made.j + made.f) / 2
    assert frame_scores(LEFT, RIGHT) == (region_similarity(LEFT, RIGHT), boundary_f(LEFT, RIGHT)) == (0.0, 0.0)


def test_an_absent_folder_has_no_score_and_an_empty_one_predicts_nothing() -> None:
    true = MemoryMasks(g={"1": LEFT})
    assert mask_scores(MemoryMasks(), "p", true, "g") is None
    assert mask_scores(MemoryMasks(p={"1": LEFT}), "p", true, "elsewhere") is None
    assert scores({}, {}) is None
    assert scores({}, {"1": LEFT, "2": EMPTY}) == (0.5, 0.5, 2, 2, 0, 0)


def test_a_prediction_of_another_size_is_resized_and_counted() -> None:
    assert scores({"1": np.kron(LEFT, np.ones((3, 3))).astype(np.bool_)}, {"1": LEFT}) == (1.0, 1.0, 1, 0, 0, 1)


def test_an_unreadable_mask_is_no_empty_one() -> None:
    for said, true in (({"1": None}, {"1": LEFT}), ({"1": LEFT}, {"1": None}), ({}, {"1": None}), ({"1": None}, {})):
        with pytest.raises(DataError, match="damaged"):
            scores(said, true)


@given(FOLDERS, FOLDERS)
@settings(max_examples=60, deadline=None)
def test_bounds_symmetry_and_what_the_counts_say(said: dict[str, Mask], true: dict[str, Mask]) -> None:
    made, swapped = scores(said, true), scores(true, said)
    if made is None or swapped is None:
        assert not said
        assert not true
        return
    assert 0 <= made.j <= 1
    assert 0 <= made.f <= 1
    assert (made.j, made.f) == pytest.approx((swapped.j, swapped.f), abs=1e-12)
    assert (made.frames, made.left_out, made.added) == (len({*said, *true}), len({*true} - {*said}), len({*said} - {*true}))
    exact = [region_similarity(said.get(frame, EMPTY), true.get(frame, EMPTY)) for frame in {*said, *true}]
    assert made.j == pytest.approx(sum(exact) / len(exact), abs=1e-12)
    if said.keys() == true.keys():
        assert legacy(said, true) == pytest.approx((made.j, made.f), abs=1e-12)
