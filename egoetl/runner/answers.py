"""What an evaluation's build made of each question: an answer, or why there is none. No question is left out."""

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from egoetl.benchmarks.answering import read_answer
from egoetl.benchmarks.benchmark import Benchmark
from egoetl.core.evaluation import Answered, Grades, Question, Said
from egoetl.core.ledger import Build
from egoetl.core.ports import Store
from egoetl.core.records import Record
from egoetl.runner.question_parts import QuestionParts
from egoetl.runner.tools import Tools

if TYPE_CHECKING:
    from egoetl.lineage.evaluations import EvaluatedRow, EvaluatedUnit
    from egoetl.storage.parts import PartReader

T = TypeVar("T", bound=Record)
_UPSTREAM = ("look", "questions")
"""The stages that a prediction needs of its clip."""
_NOT_RUN = "not_run"


class Placed(NamedTuple):
    """What is known of the answer to a question, and the address of its video."""

    answered: Answered
    uri: str


def answers_of(tools: Tools, build: Build, benchmark: Benchmark, *, judged: bool) -> list[Placed]:
    """Every question of a build, in order. Raises DataError `artifact_missing` or `part_corrupt`.

    `judged`: whether the build has answers graded.
    """
    made = _Made(tools.store, tools.evaluations.units(build.seq))
    parts = QuestionParts(tools.store, {})
    return [
        Placed(_answered(benchmark, made, question, row, judged=judged), row.uri)
        for row in tools.evaluations.rows(build.seq)
        for question in parts.at(row.questions).questions
    ]


def _answered(benchmark: Benchmark, made: "_Made", question: Question, row: "EvaluatedRow", *, judged: bool) -> Answered:
    unit = made.unit("predict", question.question_id)
    if unit is None or unit.state != "done":
        return made.unanswered(question, unit, row)
    found = read_answer(benchmark, question, made.result(unit, Said).turns)
    if benchmark.rubric(question) is None:
        return found
    if not judged:
        return found.model_copy(update={"ungraded": "not_judged"})
    graded = made.unit("judge", question.question_id)
    if graded is None or graded.state != "done":
        return found.model_copy(update={"ungraded": (graded.reason if graded else None) or _NOT_RUN})
    return found.model_copy(update={"grades": made.result(graded, Grades).grades})


class _Made:
    """The units of a build, and what was made of them."""

    def __init__(self, store: Store, units: "Iterable[EvaluatedUnit]") -> None:
        self._store = store
        self._units = {(each.stage, each.unit_id): each for each in units}

    def unit(self, stage: str, unit_id: str) -> "EvaluatedUnit | None":
        """How a unit stands, if it came into being."""
        return self._units.get((stage, unit_id))

    def result(self, unit: "EvaluatedUnit", kind: type[T]) -> T:
        """What was made of a unit that is done."""
        assert unit.pointer is not None, f"{unit.stage} of {unit.unit_id} is done but has no payload"
        return self._reader.record(unit.pointer.part, unit.pointer.row, kind)

    def unanswered(self, question: Question, unit: "EvaluatedUnit | None", row: "EvaluatedRow") -> Answered:
        """A question without an answer: it was asked and failed, or could not be asked, and the reason of what kept it from that."""
        if unit is not None and unit.state == "failed":
            return Answered(question=question, status="failed", reason=unit.reason or _NOT_RUN)
        return Answered(question=question, status="blocked", reason=self._why_blocked(unit, row))

    def _why_blocked(self, unit: "EvaluatedUnit | None", row: "EvaluatedRow") -> str:
        registered = self.unit("register", row.row)
        before = [registered, *(self.unit(stage, row.clip_id or "") for stage in _UPSTREAM)]
        for each in before:
            if each is None or each.state != "done":
                return (each.reason if each else None) or _NOT_RUN
        # Whatever it needs is there: its window lies beyond the end of the video, or nobody has asked it yet.
        return "window_past_end" if unit is None and self._predicted else _NOT_RUN

    @cached_property
    def _predicted(self) -> bool:
        """Whether any question was asked."""
        return any(stage == "predict" for stage, _ in self._units)

    @cached_property
    def _reader(self) -> "PartReader":
        from egoetl.storage.parts import PartReader

        return PartReader(self._store)
