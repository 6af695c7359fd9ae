"""EK-100 multi-instance retrieval against a full sort in NumPy, ir_measures and every order of the tied items."""

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from ir_measures import AP, Qrel, ScoredDoc, calc_aggregate, iter_calc, nDCG

from egoetl.core.errors import DataError
from egoetl.metrics.retrieval import Classes, legacy_mean_average_precision, relevance, relevance_matrix, retrieval

kernels = pytest.mark.slow  # compiled for some seconds when they are first called
SHARES = st.sampled_from([0.0, 0.0, 0.25, 0.5, 1.0])
MATRICES = st.tuples(st.integers(1, 5), st.integers(1, 5)).flatmap(
    lambda shape: st.tuples(arrays(np.float64, shape, elements=st.integers(0, 3).map(float)), arrays(np.float64, shape, elements=SHARES))
)


def classes(verbs: tuple[int, ...], nouns: tuple[int, ...]) -> Classes:
    return frozenset(verbs), frozenset(nouns)


def ap_of(ranked: np.ndarray) -> float:
    """AP of relevances in the order of their ranks."""
    whole = ranked == 1
    return float(np.sum((np.cumsum(whole) / np.arange(1, len(ranked) + 1))[whole]) / whole.sum()) if whole.any() else float("nan")


def ndcg_of(ranked: np.ndarray) -> float:
    most = int((ranked > 0).sum())
    discounts = np.log2(np.arange(2, most + 2))
    return float(np.sum(ranked[:most] / discounts) / np.sum(np.sort(ranked)[::-1][:most] / discounts)) if most else float("nan")


