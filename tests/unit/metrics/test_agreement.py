"""Agreement: by hand, by property, and equal to scikit-learn and SciPy."""

import random

import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from egoetl.metrics.agreement import Agreement, Pair, agreement, spearman

GRADES = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=40)


def pairs(grades: list[tuple[int, int]], *, videos: int = 1, task: str = "ssa") -> list[Pair]:
    return [Pair(task, f"v{index % videos}", first, second) for index, (first, second) in enumerate(grades)]


def whole(grades: list[tuple[int, int]]) -> Agreement:
    return agreement(pairs(grades), 1, 5)[0]


def test_worked_out_by_hand() -> None:
    """Grades 1,2,3 met with 1,3,3: squared differences 0,1,0, so 1/3. By chance (0+4+4 + 1+1+1 + 4+0+0)/9 = 15/9. Kappa 1 - 3/15."""
    found = whole([(1, 1), (2, 3), (3, 3)])
    assert found.exact.value == pytest.approx(2 / 3)
    assert found.kappa.value == pytest.approx(1 - 3 / 15)
    # Ranks 1,2,3 and 1,2.5,2.5: covariance 1.5, spreads 2 and 1.5.
    assert found.spearman.value == pytest.approx(1.5 / (2 * 1.5) ** 0.5)


def test_opposite_grades_have_the_least_kappa_and_the_same_grade_everywhere_has_none() -> None:
    assert whole([(1, 5), (5, 1)]).kappa.value == pytest.approx(-1.0)
    found = whole([(4, 4)] * 3)
    assert (found.exact.value, found.kappa.value, found.spearman.value) == (1.0, None, None)


@given(GRADES)
def test_equal_to_scikit_learn_and_scipy(grades: list[tuple[int, int]]) -> None:
    first, second = zip(*grades, strict=True)
    found = whole(grades)
    if len({*first, *second}) == 1:
        assert found.kappa.value is None
    else:
        assert found.kappa.value == pytest.approx(cohen_kappa_score(first, second, labels=[1, 2, 3, 4, 5], weights="quadratic"), abs=1e-9)
    if len(set(first)) == 1 or len(set(second)) == 1:
        assert found.spearman.value is None
        assert spearman(first, second) is None
    else:
        expected = scipy.stats.spearmanr(first, second).statistic
        assert found.spearman.value == pytest.approx(expected, abs=1e-9)
        assert spearman(first, second) == pytest.approx(expected, abs=1e-9)


@given(GRADES)
def test_who_is_first_and_the_order_of_answers_do_not_matter(grades: list[tuple[int, int]]) -> None:
    swapped = whole([(second, first) for first, second in reversed(grades)])
    found = whole(grades)
    for name in ("exact", "kappa", "spearman"):
        assert getattr(found, name).value == pytest.approx(getattr(swapped, name).value, abs=1e-9)


def test_intervals_hold_the_value_and_repeat() -> None:
    draw = random.Random(7)
    grades = [(grade, min(5, max(1, grade + draw.choice((-1, 0, 0, 1))))) for grade in (draw.randint(1, 5) for _ in range(120))]
    (found,) = agreement(pairs(grades, videos=30), 1, 5)
    for each in (found.exact, found.kappa, found.spearman):
        assert each.low is not None
        assert each.value is not None
        assert each.high is not None
        assert each.low < each.value < each.high
    assert agreement(pairs(grades, videos=30), 1, 5) == (found,)
    assert found.videos == 30


def test_answers_about_one_video_count_as_one_piece_of_evidence() -> None:
    """Every video repeats its grades ten times: the interval is as wide as without the repetitions."""
    once = [Pair("ssa", f"v{index}", index % 5 + 1, (index * index) % 5 + 1) for index in range(20)]
    (single,), (tenfold,) = agreement(once, 1, 5), agreement([each for each in once for _ in range(10)], 1, 5)
    assert tenfold.exact == single.exact
    assert (tenfold.answers, single.answers) == (200, 20)


def test_one_video_gives_a_value_and_no_interval() -> None:
    found = whole([(1, 2), (3, 3), (5, 4)])
    assert found.exact.value is not None
    assert (found.exact.low, found.exact.high) == (None, None)


def test_tasks_stand_apart_and_all_comes_last() -> None:
    found = agreement(pairs([(1, 1)], task="ssa") + pairs([(2, 3)], task="avdn"), 1, 5)
    assert [(each.task, each.exact.value) for each in found] == [("avdn", 0.0), ("ssa", 1.0), ("all", 0.5)]
    assert agreement([], 1, 5) == ()


def test_a_grade_off_the_scale_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="off the scale 1 to 5"):
        agreement(pairs([(0, 1)]), 1, 5)
    with pytest.raises(ValueError, match="cannot be paired"):
        spearman([1.0], [1.0, 2.0])
