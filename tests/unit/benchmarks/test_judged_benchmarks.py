"""EgoTextVQA and EgoTempo: short answers that a judge says yes or no to."""

from collections.abc import Sequence
from time import process_time
from typing import Literal

import pytest
from benchmark_fixtures import FIXTURES
from hypothesis import given
from hypothesis import strategies as st

from egoetl.benchmarks.benchmark import Benchmark, Scoring
from egoetl.benchmarks.egotempo.benchmark import EGOTEMPO
from egoetl.benchmarks.egotextvqa.benchmark import EGOTEXTVQA
from egoetl.core.evaluation import Answered, Grade, Measure, Question, Reference
from egoetl.testing.benchmark_data import FolderData

BENCHMARKS = [EGOTEXTVQA, EGOTEMPO]
each_benchmark = pytest.mark.parametrize("benchmark", BENCHMARKS, ids=lambda each: each.name)
Graded = tuple[Literal["yes", "no"], int]


def questions(benchmark: Benchmark) -> list[Question]:
    return [each.question for each in benchmark.load(FolderData(FIXTURES / benchmark.name)).questions]


def asked(task: str, number: int = 0, answer: str = "mail") -> Question:
    return Question(
        start_ms=0,
        end_ms=1000,
        question_id=f"q{number}",
        benchmark="egotextvqa",
        video_id="v",
        task=task,
        question="What is written there?",
        reference=Reference(answer=answer),
    )


def answered(question: Question, said: str, *grades: Graded) -> Answered:
    parsed = EGOTEXTVQA.parse(question, (said,))
    made = tuple(
        Grade(rubric="yes_no_0_5", judge=f"j{index}", score=score, verdict=verdict) for index, (verdict, score) in enumerate(grades)
    )
    status = "unparsed" if parsed.answer is None else "answered"
    return Answered(question=question, status=status, said=(said,), parsed=parsed, grades=made)


def missing(question: Question) -> Answered:
    return Answered(question=question, status="missing")


def measured(benchmark: Benchmark, answers: Sequence[Answered]) -> dict[str, Measure]:
    return {each.name: each for each in benchmark.measures(answers, Scoring())}


@each_benchmark
@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("mail", "mail"),
        (" Answer: mail\n", "mail"),
        ("**Answer:** mail", "mail"),
        ("I see a red box.\nFinal answer: mail", "mail"),
        ("<think>Is it soap?</think>Answer: mail", "mail"),
        ('{"answer": "mail"}', "mail"),
        ('```json\n{"answer": 7}\n```', "7"),
        ("Answer:", "Answer:"),
        ("Unanswerable. It is too dark.", "Unanswerable. It is too dark."),
        ("", None),
        ("  \n", None),
        ("<think>Is it", None),
        ('{"answer": null}', None),
    ],
)
def test_what_is_read_of_an_answer(benchmark: Benchmark, said: str, answer: str | None) -> None:
    parsed = benchmark.parse(asked("indoor/kitchen"), (said,))
    assert parsed.answer == answer
    assert parsed.faults == (() if answer else ("nothing_said",))


@each_benchmark
@given(turns=st.lists(st.text(), max_size=3))
def test_no_reply_is_an_error(benchmark: Benchmark, turns: list[str]) -> None:
    parsed = benchmark.parse(asked("indoor/kitchen"), tuple(turns))
    assert (parsed.answer is None) == (parsed.faults == ("nothing_said",))


