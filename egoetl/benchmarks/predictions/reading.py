"""From a file of predictions to answers: every row is an answer to a question, or is refused with its line and reason."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from egoetl.benchmarks.answering import read_answer
from egoetl.benchmarks.benchmark import Benchmark, Loaded
from egoetl.benchmarks.options import choice_of
from egoetl.benchmarks.predictions.fields import printable
from egoetl.benchmarks.predictions.file import entries_of
from egoetl.benchmarks.predictions.index import shape_of
from egoetl.benchmarks.predictions.matching import Questions, Unmatched
from egoetl.benchmarks.predictions.prediction import Prediction, Shape
from egoetl.benchmarks.predictions.questions import question_of
from egoetl.benchmarks.rows import Row, spelled
from egoetl.core.errors import DataError
from egoetl.core.evaluation import Answered, Parsed, Question, Reference
from egoetl.core.ledger import RefusedRow


class Predicted(NamedTuple):
    """What a file of predictions comes to: answers, one for each question; rows that are refused, and those of which a part is."""

    shape: str
    answered: tuple[Answered, ...]
    refused: tuple[RefusedRow, ...]
    notes: tuple[str, ...]


def read_predictions(file: Path, benchmark: Benchmark, loaded: Loaded | None, key: str | None = None) -> Predicted:
    """The answers that a file of predictions holds.

    Questions and what is right are the benchmark's where `loaded` gives them, and a question that no row is of is `missing` then;
    otherwise they are the file's own.

    Args:
        file: JSON or JSON lines, in any shape of `index.SHAPES`.
        benchmark: what the predictions are for.
        loaded: the benchmark's data.
        key: the field with the model's answer, where the file has one of its own.

    Raises:
        CallerError: the file cannot be read, or `key` is needed or wrong.
        DataError: the file is no such file, no row of it can be used (`predictions_unusable`), or it lacks what is right (`gold_missing`).
    """
    entries, named = entries_of(file), printable(file.name)
    rows = [each for each in entries if isinstance(each, Row)]
    shape = shape_of(rows, named)
    reader = _Reader(benchmark, loaded)
    refused = [each for each in entries if isinstance(each, RefusedRow)]
    for each in _predictions(rows, shape, shape.key(rows, key), refused):
        reader.take(each)
    refused = sorted((*refused, *reader.refused), key=lambda each: each.row)
    if not reader.answered:
        first = next((each for each in refused if each.reason == "gold_missing"), refused[0])
        raise DataError(
            f"No row of {named} can be used as {shape.name} for {benchmark.name}; {len(refused)} were refused. {first.message}",
            reason="gold_missing" if first.reason == "gold_missing" else "predictions_unusable",
        )
    return Predicted(shape.name, (*reader.answered.values(), *reader.missing()), tuple(refused), tuple(reader.notes(shape)))


def _predictions(rows: Sequence[Row], shape: Shape, key: str | None, refused: list[RefusedRow]) -> Iterator[Prediction]:
    for row in rows:
        try:
            yield from shape.read(row, key)
        except DataError as error:
            refused.append(_refused(row.number, str(row.fields.get("video_id", "")), error))


class _Reader:
    """Answers by question, as rows come."""

    def __init__(self, benchmark: Benchmark, loaded: Loaded | None) -> None:
        self._benchmark = benchmark
        self._questions = None if loaded is None else [each.question for each in loaded.questions]
        self._known = None if self._questions is None else Questions(self._questions)
        self.answered: dict[str, Answered] = {}
        self.refused: list[RefusedRow] = []
        self._first: dict[str, str] = {}
        self._seen: Counter[str] = Counter()

    def take(self, prediction: Prediction) -> None:
        """Add a row's answer, or write down why not."""
        try:
            question = self._question(prediction)
            self._take(question, prediction)
        except DataError as error:
            self.refused.append(_refused(prediction.row, prediction.video_id or "", error))
            return
        self.refused.extend(prediction.refused(each) for each in prediction.troubles)

    def missing(self) -> Iterator[Answered]:
        """The benchmark's questions that no row is of."""
        for question in self._questions or ():
            if question.question_id not in self.answered:
                yield Answered(question=question, status="missing", reason="not_in_file")

    def notes(self, shape: Shape) -> Iterator[str]:
        """What a reader of the report must know of the file."""
        yield f"Predictions were read as {shape.name}."
        if self._known is None:
            yield "Without the benchmark's data, questions and what is right are those of the file; what it lacks is not counted."
        if self._seen["no_video"]:
            yield f"{self._seen['no_video']} rows name no video and count as a video each, so that their intervals may be too narrow."
        if self._seen["other_gold"]:
            yield f"{self._seen['other_gold']} rows call something else right than the benchmark's data, which counts."
        if self._seen["no_and_zero"]:
            yield (
                f"{self._seen['no_and_zero']} of {self._seen['graded']} grades are no with 0, which is also what a judge call that failed"
                " is stored as in some files; answers among them that hold the reference answer are listed as suspicious."
            )

    def _question(self, prediction: Prediction) -> Question:
        if self._known is None:
            return question_of(self._benchmark, prediction)
        found = self._known.of(prediction)
        if isinstance(found, Unmatched):
            raise DataError(f"{prediction.where}: {found.why}.", reason=found.reason)
        self._seen["other_gold"] += prediction.reference is not None and not _is_right(found, prediction.reference)
        return found

    def _take(self, question: Question, prediction: Prediction) -> None:
        name = question.question_id
        if name in self.answered:
            raise DataError(
                f"{prediction.where}: it is of the same question as {self._first[name]}, which counts; leave one of them out.",
                reason="duplicate_question",
            )
        self.answered[name] = _answer(self._benchmark, question, prediction)
        self._first[name] = prediction.where
        self._seen["no_video"] += self._known is None and prediction.video_id is None
        self._seen["graded"] += prediction.grade is not None
        self._seen["no_and_zero"] += prediction.grade is not None and (prediction.grade.verdict, prediction.grade.score) == ("no", 0)


def _is_right(question: Question, gold: Reference) -> bool:
    """Whether what a file calls right is what the benchmark does, by its text or as an option."""
    known = question.reference
    if spelled(gold.answer) == spelled(known.answer):
        return True
    choice = choice_of(gold.answer, question.options) if question.options else gold.choice
    return choice is not None and choice == known.choice


def _answer(benchmark: Benchmark, question: Question, prediction: Prediction) -> Answered:
    """What the row says of the answer; a grade that it lacks although the benchmark has answers judged has a reason."""
    if prediction.status != "answered":
        return Answered(question=question, status=prediction.status, said=prediction.said, reason=prediction.reason)
    found = read_answer(benchmark, question, prediction.said)
    if prediction.masks is not None:
        parsed = (found.parsed or Parsed()).model_copy(update={"masks": prediction.masks})
        found = found.model_copy(update={"parsed": parsed, "status": "answered", "reason": ""})
    if prediction.grade is not None:
        return found.model_copy(update={"grades": (prediction.grade,)})
    spoiled = next((each.reason for each in prediction.troubles if each.reason.startswith("grade_")), "not_judged")
    return found if benchmark.rubric(question) is None else found.model_copy(update={"ungraded": spoiled})


def _refused(row: int, video_id: str, error: DataError) -> RefusedRow:
    return RefusedRow(row=row, video_id=video_id[:200], reason=error.reason, message=str(error))
