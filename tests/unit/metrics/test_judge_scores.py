"""From grades to values."""

import pytest

from egoetl.core.errors import InternalError
from egoetl.core.evaluation import Grade
from egoetl.metrics.judge_scores import mean_score, read_score, share_of_yes


def grade(score: int, rubric: str = "graded_1_5", verdict: str | None = None) -> Grade:
    return Grade.model_validate({"rubric": rubric, "judge": "j", "score": score, "verdict": verdict})


def test_means_of_judges() -> None:
    assert mean_score([grade(4)]) == 4
    assert mean_score([grade(2), grade(5)]) == 3.5
    assert mean_score([grade(10, "graded_1_10"), grade(1, "graded_1_10")]) == 5.5
    assert mean_score([grade(0, "yes_no_0_5", "no")]) == 0


def test_no_grade_is_no_zero() -> None:
    assert mean_score([]) is None
    assert share_of_yes([]) is None


@pytest.mark.parametrize(("score", "rubric"), [(0, "graded_1_5"), (6, "graded_1_5"), (-1, "yes_no_0_5"), (11, "graded_1_10")])
def test_a_score_beside_its_scale_has_no_value(score: int, rubric: str) -> None:
    assert mean_score([grade(3, rubric), grade(score, rubric)]) is None


def test_share_of_yes() -> None:
    yes, no, silent = (grade(5, "yes_no_0_5", verdict) for verdict in ("yes", "no", None))
    assert [share_of_yes([yes]), share_of_yes([no]), share_of_yes([yes, no])] == [1, 0, 0.5]
    assert share_of_yes([yes, silent]) is None


def test_scores_as_somebody_wrote_them() -> None:
    assert [read_score(written, "graded_1_5") for written in (4, 4.0, "4", " 5 ", "4.0")] == [4, 4, 4, 5, 4]
    for written in (4.8, "4.8", "four", "", None, True, [4], 0, 6, float("nan"), float("inf"), "1e400"):
        assert read_score(written, "graded_1_5") is None


def test_a_rubric_without_a_scale() -> None:
    with pytest.raises(InternalError) as caught:
        mean_score([grade(3, "graded_a_f")])
    assert caught.value.reason == "rubric_unknown"