def random_matrices(videos: int, texts: int, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    made = [[classes((int(random.integers(6)),), tuple(random.integers(9, size=2))) for _ in range(count)] for count in (videos, texts)]
    relevances = relevance_matrix(*made)
    return random.normal(size=relevances.shape) + relevances, relevances


def test_relevance_is_the_mean_of_both_ious() -> None:
    assert relevance(classes((1,), (4, 5)), classes((1,), (4, 5))) == 1.0
    assert relevance(classes((1,), (4, 5)), classes((2,), (4, 5))) == 0.5
    assert relevance(classes((1,), (4, 5)), classes((1,), (5, 6))) == (1 + 1 / 3) / 2
    assert relevance(classes((1,), (4,)), classes((2,), (5,))) == 0.0
    assert relevance(classes((1,), ()), classes((1,), ())) == 1.0


def test_the_matrix_has_the_relevance_of_every_pair() -> None:
    random = np.random.default_rng(0)
    videos, texts = (
        [classes((int(random.integers(3)),), tuple(random.integers(4, size=random.integers(3)))) for _ in range(count)]
        for count in (20, 15)
    )
    assert frozenset() in {nouns for _, nouns in videos} & {nouns for _, nouns in texts}
    made = relevance_matrix(videos, texts)
    assert made.shape == (20, 15)
    assert all(made[i, j] == relevance(video, text) for i, video in enumerate(videos) for j, text in enumerate(texts))
    assert relevance_matrix([], texts).shape == (0, 15)


@kernels
def test_golden() -> None:
    """One query: relevances in the order of similarity 0.5, 1, 0, 1, so AP = (1/2 + 2/4) / 2 and k = 3."""
    made = retrieval(np.array([[0.9, 0.7, 0.5, 0.3]]), np.array([[0.5, 1.0, 0.0, 1.0]]))
    discount = 1 / np.log2(3)
    assert made.video_to_text.average_precision.tolist() == [0.5]
    assert made.video_to_text.ndcg.tolist() == [pytest.approx((0.5 + discount) / (1 + discount + 0.5 / 2), abs=1e-15)]
    # As queries for one video: 0.5 has no item of relevance 1, 0 no relevant one at all.
    assert made.text_to_video.average_precision.tolist() == pytest.approx([np.nan, 1, np.nan, 1], nan_ok=True)
    assert made.text_to_video.ndcg.tolist() == pytest.approx([1, 1, np.nan, 1], nan_ok=True)
    assert (made.mean_average_precision, made.text_to_video.mean_ndcg) == (0.75, 1.0)


@kernels
@pytest.mark.parametrize("shape", [(60, 45), (1, 700), (300, 2), (33, 65)])
def test_equal_to_a_full_sort(shape: tuple[int, int]) -> None:
    similarity, relevances = random_matrices(*shape)
    similarity[0, 0] = 1e6  # everything else shares a few buckets
    made = retrieval(similarity, relevances)
    for direction, likeness, worth in ((made.video_to_text, similarity, relevances), (made.text_to_video, similarity.T, relevances.T)):
        ranked = np.take_along_axis(worth, np.argsort(-likeness, axis=1), axis=1)
        np.testing.assert_allclose(direction.average_precision, [ap_of(row) for row in ranked], rtol=0, atol=1e-12)
        np.testing.assert_allclose(direction.ndcg, [ndcg_of(row) for row in ranked], rtol=0, atol=1e-12)


@kernels
def test_equal_to_ir_measures() -> None:
    similarity, relevances = random_matrices(40, 70)
    made = retrieval(similarity, relevances).video_to_text
    run = [ScoredDoc(str(i), str(j), float(score)) for (i, j), score in np.ndenumerate(similarity)]
    whole = [Qrel(str(i), str(j), int(value == 1)) for (i, j), value in np.ndenumerate(relevances)]
    found: Any = calc_aggregate([AP], [each for each in whole if (relevances[int(each.query_id)] == 1).any()], run)
    assert made.mean_average_precision == pytest.approx(found[AP], abs=1e-6)
    # ir_measures takes whole grades and one cut-off for all queries: twelfths, and each query asked at its own k.
    graded = [Qrel(str(i), str(j), round(value * 12)) for (i, j), value in np.ndenumerate(relevances)]
    assert np.abs(np.round(relevances * 12) - relevances * 12).max() < 1e-9
    for query, most in enumerate((relevances > 0).sum(axis=1)):
        mine = [each for each in graded if each.query_id == str(query)], [each for each in run if each.query_id == str(query)]
        (theirs,) = iter_calc([nDCG @ int(most)], *mine)
        assert made.ndcg[query] == pytest.approx(theirs.value, abs=1e-6)


@kernels
@given(MATRICES)
@settings(max_examples=80, deadline=None)
def test_of_every_order_of_tied_items_the_worst_counts(matrices: tuple[np.ndarray, np.ndarray]) -> None:
    similarity, relevances = matrices
    made = retrieval(similarity, relevances)
    for direction, likeness, worth in ((made.video_to_text, similarity, relevances), (made.text_to_video, similarity.T, relevances.T)):
        for query in range(len(likeness)):
            orders = [
                worth[query][list(order)]
                for order in permutations(range(len(likeness[query])))
                if all(likeness[query][order[i]] >= likeness[query][order[i + 1]] for i in range(len(order) - 1))
            ]
            assert direction.average_precision[query] == pytest.approx(min(map(ap_of, orders)), abs=1e-12, nan_ok=True)
            assert direction.ndcg[query] == pytest.approx(min(map(ndcg_of, orders)), abs=1e-12, nan_ok=True)


@kernels
def test_order_bounds_and_the_best_ranking() -> None:
    similarity, relevances = random_matrices(30, 41)
    made, best = retrieval(similarity, relevances), retrieval(relevances, relevances)
    rows, columns = np.random.default_rng(1).permutation(30), np.random.default_rng(2).permutation(41)
    shuffled = retrieval(similarity[np.ix_(rows, columns)], relevances[np.ix_(rows, columns)])
    np.testing.assert_array_equal(shuffled.video_to_text.ndcg, made.video_to_text.ndcg[rows])
    np.testing.assert_array_equal(shuffled.text_to_video.average_precision, made.text_to_video.average_precision[columns])
    assert best.mean_ndcg == pytest.approx(1.0)
    assert best.mean_average_precision == 1.0
    assert made.mean_ndcg is not None
    assert made.mean_average_precision is not None
    assert 0 < made.mean_average_precision < 1
    assert 0 < made.mean_ndcg < 1


@kernels
def test_numbers_of_32_bit_are_worked_on_with_64() -> None:
    similarity, relevances = random_matrices(20, 30)
    halved = similarity.astype(np.float32)
    assert retrieval(halved, relevances.astype(np.float64)).mean_ndcg == retrieval(halved.astype(np.float64), relevances).mean_ndcg


@kernels
def test_nothing_to_find_is_no_score() -> None:
    made = retrieval(np.ones((2, 3)), np.zeros((2, 3)))
    assert (made.mean_average_precision, made.mean_ndcg) == (None, None)
    assert retrieval(np.ones((0, 3)), np.zeros((0, 3))).mean_ndcg is None


@pytest.mark.parametrize(
    ("similarity", "relevances"),
    [
        (np.ones((2, 3)), np.ones((3, 2))),
        (np.ones(3), np.ones(3)),
        (np.array([[np.nan, 1.0]]), np.array([[1.0, 0.0]])),
        (np.array([[np.inf, 1.0]]), np.array([[1.0, 0.0]])),
        (np.array([[0.5, 1.0]]), np.array([[1.5, 0.0]])),
        (np.array([[0.5, 1.0]]), np.array([[np.nan, 0.0]])),
    ],
)
def test_matrices_that_cannot_be_ranked_are_refused(similarity: np.ndarray, relevances: np.ndarray) -> None:
    with pytest.raises(DataError) as refused:
        retrieval(similarity, relevances)
    assert refused.value.reason == "similarity_malformed"


def test_legacy_is_the_same_where_relevance_is_all_or_nothing() -> None:
    similarity, relevances = random_matrices(25, 30)
    whole = np.where(relevances == 1, 1.0, 0.0)
    kept = whole.any(axis=1)
    ranked = np.take_along_axis(whole, np.argsort(-similarity, axis=1), axis=1)[kept]
    expected = np.mean([ap_of(row) for row in ranked])
    assert legacy_mean_average_precision(similarity[kept], whole[kept]) == pytest.approx(expected, abs=1e-12)
