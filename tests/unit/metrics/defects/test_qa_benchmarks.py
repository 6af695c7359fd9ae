"""Known defects of how EgoTextVQA, EgoTempo and EgoAVU-Bench are run and scored: ours is right, and `legacy` is what they print."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import pytest
from benchmark_fixtures import FIXTURES
from hypothesis import given
from hypothesis import strategies as st

from egoetl.benchmarks.benchmark import Benchmark, Scoring
from egoetl.benchmarks.egoavu_bench.benchmark import EGOAVU_BENCH
from egoetl.benchmarks.egotempo.benchmark import EGOTEMPO
from egoetl.benchmarks.egotextvqa.benchmark import EGOTEXTVQA
from egoetl.benchmarks.egotextvqa.cutoff import legacy_window_before, window_before
from egoetl.benchmarks.egotextvqa.loading import SUBSETS
from egoetl.core.evaluation import Answered, Grade, Measure, Parsed, Question, Reference
from egoetl.testing.benchmark_data import FolderData

TASKS = [f"{subset}/{kind}" for subset, kinds in SUBSETS.items() for kind in kinds]


class Case(NamedTuple):
    """A task; whether there is a prediction; and the judge's verdict and score, None where its call failed."""

    task: str
    predicted: bool
    judged: tuple[Literal["yes", "no"], int] | None


CASES = st.lists(
    st.builds(
        Case,
        st.sampled_from(TASKS),
        st.booleans(),
        st.none() | st.tuples(st.sampled_from(["yes", "no"]), st.integers(0, 5)),
    ),
    max_size=30,
)


def answers(cases: Sequence[Case]) -> list[Answered]:
    return [_answer(number, case) for number, case in enumerate(cases)]


def _answer(number: int, case: Case) -> Answered:
    question = Question(
        start_ms=0,
        end_ms=1000,
        question_id=f"q{number:03}",
        benchmark="egotextvqa",
        video_id="v",
        task=case.task,
        question="What is written there?",
        reference=Reference(answer="mail"),
    )
    if not case.predicted:
        return Answered(question=question, status="failed", reason="timed_out")
    grades = () if case.judged is None else (Grade(rubric="yes_no_0_5", judge="j", verdict=case.judged[0], score=case.judged[1]),)
    return Answered(question=question, status="answered", said=("soap",), parsed=Parsed(answer="soap"), grades=grades)


def measured(benchmark: Benchmark, answered: Sequence[Answered]) -> dict[str, Measure]:
    return {each.name: each for each in benchmark.measures(answered, Scoring())}


def eval_py(cases: Sequence[Case]) -> list[dict[str, Any]]:
    """The rows that petkokp/EgoTextVQA's `predict.py` and `eval.py` leave: none for a failed prediction, no and 0 for a failed call."""
    rows: list[dict[str, Any]] = []
    for case in cases:
        if case.predicted:
            reply = {} if case.judged is None else {"pred": case.judged[0], "score": case.judged[1]}
            rows.append({"type": case.task.rpartition("/")[2], "acc": reply.get("pred", "no"), "score": reply.get("score", 0)})
    return rows


def table(rows: Sequence[Mapping[str, Any]], subset: str) -> dict[str, tuple[float, float]]:
    """The table that `eval.py` prints for a subset: accuracy and mean score of each type that has rows, and of all."""
    own = [row for row in rows if row["type"] in SUBSETS[subset]]
    parts = {f"{subset}/{kind}": [row for row in own if row["type"] == kind] for kind in SUBSETS[subset]} | {subset: own}
    return {
        name: (sum(row["acc"] == "yes" for row in part) / len(part), sum(row["score"] for row in part) / len(part))
        for name, part in parts.items()
        if part
    }


@given(CASES)
def test_legacy_tables_of_egotextvqa_are_those_of_its_scorer(cases: list[Case]) -> None:
    made, rows = measured(EGOTEXTVQA, answers(cases)), eval_py(cases)
    expected = {name: row for subset in SUBSETS for name, row in table(rows, subset).items()}
    asked = {case.task for case in cases} | {case.task.partition("/")[0] for case in cases}
    for name, place in (("judge_yes", 0), ("judge_0_5", 1)):
        found = {task: value for task, value in made[name].legacy.items() if task != "all"}
        assert found == pytest.approx({task: row[place] for task, row in expected.items() if task in asked})


@given(CASES)
def test_ours_counts_what_was_graded_and_nothing_else(cases: list[Case]) -> None:
    made = measured(EGOTEXTVQA, answers(cases))["judge_yes"].values
    expected = [None if case.judged is None or not case.predicted else float(case.judged[0] == "yes") for case in cases]
    assert [made[f"q{number:03}"] for number in range(len(cases))] == expected


def test_a_failed_judge_call_is_no_wrong_answer() -> None:
    made = measured(EGOTEXTVQA, answers([Case("indoor/kitchen", True, ("yes", 5)), Case("indoor/kitchen", True, None)]))["judge_yes"]
    assert made.values == {"q000": 1.0, "q001": None}
    assert made.legacy["all"] == 0.5


def test_a_question_without_a_prediction_stays_in_the_total() -> None:
    made = measured(EGOTEXTVQA, answers([Case("indoor/kitchen", True, ("yes", 5)), Case("indoor/kitchen", False, None)]))["judge_yes"]
    assert made.values == {"q000": 1.0, "q001": None}
    assert made.legacy["all"] == 1.0


def test_the_others_of_one_subset_are_not_those_of_the_other() -> None:
    made = measured(EGOTEXTVQA, answers([Case("indoor/others", True, ("yes", 5)), Case("outdoor/others", True, ("no", 0))]))["judge_yes"]
    assert made.values == {"q000": 1.0, "q001": 0.0}
    assert made.legacy == dict.fromkeys(("indoor/others", "outdoor/others", "indoor", "outdoor", "all"), 0.5)


def test_nothing_that_comes_after_a_question_is_shown() -> None:
    ours, theirs = window_before(2500, 9000), legacy_window_before(2500, 9000)
    assert ours is not None
    assert theirs is not None
    assert (ours.end_ms, theirs.end_ms) == (2500, 3500)


def test_a_question_that_is_asked_twice_is_two_questions() -> None:
    questions = [each.question for each in EGOTEXTVQA.load(FolderData(FIXTURES / "egotextvqa")).questions]
    by_text = {(each.video_id, each.question) for each in questions}
    # What the source's page joins predictions by has fewer values than there are questions.
    assert len(by_text) < len(questions) == len({each.question_id for each in questions})


def test_egotempo_shows_more_than_the_first_frame() -> None:
    frames = EGOTEMPO.frames
    for each in EGOTEMPO.load(FolderData(FIXTURES / "egotempo")).questions:
        on_grid = each.question.duration_ms / 1000 * frames.frames_per_second
        assert min(on_grid, frames.max_frames) == 32


@pytest.mark.parametrize("text", ['Is {"rating": 5} written there?', "What is {question}?", "What do {{ 7 * 7 }} and {% if %} come to?"])
def test_braces_in_a_question_reach_the_model_as_they_stand(text: str) -> None:
    question = answers([Case("indoor/kitchen", False, None)])[0].question.model_copy(update={"question": text, "options": (text, "x")})
    for benchmark in (EGOAVU_BENCH, EGOTEMPO, EGOTEXTVQA):
        for prompt in benchmark.prompts.values():
            assert text in prompt.render(question=question)
