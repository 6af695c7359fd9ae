"""From answers to a report: scores by task with interval and coverage, what is suspicious, and that equal answers give equal bytes."""

from collections.abc import Sequence
from dataclasses import replace
from math import nan, sqrt

import pytest

from egoetl.benchmarks.answering import read_answer
from egoetl.benchmarks.benchmark import Scoring
from egoetl.core.errors import InternalError
from egoetl.core.evaluation import Answered, Grade, Measure, Report, Score
from egoetl.runner.scoring import About, report_on
from egoetl.testing.tiny_benchmark import TINY, question

OPTIONS = ("a clap", "a bell")
ABOUT = About(run="run", model="model@1", refused={"z": 1, "a": 2}, notes=("Said.",), uris={"p1": "v1.mp4"})


def picked(name: str, said: str, video: str) -> Answered:
    return read_answer(TINY, question(name, "pick", "A", video=video, options=OPTIONS), (said,))


def told(name: str, said: str, gold: str, score: int | None, verdict: str | None = "no") -> Answered:
    grades = () if score is None else (Grade(rubric="yes_no_0_5", judge="j", score=score, verdict=verdict),)
    return read_answer(TINY, question(name, "tell", gold, video=name), (said,)).model_copy(update={"grades": grades})


MISSING = Answered(question=question("p5", "pick", "A", video="v3", options=OPTIONS), status="missing", reason="not_in_file")
ANSWERED = [
    picked("p1", "A", "v1"), picked("p2", "a clap", "v1"), picked("p3", "B", "v2"), picked("p4", "A", "v3"), MISSING,
    told("t1", "a red bell", "a bell", 4, "yes"), told("t2", "nothing", "a bell", None), picked("p6", "hm", "v2"),
]  # fmt: skip


def report(answered: list[Answered]) -> Report:
    return report_on(TINY, answered, Scoring(), ABOUT)


def score_of(found: Report, measure: str, task: str) -> Score:
    return next(each for each in found.scores if (each.measure, each.task) == (measure, task))


def test_a_score_by_hand() -> None:
    # Of p1 to p4 and p6, whose answer could not be read and is wrong: 1, 1 | 0, 0 | 1 by video. Mean 0.6, as are all residuals' sums:
    # 0.8, -1.2, 0.4; 2.24 * 3/2 / 25 = 0.1344.
    found = score_of(report(ANSWERED), "accuracy", "pick")
    assert (found.value, found.scored, found.total, found.videos) == (0.6, 5, 6, 3)
    # The interval goes from -0.98 to 2.18: of a percentage, that is anything.
    assert 4.302652729911275 * sqrt(0.1344) > 0.6
    assert (found.low, found.high) == (0.0, 1.0)
    assert found.missing_as_zero == 0.5
    assert (found.legacy, found.scale) == (None, 100.0)


def test_what_the_reference_scorer_prints_stands_beside_ours() -> None:
    found = report(ANSWERED)
    assert score_of(found, "accuracy", "all").legacy == 0.5
    assert "accuracy: the reference scorer counts what is missing as wrong." in found.notes
    assert "meteor_1_5: Words are counted once." in found.notes
    assert found.notes[0] == "Said."


def test_what_has_no_value_is_never_a_zero() -> None:
    found = score_of(report(ANSWERED), "judge_1_5", "tell")
    assert (found.value, found.scored, found.total, found.missing_as_zero) == (4.0, 1, 2, 2.0)
    assert (found.low, found.high) == (None, None)
    unjudged = score_of(report([told("t2", "nothing", "a bell", None)]), "judge_1_5", "all")
    assert (unjudged.value, unjudged.scored, unjudged.total, unjudged.videos, unjudged.missing_as_zero) == (None, 0, 1, 0, 0.0)


def test_what_is_no_percentage_has_its_interval_whole() -> None:
    answered = [told(f"t{number}", "a bell", "a bell", score, "yes") for number, score in enumerate((4, 5, 3, 5))]
    found = score_of(report(answered), "judge_1_5", "tell")
    # A standard deviation of sqrt(2.75 / 3), over two, times 3.182446.
    assert found.high == pytest.approx(4.25 + 3.182446305 * sqrt(2.75 / 3 / 4))
    assert found.low == pytest.approx(4.25 - 3.182446305 * sqrt(2.75 / 3 / 4))


def test_an_interval_ends_where_the_values_do() -> None:
    answered = [told(f"t{number}", "a bell", "a bell", score, "yes") for number, score in enumerate((4, 5, 3, 5))]
    graded = Measure(name="graded", values={f"t{number}": value for number, value in enumerate((4.0, 5.0, 1.0, 5.0))}, ends=(1, 5))
    benchmark = replace(TINY, measures=lambda _answered, _scoring: (graded,))
    # 3.75, with a standard deviation of sqrt(10.75 / 3), over two, times 3.182446: from 0.74 to 6.76.
    found = score_of(report_on(benchmark, answered, Scoring(), ABOUT), "graded", "all")
    assert (found.value, found.low, found.high) == (3.75, 1.0, 5.0)


