"""Two runs compared: only what both have, by task, with the tests of their difference."""

from math import atan, cos, pi, sin, sqrt

import pytest

from egoetl.benchmarks.answering import read_answer
from egoetl.benchmarks.benchmark import Scoring
from egoetl.core.errors import CallerError
from egoetl.core.evaluation import Report
from egoetl.metrics.statistics.holm import holm
from egoetl.runner.comparing import Comparison, Difference, compare_reports
from egoetl.runner.scoring import About, report_on
from egoetl.testing.tiny_benchmark import TINY, question

OPTIONS = ("a clap", "a bell")


def run(name: str, said: dict[str, str], video: str = "") -> Report:
    """A run over `pick` questions, each about a video of its own, and `tell` questions, whose names begin with t."""
    answered = [
        read_answer(
            TINY,
            question(each, "tell" if each.startswith("t") else "pick", "a clap", video=video or each[:2],
                     options=() if each.startswith("t") else OPTIONS),
            (words,),
        )
        for each, words in said.items()
    ]  # fmt: skip
    return report_on(TINY, answered, Scoring(), About(run=name, model=name))


def row(found: Comparison, measure: str, task: str) -> Difference:
    return next(each for each in found.differences if (each.measure, each.task) == (measure, task))


FIRST = {**{f"p{index}": "B" for index in range(6)}, "p6": "A", "p7": "A", "only_a": "A", "t1": "a clap", "t2": "clap"}
SECOND = {**{f"p{index}": "A" for index in range(5)}, "p5": "B", "p6": "A", "p7": "B", "only_b": "A", "t1": "clap", "t2": "a clap"}


def test_a_comparison_by_hand() -> None:
    found = row(compare_reports(run("a", FIRST), run("b", SECOND)), "accuracy", "pick")
    # Of eight common questions the second run has five more right and one fewer: differences 1 five times, 0 twice, -1 once.
    assert (found.common, found.not_common, found.videos) == (8, 2, 8)
    assert (found.first, found.second, found.difference) == (0.25, 0.75, 0.5)
    # Squares of the residuals: 5 * 0.25 + 2 * 0.25 + 2.25 = 4; error² = 4 / 8 / 7, t² = 3.5 with 7 degrees: Student's closed form.
    angle = atan(sqrt(3.5 / 7))
    inner = cos(angle) + 2 / 3 * cos(angle) ** 3 + 8 / 15 * cos(angle) ** 5
    assert found.p_value == pytest.approx(1 - 2 / pi * (angle + sin(angle) * inner))
    assert found.low == pytest.approx(0.5 - 2.364624252 * (4 / 56) ** 0.5)
    assert found.mcnemar == 2 * (1 + 6) / 64
    assert found.detectable == pytest.approx((2.364624252 + 0.896029643) * (4 / 56) ** 0.5)
    # With normal quantiles it were 2.801585² * 4/7 / 0.5² = 17.9; those of t take two more.
    assert (found.videos_needed, found.items_needed) == (20, 20)


def test_p_values_are_adjusted_over_the_tasks_of_a_measure() -> None:
    found = compare_reports(run("a", FIRST), run("b", SECOND))
    whole, pick = row(found, "accuracy", "all"), row(found, "accuracy", "pick")
    assert (whole.adjusted, pick.adjusted) == (whole.p_value, pick.p_value)
    assert [each.task for each in found.differences if each.measure == "accuracy"] == ["all", "pick"]


def test_groups_of_tasks_are_a_family_of_their_own() -> None:
    def grouped(report: Report) -> Report:
        tasks = {f"p{index}": ("indoor/kitchen", "indoor/shopping", "outdoor/location")[index % 3] for index in range(8)}
        items = [
            each.model_copy(update={"question": each.question.model_copy(update={"task": tasks[each.question.question_id]})})
            for each in report.items
            if each.question.question_id in tasks
        ]
        return report.model_copy(update={"items": tuple(items)})

    found = [
        each for each in compare_reports(grouped(run("a", FIRST)), grouped(run("b", SECOND))).differences if each.measure == "accuracy"
    ]
    by_task = {each.task: each for each in found}
    assert list(by_task) == ["all", "indoor", "indoor/kitchen", "indoor/shopping", "outdoor", "outdoor/location"]
    assert (by_task["indoor"].common, by_task["outdoor"].common, by_task["outdoor/location"].common) == (6, 2, 2)
    raw = {task: each.p_value for task, each in by_task.items() if each.p_value is not None}
    for family in ({"all"}, {"indoor", "outdoor"}, {"indoor/kitchen", "indoor/shopping", "outdoor/location"}):
        expected = holm({task: value for task, value in raw.items() if task in family})
        assert {task: by_task[task].adjusted for task in expected} == expected


def test_runs_that_agree_do_not_differ() -> None:
    found = row(compare_reports(run("a", FIRST), run("b", FIRST)), "accuracy", "all")
    assert (found.difference, found.p_value, found.mcnemar, found.low, found.detectable, found.videos_needed) == (0, 1, 1, None, None, None)


def test_one_video_shows_a_difference_and_proves_nothing() -> None:
    found = row(compare_reports(run("a", FIRST, "v"), run("b", SECOND, "v")), "accuracy", "pick")
    assert (found.difference, found.videos, found.low, found.p_value, found.detectable) == (0.5, 1, None, None, None)


def test_exchanging_the_runs_turns_everything_round() -> None:
    there, back = compare_reports(run("a", FIRST), run("b", SECOND)), compare_reports(run("b", SECOND), run("a", FIRST))
    for left, right in zip(there.differences, back.differences, strict=True):
        assert (left.measure, left.task, left.common, left.p_value) == (right.measure, right.task, right.common, right.p_value)
        assert left.difference is None or left.difference == -(right.difference or 0)


def test_a_measure_without_common_values_has_no_difference() -> None:
    found = row(compare_reports(run("a", FIRST), run("b", SECOND)), "judge_1_5", "tell")
    assert (found.difference, found.common, found.not_common, found.videos) == (None, 0, 2, 0)


@pytest.mark.parametrize("update", [{"benchmark": "other"}, {"benchmark_version": 2}])
def test_runs_over_different_benchmarks_are_refused(update: dict[str, object]) -> None:
    with pytest.raises(CallerError, match="a is over tiny, version 1, b is over") as caught:
        compare_reports(run("a", FIRST), run("b", SECOND).model_copy(update=update))
    assert caught.value.reason == "benchmarks_differ"


def test_runs_without_a_common_question_are_refused() -> None:
    with pytest.raises(CallerError, match="no question in common"):
        compare_reports(run("a", {"p1": "A"}), run("b", {"p2": "A"}))


def test_a_measure_that_no_question_has_a_value_of_is_left_out() -> None:
    first = run("a", FIRST)
    whole = first.scores[0].model_copy(update={"measure": "mean_of_tasks"})
    found = compare_reports(first.model_copy(update={"scores": (*first.scores, whole)}), run("b", SECOND))
    assert {each.measure for each in found.differences} == {"accuracy", "meteor_1_5", "judge_1_5"}
