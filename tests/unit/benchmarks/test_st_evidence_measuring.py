"""ST-Evidence's metrics from answers to measures, with what EVQA's scorer would print beside ours."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean, pvariance

import numpy as np
import pytest
from benchmark_fixtures import FIXTURES
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from egoetl.benchmarks.answering import read_answer
from egoetl.benchmarks.benchmark import Benchmark, Scoring
from egoetl.benchmarks.st_evidence_gen.benchmark import ST_EVIDENCE_GEN
from egoetl.benchmarks.st_evidence_gen.mask_measuring import NO_PREDICTION, NO_REFERENCE
from egoetl.benchmarks.st_evidence_mcq.benchmark import ST_EVIDENCE_MCQ
from egoetl.benchmarks.st_evidence_mcq.measuring import evenly
from egoetl.core.errors import DataError
from egoetl.core.evaluation import Answered, Measure, Parsed, Question, Reference, Score
from egoetl.runner.scoring import About, report_on
from egoetl.testing.benchmark_data import FolderData

NO_MASKS = Scoring()
EMPTY, BOX = np.zeros((36, 64), bool), np.zeros((36, 64), bool)
BOX[10:22, 8:22] = True


@dataclass
class Drawn:
    """Masks in memory, by folder and frame."""

    folders: dict[str, dict[str, NDArray[np.bool_]]] = field(default_factory=dict[str, dict[str, NDArray[np.bool_]]])

    def frames(self, folder: str) -> Sequence[str] | None:
        found = self.folders.get(folder)
        return None if found is None else sorted(found)

    def mask(self, folder: str, frame: str) -> NDArray[np.bool_]:
        return self.folders[folder][frame]


def question(entry: str, *, spans: tuple[tuple[float, float], ...] = ((2.0, 4.0),), masks: bool = False) -> Question:
    return Question(
        question_id=entry, benchmark="st_evidence_gen", video_id=f"v{entry}", task="generation", start_ms=0, end_ms=9000, question="Where?",
        options=("in the cup", "on the sill", "a dog has it"),
        reference=Reference(answer="on the sill", choice=1, spans=spans, masks=f"gt/{entry}" if masks else None),
    )  # fmt: skip


def said(asked: Question, *turns: str, benchmark: Benchmark = ST_EVIDENCE_GEN) -> Answered:
    return read_answer(benchmark, asked, turns)


def reply(answer: object, segments: object) -> str:
    return json.dumps({"answer": answer, "segments": segments, "referring_expressions": ["the cup"]})


def nothing(asked: Question) -> Answered:
    return Answered(question=asked, status="missing", reason="not_in_file")


def measured(answered: Sequence[Answered], scoring: Scoring = NO_MASKS, benchmark: Benchmark = ST_EVIDENCE_GEN) -> dict[str, Measure]:
    return {each.name: each for each in benchmark.measures(answered, scoring)}


def test_answer_and_spans_by_hand() -> None:
    found = measured(
        [
            said(question("1"), reply("B", [[2.0, 4.0]])),
            said(question("2"), reply("A", [[3.0, 5.0]])),
            said(question("3"), reply("B", [[0.0, 8.0]])),
            said(question("4"), reply("B", [])),
        ]
    )
    values = {name: list(each.values.values()) for name, each in found.items()}
    assert values["accuracy"] == [1, 0, 1, 1]
    assert values["miou"] == pytest.approx([1, 1 / 3, 1 / 4, 0])
    assert values["miop"] == pytest.approx([1, 1 / 2, 1 / 4, 0])
    assert values["t_mean"] == pytest.approx([1, 5 / 12, 1 / 4, 0])
    assert (values["tiou_at_0_3"], values["tiou_at_0_5"]) == ([1, 1, 0, 0], [1, 0, 0, 0])
    assert (values["tiop_at_0_3"], values["tiop_at_0_5"]) == ([1, 1, 0, 0], [1, 1, 0, 0])
    assert values["joint"] == pytest.approx([1, 0, 1 / 4, 0])
    assert (values["joint_at_0_3"], values["joint_at_0_5"]) == ([1, 0, 0, 0], [1, 0, 0, 0])
    assert {each.scale for each in found.values()} == {100}
    assert found["accuracy"].legacy == {"generation": 0.75, "all": 0.75}
    assert found["t_mean"].legacy["all"] == pytest.approx((1 + 5 / 12 + 1 / 4) / 4)


def test_what_could_not_be_read_has_no_value_and_counts_nought_for_the_reference_alone() -> None:
    found = measured(
        [
            said(question("1"), reply("B", [[2.0, 4.0]])),
            said(question("2"), reply("I cannot tell", "all of it")),
            nothing(question("3")),
            said(question("4"), ""),
        ]
    )
    for name in ("accuracy", "miou", "t_mean", "tiop_at_0_5", "joint", "joint_at_0_3"):
        assert list(found[name].values.values()) == [1, None, None, None]
    assert {name: found[name].legacy["all"] for name in ("accuracy", "miou", "tiop_at_0_5")} == dict.fromkeys(
        ("accuracy", "miou", "tiop_at_0_5"), 0.25
    )
    assert found["joint"].legacy == {}


def test_a_span_that_is_named_twice_counts_once_and_twice_for_the_reference() -> None:
    found = measured([said(question("1"), reply("B", [[2.0, 4.0], [2.0, 4.0]]))])
    assert found["miou"].values == {"1": 1.0}
    assert found["miou"].legacy["all"] == pytest.approx(2.0), "4 / (4 + 2 - 4)"
    assert found["miop"].legacy["all"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("turns", "ours", "legacy"),
    [
        (("The answer is B", "[]", "[]"), 1, 0),
        (("B", "[]", "[]"), 1, 1),
        (("It is neither.", "[]", "[]"), None, 0),
        ((reply("(B)", []),), 1, 0),
        ((reply("b", []),), 1, 0),
        ((reply("on the sill", []),), 1, 1),
        ((reply("On the sill.", []),), 1, 0),
        (("Answer: B. Temporal Evidence: [[2.0, 4.0]].",), 1, 1),
        (("On the sill", "[]", "[]"), 1, 0),
    ],
)
def test_an_answer_is_read_where_it_stands_and_by_the_reference_at_the_first_letter(
    turns: tuple[str, ...], ours: float | None, legacy: float
) -> None:
    found = measured([said(question("1"), *turns)])["accuracy"]
    assert (found.values["1"], found.legacy["all"]) == (ours, legacy)


def test_an_answer_of_a_file_without_options_is_compared_by_its_words() -> None:
    asked = question("1").model_copy(update={"options": ()})
    values = [measured([said(asked, reply(answer, []))])["accuracy"].values["1"] for answer in ("on the sill", "in the cup")]
    assert values == [1, 0]
    made = Answered(question=asked, status="answered", parsed=Parsed(answer="on the sill"))
    assert measured([made])["accuracy"].legacy["all"] == 1


def test_options_of_one_text_are_one() -> None:
    asked = question("1").model_copy(update={"options": ("on the sill", "on the sill", "x")})
    assert measured([said(asked, reply("A", []))])["accuracy"].values["1"] == 1


@pytest.mark.parametrize(("scoring", "note"), [(NO_MASKS, NO_REFERENCE), (Scoring(Drawn({"gt/1": {"00000.png": BOX}})), NO_PREDICTION)])
def test_where_no_masks_are_given_there_is_no_j_and_f_and_a_note_says_why(scoring: Scoring, note: str) -> None:
    found = measured([said(question("1", masks=True), reply("B", [[2.0, 4.0]])), said(question("2"), reply("B", []))], scoring)
    for name in ("j", "f", "j_and_f"):
        assert (found[name].values, found[name].legacy, found[name].note) == ({"1": None}, {}, note)
    assert not any(name.startswith("joint_with_masks") for name in found)
    score = next(
        each for each in report(ST_EVIDENCE_GEN, [said(question("1", masks=True), reply("B", []))], scoring) if each.measure == "j"
    )
    assert (score.value, score.scored, score.total) == (None, 0, 1)


@pytest.mark.slow
def test_masks_are_scored_over_the_frames_of_both_and_by_the_reference_over_the_predicted_ones() -> None:
    true = {f"{frame:05d}.png": BOX for frame in range(4)}
    scoring = Scoring(
        Drawn({f"gt/{entry}": true for entry in ("1", "2", "3", "4")}),
        Drawn({"1": true, "elsewhere/2": dict(list(true.items())[:1]), "3/masks": dict.fromkeys(true, EMPTY)}),
    )
    answered = [
        said(question("1", masks=True), reply("B", [[2.0, 4.0]])),
        said(question("2", masks=True), json.dumps({"answer": "B", "segments": [[2.0, 4.0]], "mask_path": "elsewhere/2"})),
        said(question("3", masks=True), json.dumps({"answer": "A", "segments": [[2.0, 4.0]], "mask_path": "/somewhere/else/3"})),
        nothing(question("4", masks=True)),
        nothing(question("5", masks=True)),
    ]
    found = measured(answered, scoring)
    assert found["j"].values == {"1": 1, "2": pytest.approx(1 / 4), "3": 0, "4": None}, "the benchmark has no masks of 5"
    assert found["f"].values == found["j_and_f"].values == found["j"].values
    assert found["j_and_f"].legacy == {"generation": 0.5, "all": 0.5}, "1, 1, 0 and 0: what is left out costs nothing"
    assert found["joint_with_masks"].values == {"1": 1, "2": pytest.approx(1 / 4), "3": 0, "4": None}
    assert found["joint_with_masks_at_0_3"].values == {"1": 1, "2": 0, "3": 0, "4": None}
    assert found["joint"].values == {"1": 1, "2": 1, "3": 0, "4": None, "5": None}


@pytest.mark.slow
def test_where_the_reference_would_end_at_masks_of_two_sizes_it_prints_nothing_and_ours_goes_on() -> None:
    small = np.zeros((18, 32), bool)
    small[5:11, 4:11] = True
    scoring = Scoring(Drawn({"gt/1": {"00000.png": BOX}}), Drawn({"1": {"00000.png": small}}))
    found = measured([said(question("1", masks=True), reply("B", []))], scoring)
    assert found["j"].values["1"] == 1
    assert found["j"].legacy == {}


def test_a_mask_that_cannot_be_read_is_no_empty_one() -> None:
    class Broken(Drawn):
        def mask(self, folder: str, frame: str) -> NDArray[np.bool_]:
            raise DataError(f"{folder}/{frame} cannot be read.", reason="mask_unreadable")

    scoring = Scoring(Drawn({"gt/1": {"00000.png": BOX}}), Broken({"1": {"00000.png": BOX}}))
    with pytest.raises(DataError) as caught:
        measured([said(question("1", masks=True), reply("B", []))], scoring)
    assert caught.value.reason == "mask_unreadable"


def choices(*letters: str | None) -> list[Answered]:
    """Answers to the fixture's questions in their order; None: no answer."""
    asked = [each.question for each in ST_EVIDENCE_MCQ.load(FolderData(FIXTURES / "st_evidence_mcq")).questions]
    asked = [each for each in asked if not each.question_id.startswith("9")]
    return [
        nothing(each) if letter is None else said(each, letter, benchmark=ST_EVIDENCE_MCQ)
        for each, letter in zip(asked, letters, strict=True)
    ]