def test_every_status_is_counted_and_every_item_is_there() -> None:
    found = report(ANSWERED)
    assert found.counts == {"answered": 6, "unparsed": 1, "failed": 0, "blocked": 0, "missing": 1}
    assert [each.question.question_id for each in found.items] == ["p1", "p2", "p3", "p4", "p5", "p6", "t1", "t2"]
    assert found.items[0].values == {"accuracy": 1.0}
    assert (found.items[0].uri, found.items[1].uri) == ("v1.mp4", None)
    assert (found.items[4].status, found.items[4].reason, found.items[4].values) == ("missing", "not_in_file", {"accuracy": None})
    assert list(found.refused) == ["a", "z"]


def test_the_order_of_the_answers_says_nothing() -> None:
    assert report(ANSWERED).model_dump_json() == report(ANSWERED[::-1]).model_dump_json()


def test_a_task_that_is_called_all_is_part_of_all() -> None:
    all_of = [each.model_copy(update={"question": each.question.model_copy(update={"task": "all"})}) for each in ANSWERED[:2]]
    whole = replace(TINY, measures=lambda answered, _: (Measure(name="m", values={each.question.question_id: 1.0 for each in answered}),))
    assert [(each.task, each.total) for each in report_on(whole, all_of, Scoring(), ABOUT).scores] == [("all", 2)]


def test_tasks_of_a_group_have_a_score_together() -> None:
    tasks = {"p1": "indoor/kitchen", "p2": "indoor/others", "p3": "outdoor/others", "p4": "whole"}
    answered = [
        each.model_copy(update={"question": each.question.model_copy(update={"task": tasks[each.question.question_id]})})
        for each in ANSWERED[:4]
    ]
    measure = Measure(name="m", values={"p1": 1.0, "p2": 0.0, "p3": 1.0, "p4": None}, legacy={"indoor": 0.25})

    def measures(_answered: Sequence[Answered], _scoring: Scoring) -> tuple[Measure, ...]:
        return (measure,)

    found = report_on(replace(TINY, measures=measures), answered, Scoring(), ABOUT).scores
    assert [(each.task, each.value, each.scored, each.total) for each in found] == [
        ("all", pytest.approx(2 / 3), 3, 4),
        ("indoor", 0.5, 2, 2),
        ("indoor/kitchen", 1.0, 1, 1),
        ("indoor/others", 0.0, 1, 1),
        ("outdoor", 1.0, 1, 1),
        ("outdoor/others", 1.0, 1, 1),
        ("whole", None, 0, 1),
    ]
    assert [each.legacy for each in found] == [None, 0.25, None, None, None, None, None]


@pytest.mark.parametrize("values", [{"p1": nan}, {"p1": float("inf")}, {"unknown": 1.0}])
def test_a_measure_that_is_no_number_is_a_defect(values: dict[str, float]) -> None:
    broken = replace(TINY, measures=lambda *_: (Measure(name="m", values=values),))
    with pytest.raises(InternalError, match="Measure m"):
        report_on(broken, ANSWERED[:1], Scoring(), ABOUT)


def test_a_question_that_is_there_twice_is_a_defect() -> None:
    with pytest.raises(InternalError, match="twice"):
        report([ANSWERED[0], ANSWERED[0]])


GOLD = "on the bicycle itself"


@pytest.mark.parametrize(("answer", "is_suspicious"), [
    (told("t", "It is on the bicycle itself.", GOLD, 0), True),
    (told("t", "ON  THE BICYCLE ITSELF", GOLD, 0), True),
    (told("t", "It is on the bicycle itself.", GOLD, 1), False),
    (told("t", "It is on the bicycle itself.", GOLD, 0, "yes"), False),
    (told("t", "It is on the shelf.", GOLD, 0), False),
    (told("t", "It is on the bicycle itself.", GOLD, None), False),
    (told("t", "no", "no", 0), False),
])  # fmt: skip
def test_an_answer_that_holds_what_is_right_and_was_graded_lowest_is_listed(answer: Answered, is_suspicious: bool) -> None:
    assert report([answer]).suspicious == (("t",) if is_suspicious else ())


@pytest.mark.parametrize(("rubric", "score", "is_suspicious"), [
    ("graded_1_5", 1, True), ("graded_1_5", 2, False), ("graded_1_10", 1, True), ("graded_1_10", 0, False), ("of_others", 0, False),
])  # fmt: skip
def test_the_lowest_grade_is_the_rubrics(rubric: str, score: int, is_suspicious: bool) -> None:
    answer = told("t", GOLD, GOLD, None).model_copy(update={"grades": (Grade(rubric=rubric, judge="j", score=score),)})
    assert bool(report([answer]).suspicious) == is_suspicious
