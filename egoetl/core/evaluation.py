"""What an evaluation exchanges: questions of a benchmark, what a model said, how it was graded, and the scores of both."""

from typing import Annotated, Literal

from pydantic import Field

from egoetl.core.content_key import sha256_of
from egoetl.core.items import ClipItem, Item
from egoetl.core.records import Artifact, Clip, Name, Record, SampledClip, Text, UnitRecord

Spans = tuple[tuple[float, float], ...]
"""Stretches of video as somebody wrote them down: (start, end) in seconds, in any order, overlapping or empty ones among them."""
AnswerStatus = Literal["answered", "unparsed", "failed", "blocked", "missing"]
"""`answered`: the answer could be read. `unparsed`: the model said something that is no answer. `failed`, `blocked`: it was asked and
gave no reply, or could not be asked. `missing`: a file of predictions does not have the question."""


class Reference(Record):
    """What the benchmark says is right. `choice` is the index of the right option, `answer` its text; `masks` a folder of masks."""

    answer: str = ""
    choice: int | None = None
    spans: Spans = ()
    masks: str | None = None


class Question(UnitRecord):
    """One item of a benchmark. The window is what of the video a model may see and hear.

    `task` is the type or category that the benchmark reports by; `video_id` is what statistics cluster by; `question_id` is
    unique in the benchmark. `pictures` are addresses, below the benchmark's data, of pictures that options are; in a build they are
    paths of the store, which name their bytes.
    """

    kind = "qa"
    question_id: Name
    benchmark: Name
    video_id: Name
    task: Name
    question: Text
    options: tuple[Text, ...] = ()
    pictures: tuple[str, ...] = ()
    reference: Reference = Reference()

    @property
    def unit_id(self) -> str:
        return self.question_id

    @property
    def own_content(self) -> str:
        """Itself: what was made of it stays when other questions about its video change."""
        return f"question:{sha256_of(self)}"


class Questions(Record):
    """The questions about one clip, and the pictures in the store that they show."""

    questions: tuple[Question, ...]
    files: tuple[Artifact, ...] = ()

    def emitted(self) -> tuple[Question, ...]:
        """The questions."""
        return self.questions


class Said(Record):
    """What the model said: one text for each turn of the dialogue, without blocks of thinking."""

    turns: tuple[str, ...]


class Grade(Record):
    """What one judge made of an answer: a number on the rubric's scale, yes or no where it asks for that, and why."""

    rubric: Name
    judge: Name
    """The stage writes its role; a run's report has the model's name instead."""
    score: int
    verdict: Literal["yes", "no"] | None = None
    reason: str = ""
    order: Literal["reference_first", "prediction_first"] = "reference_first"
    """Which of the two answers the judge was shown first."""
    consistent: bool | None = None
    """Whether the judge came to the same in both orders; None: it was asked in one. Where it did not, both grades are kept."""


class Grades(Record):
    """What judges made of an answer; a judge whose call failed has no grade in it."""

    grades: tuple[Grade, ...]


class AskedQuestion(ClipItem):
    """A question and the sampled container of its clip."""

    unit = "qa"
    sampled: SampledClip
    question: Question


class SaidQuestion(Item):
    """A question and what the model said to it, for judging: a judge sees no video."""

    unit = "qa"
    clip: Clip
    question: Question
    said: Said


class Parsed(Record):
    """What was read out of a model's turns. None: that part of the answer was asked for and could not be read, or was not asked for.

    `faults` are the reasons, as codes: `no_option`, `not_json`, `span_malformed` ...
    """

    answer: str | None = None
    choice: int | None = None
    spans: Spans | None = None
    expressions: tuple[str, ...] | None = None
    masks: str | None = None
    """Folder of predicted masks, below the root of predictions."""
    faults: tuple[str, ...] = ()


class Answered(Record):
    """A question with everything that is known of the answer. Nothing that is missing is ever a zero: it has a status."""

    question: Question
    status: AnswerStatus
    said: tuple[str, ...] = ()
    parsed: Parsed | None = None
    grades: tuple[Grade, ...] = ()
    reason: str = ""
    """Why there is no answer, as a code: of the failed attempt, or of the parser."""
    ungraded: str = ""
    """Why there is no grade although one is asked for, as a code; empty where there is one or none is asked for."""


class Measure(Record):
    """One metric over answered questions: a value for each question that it applies to, None where it could not be taken.

    `legacy` is what the reference scorer would have printed for all of them and for each task, where it differs by definition.
    """

    name: Name
    """`accuracy`, `meteor_1_5`, `t_mean` ..."""
    values: dict[str, float | None]
    """By question id. A question that the metric does not apply to is absent."""
    legacy: dict[str, float] = Field(default_factory=dict[str, float])
    """By task, and under `all`."""
    scale: float = 1.0
    """What a value is multiplied by when it is shown: 100 for what the field prints as a percentage."""
    ends: tuple[float, float] | None = None
    """The least and the greatest value that there can be, to which intervals are cut; of a percentage they are 0 and 1."""
    why_legacy: str = ""
    """In a sentence, what the reference scorer does otherwise."""
    note: str = ""
    """In a sentence, what a reader of the report must know of it, such as why it could not be taken; empty where there is nothing."""
    only_over_all: bool = False
    """Whether its values are made for their mean and spread alone, as those of a mean of tasks' means are: they say nothing of a
    question or a task, and what they would be with zeros for what is missing is not known."""


class Score(Record):
    """A metric over the questions of one task, or of all, with its 95 % interval clustered by video, and its coverage."""

    measure: Name
    task: Name
    value: float | None
    low: float | None
    high: float | None
    scored: int
    """Questions with a value."""
    total: int
    """Questions that the metric applies to."""
    videos: int
    """Clusters among those scored."""
    missing_as_zero: float | None
    """The score if every question without a value counted 0: the least that it can be where 0 is the least value."""
    legacy: float | None = None
    scale: float = 1.0


class ScoredItem(Record):
    """One question in a report: what was asked, said and right, and what each metric made of it."""

    question: Question
    status: AnswerStatus
    said: tuple[str, ...]
    parsed: Parsed | None
    grades: tuple[Grade, ...]
    reason: str
    values: dict[str, float | None]
    uri: str | None = None
    """Address of the video, where the run knows it."""


class Report(Record):
    """What an evaluation came to. It holds no clock, cost or address of this machine: equal answers give equal reports."""

    run: Name
    benchmark: Name
    benchmark_version: int
    model: str
    judges: tuple[str, ...] = ()
    scores: tuple[Score, ...]
    counts: dict[AnswerStatus, int]
    refused: dict[str, int] = Field(default_factory=dict[str, int])
    """Rows of the benchmark's data or of the file of predictions that were refused, by reason."""
    suspicious: tuple[str, ...] = ()
    """Ids of questions whose answer literally holds the reference answer and was graded lowest."""
    notes: tuple[str, ...] = ()
    items: tuple[ScoredItem, ...]


class FrameLimits(Record):
    """How much of a video a benchmark shows: part of what a prediction depends on."""

    frames_per_second: Annotated[float, Field(gt=0, le=60)] = 1.0
    max_frames: Annotated[int, Field(ge=1, le=4096)] = 300
    """Where the window has more, this many are spread evenly over it."""
    max_side: Annotated[int, Field(ge=16)] = 256
    sound: bool = True
