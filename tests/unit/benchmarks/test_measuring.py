from egoetl.benchmarks.measuring import by_id, group_of, means, those, values_of
from egoetl.core.evaluation import Answered, Question


def an_answer(number: int, task: str) -> Answered:
    question = Question(start_ms=0, end_ms=1, question_id=f"q{number}", benchmark="b", video_id="v", task=task, question="Who?")
    return Answered(question=question, status="missing")


ANSWERS = [an_answer(0, "indoor/a"), an_answer(1, "indoor/b"), an_answer(2, "outdoor/a"), an_answer(3, "outdoor/a")]
VALUES = {"q0": 1.0, "q1": 0.0, "q2": None, "q3": 1.0}


def test_means_leave_out_what_has_no_value() -> None:
    assert values_of(ANSWERS, by_id(VALUES)) == VALUES
    assert means(ANSWERS, by_id(VALUES)) == {"indoor/a": 1.0, "indoor/b": 0.0, "outdoor/a": 1.0, "all": 2 / 3}
    assert means(ANSWERS, lambda _: None) == {}


def test_a_group_is_what_tasks_have_before_a_slash() -> None:
    assert [group_of(each.question) for each in ANSWERS] == ["indoor", "indoor", "outdoor", "outdoor"]
    assert group_of(an_answer(0, "avdn").question) == "avdn"
    assert those(ANSWERS, lambda question: group_of(question) == "outdoor") == tuple(ANSWERS[2:])
