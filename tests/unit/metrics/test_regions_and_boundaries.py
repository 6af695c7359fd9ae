"""J and F against a slow reference that is written from the published algorithm and uses neither words nor OpenCV."""

from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.ndimage import distance_transform_edt

from egoetl.core.errors import DataError
from egoetl.metrics.boundaries import boundary_f, tolerance
from egoetl.metrics.mask_kernels import disk
from egoetl.metrics.regions import Mask, packed, region_similarity, same_size

SHAPES = st.tuples(st.integers(1, 40), st.one_of(st.integers(1, 40), st.integers(60, 70), st.integers(126, 130)))
PAIRS = SHAPES.flatmap(lambda shape: st.tuples(arrays(np.bool_, shape), arrays(np.bool_, shape)))


def outline(mask: Mask) -> Mask:
    """Where a mask differs from its neighbour to the right, below, or both; at the last column and row it goes on as it is."""
    longer = np.pad(mask, ((0, 1), (0, 1)), mode="edge")
    return (mask != longer[:-1, 1:]) | (mask != longer[1:, :-1]) | (mask != longer[1:, 1:])


def reference_f(predicted: Mask, reference: Mask) -> float:
    if not predicted.any() or not reference.any():
        return float(predicted.any() == reference.any())
    said, true = outline(predicted), outline(reference)
    if not said.any() or not true.any():
        return float(said.any() == true.any())
    reach = ceil(0.008 * np.linalg.norm(reference.shape))
    precision = np.mean(distance_transform_edt(~true)[said] <= reach)
    recall = np.mean(distance_transform_edt(~said)[true] <= reach)
    return float(2 * precision * recall / (precision + recall)) if precision + recall else 0.0


def rectangle(height: int, width: int, top: int, left: int, bottom: int, right: int) -> Mask:
    mask = np.zeros((height, width), dtype=np.bool_)
    mask[top:bottom, left:right] = True
    return mask


def test_golden_j() -> None:
    one, other = rectangle(20, 30, 2, 2, 6, 12), rectangle(20, 30, 4, 2, 8, 12)
    assert region_similarity(one, other) == 20 / 60
    assert region_similarity(one, one) == 1.0
    assert region_similarity(one, rectangle(20, 30, 10, 2, 12, 4)) == 0.0


def test_golden_f() -> None:
    """A square's boundary of 20 by 30 pixels has a tolerance of 1: moved by 1 it is all matched, moved by 2 the sides are not."""
    square = rectangle(20, 30, 5, 5, 9, 9)
    assert tolerance(20, 30) == 1
    assert outline(square).sum() == 16
    assert boundary_f(square, np.roll(square, 1, axis=1)) == 1.0
    # Moved by 2: of its 5 pixels above and of those below the leftmost is 2 away from any, on the left side all 3 that are left are, and
    # on the right side the one in the middle. 16 - 6 of 16 match, and as many of the other boundary.
    moved = np.roll(square, 2, axis=1)
    assert boundary_f(square, moved) == reference_f(square, moved) == 10 / 16


@pytest.mark.parametrize("measure", [region_similarity, boundary_f])
def test_an_empty_mask_is_right_only_against_an_empty_one(measure: object) -> None:
    assert callable(measure)
    empty, full, some = np.zeros((9, 70), np.bool_), np.ones((9, 70), np.bool_), rectangle(9, 70, 2, 2, 5, 66)
    assert [measure(empty, empty), measure(full, full), measure(some, some)] == [1.0, 1.0, 1.0]
    assert [measure(*pair) for pair in ((empty, some), (some, empty), (empty, full), (full, empty))] == [0.0] * 4


@given(PAIRS)
@settings(max_examples=60, deadline=None)
def test_small_masks_score_as_the_reference_says(pair: tuple[Mask, Mask]) -> None:
    one, other = pair
    either = (one | other).sum()
    assert region_similarity(one, other) == ((one & other).sum() / either if either else 1.0)
    score = boundary_f(one, other)
    assert score == pytest.approx(reference_f(one, other), abs=1e-12)
    assert 0 <= score <= 1
    assert boundary_f(other, one) == pytest.approx(score, abs=1e-12)


@pytest.mark.parametrize("shape", [(480, 854), (64, 128), (361, 1919), (5, 5000), (3000, 3)])
def test_large_masks_score_as_the_reference_says(shape: tuple[int, int]) -> None:
    random = np.random.default_rng(7)
    for _ in range(3):
        one, other = (_blobs(random, shape) for _ in range(2))
        assert region_similarity(one, other) == (one & other).sum() / (one | other).sum()
        assert boundary_f(one, other) == pytest.approx(reference_f(one, other), abs=1e-12)


def _blobs(random: np.random.Generator, shape: tuple[int, int]) -> Mask:
    """Ellipses anywhere, also over the edges, and single pixels."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    mask = random.random(shape) < 2e-4
    for _ in range(4):
        (y, x), (height, width) = random.random(2) * shape, random.random(2) * shape / 4 + 1
        mask |= ((rows - y) / height) ** 2 + ((columns - x) / width) ** 2 < 1
    return mask


@pytest.mark.parametrize("radius", [1, 2, 8, 18, 36, 63])
def test_a_disk_is_grown_to_without_a_gap(radius: int) -> None:
    steps, level_of = disk(radius)
    reached = np.concatenate([[0], np.cumsum(steps)])
    assert all(step <= 2 * before + 1 for step, before in zip(steps, reached[:-1], strict=True))
    expected = [max(column for column in range(radius + 1) if column**2 + row**2 <= radius**2) for row in range(radius + 1)]
    assert reached[level_of].tolist() == expected


def test_masks_beyond_what_a_word_reaches_are_refused() -> None:
    large = np.ones((1, 8000), np.bool_)
    with pytest.raises(DataError, match="8000x1") as refused:
        boundary_f(large, large)
    assert refused.value.reason == "mask_too_large"


def test_masks_are_packed_with_nothing_behind_their_edge() -> None:
    mask = np.ones((3, 70), np.bool_)
    assert packed(mask).tolist() == [[2**64 - 1, 2**6 - 1]] * 3


def test_a_mask_of_another_size_is_brought_to_it_by_the_nearest_pixel() -> None:
    small = np.array([[True, False], [False, True]])
    assert same_size(small, 4, 6).tolist() == np.kron(small, np.ones((2, 3))).astype(bool).tolist()
    assert same_size(same_size(small, 40, 60), 2, 2).tolist() == small.tolist()
    assert same_size(small, 2, 2) is small
    assert same_size(small, 1, 1).shape == (1, 1)
