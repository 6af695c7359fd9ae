from collections.abc import Sequence

import pytest
from benchmark_fixtures import FIXTURES
from hypothesis import given
from hypothesis import strategies as st

from egoetl.benchmarks.benchmark import Scoring
from egoetl.benchmarks.egoavu_bench import narrations
from egoetl.benchmarks.egoavu_bench.benchmark import EGOAVU_BENCH
from egoetl.benchmarks.measuring import group_of
from egoetl.core.errors import ConfigError
from egoetl.core.evaluation import Answered, Grade, Measure, Parsed, Question, Reference
from egoetl.testing.benchmark_data import FolderData

MISSING = "METEOR 1.5 needs the tables of a package that is missing: install it."


@pytest.fixture(autouse=True)
def no_tables(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation without METEOR's tables, whose code takes long to compile; slow tests have them."""

    def missing(*_: object) -> list[float]:
        raise ConfigError(MISSING, reason="meteor_missing")

    if "slow" not in request.keywords:
        monkeypatch.setattr(narrations, "meteor_scores", missing)


QUESTIONS = [each.question for each in EGOAVU_BENCH.load(FolderData(FIXTURES / "egoavu_bench")).questions]


def of_task(task: str) -> list[Question]:
    return [each for each in QUESTIONS if each.task == task]


def asked(task: str, answer: str = "", *, choice: int | None = None, options: tuple[str, ...] = (), text: str = "Which?") -> Question:
    return Question(
        start_ms=0,
        end_ms=1000,
        question_id="q",
        benchmark="egoavu_bench",
        video_id="v",
        task=task,
        question=text,
        options=options,
        reference=Reference(answer=answer, choice=choice),
    )


def answered(question: Question, said: str, *scores: int) -> Answered:
    parsed = EGOAVU_BENCH.parse(question, (said,))
    read = parsed.answer is not None or parsed.choice is not None
    grades = tuple(Grade(rubric="graded_1_5", judge=f"judge{index}", score=score) for index, score in enumerate(scores))
    return Answered(question=question, status="answered" if read else "unparsed", said=(said,), parsed=parsed, grades=grades)


def unanswered(question: Question) -> Answered:
    return Answered(question=question, status="failed", reason="timed_out")


def measured(answers: Sequence[Answered]) -> dict[str, Measure]:
    return {each.name: each for each in EGOAVU_BENCH.measures(answers, Scoring())}


def right(question: Question) -> str:
    choice = question.reference.choice
    return question.reference.answer if choice is None else f"({'ABCDEF'[choice]})"


@pytest.mark.parametrize(
    ("question", "said", "parsed"),
    [
        (asked("avh", "yes"), "Yes, there is one.", Parsed(answer="yes")),
        (asked("avh/sound", "no"), "**No.**", Parsed(answer="no")),
        (asked("avh/sound", "no"), "I cannot tell.", Parsed(faults=("no_verdict",))),
        (asked("tr", "cup", choice=1, options=("pot", "cup")), "The answer is B.", Parsed(answer="cup", choice=1)),
        (asked("tr", "cup", choice=1, options=("pot", "cup")), "a cup", Parsed(faults=("no_option",))),
        (asked("tr", "cup", choice=1, options=("pot", "cup")), "cup", Parsed(answer="cup", choice=1)),
        (asked("tr", "cup", choice=1, options=("pot", "cup")), "A or B", Parsed(faults=("two_options",))),
        (asked("tr/event_ordering", "C"), "(C) the cup falls", Parsed(answer="C", choice=2)),
        (asked("tr", "before"), "Before.", Parsed(answer="Before.")),
        (asked("tr", "before"), "The answer is B.", Parsed(faults=("options_unknown",))),
        (asked("tr", "cup", text="Which? A. pot B. cup"), "B", Parsed(answer="cup", choice=1)),
        (asked("tr", "B", text="Which? A. pot B. cup"), "cup", Parsed(answer="cup", choice=1)),
        (asked("tr", "mug", text="Which? A. pot B. cup"), "B", Parsed(faults=("options_unknown",))),
        (asked("ssa", "x"), " There is none. ", Parsed(answer="There is none.")),
        (asked("avdn", "x"), "", Parsed(faults=("nothing_said",))),
        (asked("avsn", "x"), "<think>It may be", Parsed(faults=("nothing_said",))),
    ],
)
def test_an_answer_is_read_by_what_its_question_asks_for(question: Question, said: str, parsed: Parsed) -> None:
    assert EGOAVU_BENCH.parse(question, (said,)) == parsed


@given(st.sampled_from(QUESTIONS), st.lists(st.text(), max_size=3))
def test_no_reply_is_an_error(question: Question, turns: list[str]) -> None:
    parsed = EGOAVU_BENCH.parse(question, tuple(turns))
    assert (parsed.answer is None) == bool(parsed.faults)


def test_every_question_is_asked_in_one_turn_by_a_prompt_that_there_is() -> None:
    by_group = {group_of(each): EGOAVU_BENCH.dialogue(each) for each in QUESTIONS}
    assert by_group == {
        "ssa": ("sound_sources",),
        "avdn": ("narration",),
        "avsn": ("narration",),
        "tr": ("choice",),
        "avh": ("yes_no",),
    }
    assert EGOAVU_BENCH.dialogue(asked("tr", "before")) == ("open",)
    assert {"open", *(name for each in by_group.values() for name in each)} == set(EGOAVU_BENCH.prompts)


def test_judges_grade_what_is_told() -> None:
    assert {group_of(each): EGOAVU_BENCH.rubric(each) for each in QUESTIONS} == {
        **dict.fromkeys(("ssa", "avdn", "avsn"), "graded_1_5"),
        **dict.fromkeys(("tr", "avh")),
    }


def test_right_answers_score_all_there_is() -> None:
    made = measured([answered(each, right(each), 5) for each in QUESTIONS])
    assert set(made["accuracy"].values.values()) == {1.0}
    assert set(made["rouge_l"].values.values()) == {1.0}
    assert all(value is not None and value > 9.9 for value in made["cider"].values.values())
    assert {len(made[name].values) for name in ("rouge_l", "cider")} == {6}
    assert len(made["judge_1_5"].values) == 9
    assert len(made["accuracy"].values) == 15


def test_what_is_missing_or_cannot_be_read_has_no_value() -> None:
    for answers in ([unanswered(each) for each in QUESTIONS], [answered(each, "\n") for each in QUESTIONS]):
        made = measured(answers)
        assert {value for each in made.values() for value in each.values.values()} == {None}
        assert all(each.legacy == {} for each in made.values())


@pytest.mark.parametrize(
    ("question", "said", "value"),
    [
        (asked("avh", "no"), "Yes.", 0.0),
        (asked("avh", "No, there is none."), "no", 1.0),
        (asked("avh", "perhaps"), "no", None),
        (asked("avh", "no"), "hm", None),
        (asked("tr", "before"), "Before!", 1.0),
        (asked("tr", "before"), "after", 0.0),
        (asked("tr", "b", choice=1, options=("a", "b")), "A", 0.0),
        (asked("tr", "(B)"), "The answer is B", 1.0),
        (asked("tr", "B"), "The answer is C", 0.0),
        (asked("tr", "cup", text="Which? A. pot B. cup"), "B", 1.0),
        (asked("tr", "cup"), "B", None),
    ],
)
def test_accuracy(question: Question, said: str, value: float | None) -> None:
    assert measured([answered(question, said)])["accuracy"].values == {"q": value}


def test_narrations_beside_one_that_is_missing() -> None:
    first, second, third = of_task("avdn")
    answers = [answered(first, first.reference.answer), answered(second, "The pink ball moves."), unanswered(third)]
    made = measured(answers)
    ids = [each.question_id for each in (first, second, third)]
    rouge, cider = made["rouge_l"], made["cider"]
    assert [rouge.values[each] is None for each in ids] == [False, False, True]
    assert [cider.values[each] is None for each in ids] == [False, False, True]
    assert cider.values[ids[0]] == pytest.approx(10.0)
    # The source takes each pair for a corpus: the best that there is counts nothing.
    assert cider.legacy == {"avdn": 0.0, "all": 0.0}
    assert rouge.values[ids[1]] != pytest.approx(rouge.legacy["avdn"])
    assert 0 < rouge.legacy["avdn"] == rouge.legacy["all"] < 1


def test_how_rare_words_are_does_not_depend_on_who_answered() -> None:
    first, *others = of_task("avsn")
    alone = measured([answered(first, "The green ball leaves."), *map(unanswered, others)])
    together = measured([answered(first, "The green ball leaves."), *(answered(each, "x") for each in others)])
    assert alone["cider"].values[first.question_id] == together["cider"].values[first.question_id]


def test_cider_of_one_narration_cannot_be_taken_and_says_so() -> None:
    only = of_task("avdn")[0]
    made = measured([answered(only, only.reference.answer)])["cider"]
    assert made.values == {only.question_id: None}
    assert "one_document" in made.note
    assert made.legacy == {"avdn": 0.0, "all": 0.0}


def test_without_meteors_tables_all_else_is_scored_and_the_note_says_what_to_install() -> None:
    made = measured([answered(each, right(each)) for each in QUESTIONS])
    assert set(made["meteor_1_5"].values.values()) == {None}
    assert (made["meteor_1_5"].note, made["meteor_1_5"].legacy) == (MISSING, {})
    assert None not in made["rouge_l"].values.values()
    assert None not in made["cider"].values.values()


@pytest.mark.slow
def test_meteor_of_narrations() -> None:
    first, second, third = of_task("avdn")
    made = measured([answered(first, first.reference.answer), answered(second, "xyzzy"), unanswered(third)])["meteor_1_5"]
    assert made.values == {first.question_id: pytest.approx(1.0), second.question_id: 0.0, third.question_id: None}
    assert (made.note, made.scale) == ("", 100.0)
    # As published scorers print it: the mean of what was told.
    assert made.legacy == {"avdn": pytest.approx(0.5), "all": pytest.approx(0.5)}


def test_grades_are_averaged_over_judges_and_what_has_none_is_left_out() -> None:
    first, second, third = of_task("ssa")
    made = measured([answered(first, "x", 2, 5), answered(second, "x", 4), answered(third, "x")])["judge_1_5"]
    assert made.values == {first.question_id: 3.5, second.question_id: 4.0, third.question_id: None}
    assert made.legacy == {"ssa": 3.0, "all": 3.0}


def test_the_order_of_answers_says_nothing() -> None:
    answers = [answered(each, right(each)[:40], 3) for each in QUESTIONS]
    one, other = measured(answers), measured(answers[::-1])
    for name, each in one.items():
        assert other[name].values == pytest.approx(each.values)
        assert other[name].legacy == pytest.approx(each.legacy)