@each_benchmark
@pytest.mark.parametrize("piece", ["\n", " ", "answer", "Answer:\n", "*", "{", "</think>", "{}\n"])
def test_a_reply_that_runs_away_is_read_at_once(benchmark: Benchmark, piece: str) -> None:
    before = process_time()
    benchmark.parse(asked("indoor/kitchen"), (piece * (20_000 // len(piece)),))
    assert process_time() - before < 0.5


@each_benchmark
def test_right_answers_score_all_there_is(benchmark: Benchmark) -> None:
    every = questions(benchmark)
    made = measured(benchmark, [answered(each, each.reference.answer, ("yes", 5)) for each in every])
    assert set(made["judge_yes"].values.values()) == {1.0}
    assert set(made["judge_0_5"].values.values()) == {5.0}
    assert set(made["exact_match"].values.values()) == {1.0}
    assert set(made["judge_yes"].legacy) >= {"all", *(each.task for each in every)}
    assert set(made["judge_yes"].legacy.values()) == {1.0}
    assert all(len(made[name].values) == len(every) for name in ("judge_yes", "judge_0_5", "exact_match"))


@each_benchmark
def test_what_is_missing_has_no_value_and_no_row_in_the_reference_scorer(benchmark: Benchmark) -> None:
    made = measured(benchmark, [missing(each) for each in questions(benchmark)])
    assert {value for each in made.values() for value in each.values.values()} == {None}
    assert all(each.legacy == {} for each in made.values())


@each_benchmark
def test_every_question_is_asked_and_judged_alike(benchmark: Benchmark) -> None:
    every = questions(benchmark)
    assert {benchmark.dialogue(each) for each in every} == {("answer",)}
    assert {benchmark.rubric(each) for each in every} == {"yes_no_0_5"}
    assert set(benchmark.tasks.values()) >= {each.task for each in every}


def test_a_failed_judge_call_is_no_grade_but_a_no_for_the_reference_scorer() -> None:
    answers = [
        answered(asked("indoor/kitchen", 0), "mail", ("yes", 5)),
        answered(asked("indoor/kitchen", 1), "mail"),
        missing(asked("indoor/kitchen", 2)),
    ]
    made = measured(EGOTEXTVQA, answers)
    assert made["judge_yes"].values == {"q0": 1.0, "q1": None, "q2": None}
    assert made["judge_yes"].legacy == {"indoor/kitchen": 0.5, "indoor": 0.5, "all": 0.5}
    assert made["judge_0_5"].values == {"q0": 5.0, "q1": None, "q2": None}
    assert made["judge_0_5"].legacy == {"indoor/kitchen": 2.5, "indoor": 2.5, "all": 2.5}


def test_two_judges_count_alike_and_the_reference_scorer_knows_the_first() -> None:
    made = measured(EGOTEXTVQA, [answered(asked("indoor/kitchen"), "mail", ("yes", 5), ("no", 2))])
    assert made["judge_yes"].values == {"q0": 0.5}
    assert made["judge_0_5"].values == {"q0": 3.5}
    assert made["judge_0_5"].legacy["all"] == 5.0


def test_the_reference_scorer_prints_each_subset() -> None:
    answers = [
        answered(asked("indoor/kitchen", 0), "mail", ("yes", 5)),
        answered(asked("outdoor/location", 1), "soap", ("no", 1)),
        answered(asked("outdoor/location", 2), "Unanswerable, too dark", ("no", 0)),
    ]
    made = measured(EGOTEXTVQA, answers)
    assert made["judge_0_5"].values == {"q0": 5.0, "q1": 1.0, "q2": 0.0}
    assert made["judge_0_5"].legacy == {"indoor/kitchen": 5.0, "indoor": 5.0, "outdoor/location": 0.5, "outdoor": 0.5, "all": 2.0}
    assert made["exact_match"].values == {"q0": 1.0, "q1": 0.0, "q2": 0.0}
    assert made["says_unanswerable"].values == {"q0": 0.0, "q1": 0.0, "q2": 1.0}


def test_the_reference_scorers_tables_pool_the_others_of_both_subsets() -> None:
    answers = [
        answered(asked("indoor/others", 0), "mail", ("yes", 5)),
        answered(asked("outdoor/others", 1), "soap", ("no", 0)),
        answered(asked("outdoor/direction", 2), "left", ("yes", 4)),
    ]
    made = measured(EGOTEXTVQA, answers)["judge_yes"]
    assert made.legacy == {
        "indoor/others": 0.5,
        "outdoor/others": 0.5,
        "outdoor/direction": 1.0,
        "indoor": 0.5,
        "outdoor": 2 / 3,
        "all": 2 / 3,
    }
    assert made.values == {"q0": 1.0, "q1": 0.0, "q2": 1.0}


def test_a_file_that_does_not_say_the_subset_is_scored_by_type() -> None:
    assert EGOTEXTVQA.tasks["kitchen"] == "indoor/kitchen"
    assert EGOTEXTVQA.tasks["outdoor_others"] == "outdoor/others"
    assert EGOTEXTVQA.tasks["others"] == "others"
    made = measured(EGOTEXTVQA, [answered(asked("others"), "The mail!", ("yes", 4))])
    assert made["judge_yes"].values == {"q0": 1.0}
    assert made["exact_match"].values == {"q0": 1.0}
    assert made["judge_0_5"].legacy == {"others": 4.0, "all": 4.0}


def test_what_is_shown_and_how_long_a_model_may_think() -> None:
    assert (EGOTEXTVQA.thinking_tokens, EGOTEXTVQA.temperature) == (2048, 0.0)
    tempo = EGOTEMPO.frames
    shortest = min(each.end_ms for each in questions(EGOTEMPO)) / 1000
    assert tempo.max_frames == 32 <= shortest * tempo.frames_per_second
