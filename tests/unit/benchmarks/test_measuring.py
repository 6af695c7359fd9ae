from egoetl.benchmarks.measuring import by_id, for_each_group, means, those, values_of
from egoetl.core.evaluation import Answered, Measure, Question


def an_answer(number: int, task: str) -> Answered:
    question = Question(start_ms=0, end_ms=1, question_id=f"q{number}", benchmark="b", video_id="v", task=task, question="Who?")
    return Answered(question=question, status="missing")


ANSWERS = [an_answer(0, "indoor/a"), an_answer(1, "indoor/b"), an_answer(2, "outdoor/a"), an_answer(3, "outdoor/a")]
VALUES = {"q0": 1.0, "q1": 0.0, "q2": None, "q3": 1.0}


def test_means_leave_out_what_has_no_value() -> None:
    assert values_of(ANSWERS, by_id(VALUES)) == VALUES
    assert means(ANSWERS, by_id(VALUES)) == {"indoor/a": 1.0, "indoor/b": 0.0, "outdoor/a": 1.0, "all": 2 / 3}
    assert means(ANSWERS, lambda _: None) == {}


def test_a_measure_over_all_and_over_each_group() -> None:
    made = list(for_each_group(ANSWERS, lambda some: Measure(name="accuracy", values=values_of(some, by_id(VALUES)))))
    assert {each.name: list(each.values) for each in made} == {
        "accuracy": ["q0", "q1", "q2", "q3"],
        "indoor_accuracy": ["q0", "q1"],
        "outdoor_accuracy": ["q2", "q3"],
    }


def test_tasks_without_groups_have_one_measure() -> None:
    some = [an_answer(0, "a"), an_answer(1, "b")]
    assert [each.name for each in for_each_group(some, lambda _: Measure(name="accuracy", values={}))] == ["accuracy"]
    assert those(some, lambda question: question.task == "b") == (some[1],)
