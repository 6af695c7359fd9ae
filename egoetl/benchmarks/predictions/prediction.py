"""What a row of a file of predictions says, whatever shape it has, and what a shape is."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from egoetl.benchmarks.rows import Row
from egoetl.core.evaluation import AnswerStatus, Grade, Reference
from egoetl.core.ledger import RefusedRow

RATING = "yes_no_0_5"
UNKNOWN_JUDGE = "unknown"
"""Files of graded predictions do not say who judged."""


class Trouble(NamedTuple):
    """What is wrong with a part of a row whose question stays: a code, and a sentence."""

    reason: str
    message: str


@dataclass(frozen=True)
class Prediction:
    """What a row says of one question. What it does not say is None or empty.

    Attributes:
        row: its number in the file, counting from 1.
        where: where it stands, for a person.
        ids: what the benchmark may know the question by, parts from the widest to the narrowest: subset, video, question.
        video_id: the video.
        question: the question.
        prompt: a text in which the question stands, where the file holds no more.
        position: its place among the benchmark's questions, from 0, as the file counts them.
        tasks: what the file may call its task, the most exact name first.
        window: the stretch of video in milliseconds.
        options: texts of the options.
        reference: what the file says is right.
        said: what the model said, a text for each turn.
        masks: folder of predicted masks.
        status: `answered` where something was said, otherwise `missing` or `failed`.
        reason: why nothing was said, as a code.
        grade: what a judge made of it.
        troubles: what is wrong with parts of the row.
    """

    row: int
    where: str
    ids: tuple[str, ...] = ()
    video_id: str | None = None
    question: str | None = None
    prompt: str | None = None
    position: int | None = None
    tasks: tuple[str, ...] = ()
    window: tuple[int, int] | None = None
    options: tuple[str, ...] = ()
    reference: Reference | None = None
    said: tuple[str, ...] = ()
    masks: str | None = None
    status: AnswerStatus = "answered"
    reason: str = ""
    grade: Grade | None = None
    troubles: tuple[Trouble, ...] = field(default=())

    def refused(self, trouble: Trouble) -> RefusedRow:
        """The row of a report's list of refused rows."""
        return RefusedRow(row=self.row, video_id=self.video_id or "", reason=trouble.reason, message=trouble.message)


class Shape(NamedTuple):
    """A shape that files of predictions come in.

    `matches` says whether an entry has it; `key` finds, in all rows of a file, the name of the field with the prediction (None: it
    has fixed names), given what a person named; `read` makes predictions of a row. Both raise DataError or CallerError.
    """

    name: str
    fields: str
    matches: Callable[[Mapping[str, Any]], bool]
    key: Callable[[Sequence[Row], str | None], str | None]
    read: Callable[[Row, str | None], Iterable[Prediction]]