RIGHT = ("A", "D", "C", "B", "C", "B", "B", "A", "D", "C", "B", "A", "A", "B", "C", "D", "B", "A")
"""Six of each task: `qa`, `time_evidence`, `spatial_evidence`."""


def test_multiple_choice_by_task_and_over_all() -> None:
    answers = [*RIGHT[:5], "x", *RIGHT[6:9], "A", "A", "B", *([None] * 4), "A", "A"]
    found = measured(choices(*answers), benchmark=ST_EVIDENCE_MCQ)
    assert list(found["accuracy"].values.values()) == [1, 1, 1, 1, 1, None, 1, 1, 1, 0, 0, 0, None, None, None, None, 0, 1]
    assert found["accuracy"].legacy == {
        "qa": pytest.approx(5 / 6), "time_evidence": 0.5, "spatial_evidence": pytest.approx(1 / 6), "all": 0.5,
    }  # fmt: skip
    scores = {(each.measure, each.task): each for each in report(ST_EVIDENCE_MCQ, choices(*answers), NO_MASKS)}
    assert {task: each.value for (name, task), each in scores.items() if name == "accuracy"} == {
        "all": pytest.approx(9 / 13), "qa": 1, "time_evidence": 0.5, "spatial_evidence": 0.5,
    }  # fmt: skip
    assert scores["accuracy_mean_of_tasks", "all"].value == pytest.approx((1 + 0.5 + 0.5) / 3)
    assert [task for name, task in scores if name == "accuracy_mean_of_tasks"] == ["all"]
    assert scores["accuracy_mean_of_tasks", "all"].missing_as_zero is None
    assert (scores["accuracy", "qa"].scored, scores["accuracy", "qa"].total) == (5, 6)


def test_all_right_is_a_hundred_and_the_article_is_an_answer_for_the_reference_alone() -> None:
    found = measured(choices(*RIGHT), benchmark=ST_EVIDENCE_MCQ)
    assert set(found["accuracy"].values.values()) == set(found["accuracy_mean_of_tasks"].values.values()) == {1.0}
    spoiled = measured(choices("a guess", *RIGHT[1:]), benchmark=ST_EVIDENCE_MCQ)["accuracy"]
    assert spoiled.values["1001/qa"] is None
    assert spoiled.legacy["all"] == 1, "the article stands for option A, which is right"


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("xyz"), st.none() | st.sampled_from([0.0, 1.0])), max_size=12))
def test_the_spread_is_that_of_the_mean_of_tasks(answers: list[tuple[str, float | None]]) -> None:
    """Against the variance of a mean of independent means, each its task's variance by its size."""
    tasks = {str(number): task for number, (task, _) in enumerate(answers)}
    values = {str(number): value for number, (_, value) in enumerate(answers)}
    found = [each for each in evenly(values, tasks).values() if each is not None]
    by_task = [[value for name, value in values.items() if tasks[name] == task and value is not None] for task in "xyz"]
    means = [(fmean(each), pvariance(each) / len(each)) for each in by_task if each]
    if found:
        assert fmean(found) == pytest.approx(fmean(mean for mean, _ in means))
        assert pvariance(found) / len(found) == pytest.approx(sum(variance for _, variance in means) / len(means) ** 2)


def test_the_mean_of_weighted_values_is_the_mean_of_the_tasks() -> None:
    values = {"a": 1.0, "b": 0.0, "c": None, "d": 1.0, "e": 0.0, "f": 0.0, "g": 0.0}
    tasks = {"a": "x", "b": "x", "c": "x", "d": "y", "e": "y", "f": "y", "g": "y"}
    found = [each for each in evenly(values, tasks).values() if each is not None]
    assert sum(found) / len(found) == pytest.approx((1 / 2 + 1 / 4) / 2)
    assert evenly({"a": 1.0, "b": 1.0, "c": 1.0}, {"a": "x", "b": "x", "c": "y"}) == {"a": 1.0, "b": 1.0, "c": 1.0}, "no spread"
    assert evenly({}, {}) == {}
    assert evenly({"a": None}, {"a": "x"}) == {"a": None}


def report(benchmark: Benchmark, answered: Sequence[Answered], scoring: Scoring) -> tuple[Score, ...]:
    return report_on(benchmark, answered, scoring, About(run="r", model="m")).scores
