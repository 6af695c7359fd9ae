"""What a benchmark is: how its published files are read, what a model is shown and asked, and how answers are measured."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from egoetl.core.errors import ConfigError
from egoetl.core.evaluation import Answered, FrameLimits, Measure, Parsed, Question
from egoetl.core.ledger import RefusedRow
from egoetl.core.prompt import Prompt
from egoetl.core.records import Record

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Dialogue = Callable[[Question], tuple[str, ...]]
"""The names of the prompts that a question is asked with, one a turn."""
RubricName = Literal["graded_1_5", "yes_no_0_5", "graded_1_10"]


class BenchmarkData(Protocol):
    """A benchmark's files, below a folder or an S3 prefix."""

    def file(self, name: str) -> Path | None:
        """A local file with the bytes at `name`, relative to the root; None if there is none. Raises DataError `path_escapes_root`."""
        ...

    def names(self, prefix: str = "") -> Sequence[str]:
        """The names of the files below a prefix, in order."""
        ...


class Masks(Protocol):
    """Folders of masks: one picture a frame."""

    def frames(self, folder: str) -> Sequence[str] | None:
        """The names of the frames that have a mask, in order; None if there is no such folder."""
        ...

    def mask(self, folder: str, frame: str) -> "NDArray[np.bool_]":
        """The mask of a frame, (height, width). Raises DataError `mask_unreadable`."""
        ...


class Placed(NamedTuple):
    """A question and the address of its video, relative to the root of videos."""

    question: Question
    uri: str


class Loaded(Record):
    """What a benchmark's files hold: the questions, and each row that is refused, with its line and reason."""

    questions: tuple[Placed, ...]
    refused: tuple[RefusedRow, ...]


class Scoring(NamedTuple):
    """What metrics may need beside the answers: masks of the benchmark and of the predictions, where there are any."""

    reference_masks: Masks | None = None
    predicted_masks: Masks | None = None


@dataclass(frozen=True)
class Benchmark:
    """A benchmark.

    Attributes:
        name: `egoavu_bench`, the name of its recipe being `eval_egoavu_bench`.
        version: raised whenever loading, prompts, parsing or metrics come to other results.
        title: as people call it.
        licence: of the published data.
        how_to_get: where the data is published and how its files lie below `--data`, in sentences.
        frames: how much of the video a model is shown.
        load: reads the published files. Raises DataError where a file that it needs is absent or is no such file.
        prompts: what a model is asked with, by name.
        dialogue: the names of the prompts that a question is asked with, one a turn.
        dialogues: the dialogues that a build may choose from (`--set predict.dialogue=NAME`), where there are several.
        parse: reads an answer out of a model's turns; never raises.
        measures: the metrics, with what the reference scorer would print.
        rubric: how judges grade the answer to a question; None for one that needs no judge.
        tasks: the task by what files call it, as `rows.spelled()` writes it; empty where questions may be of any task.
        max_tokens: most tokens of a reply; `thinking_tokens` for a model that thinks first.
    """

    name: str
    version: int
    title: str
    licence: str
    how_to_get: str
    frames: FrameLimits
    load: Callable[[BenchmarkData], Loaded]
    prompts: Mapping[str, Prompt]
    dialogue: Dialogue
    parse: Callable[[Question, tuple[str, ...]], Parsed]
    measures: Callable[[Sequence[Answered], Scoring], tuple[Measure, ...]]
    rubric: Callable[[Question], RubricName | None]
    tasks: Mapping[str, str] = field(default_factory=lambda: MappingProxyType[str, str]({}))
    max_tokens: int = 512
    thinking_tokens: int = 2048
    temperature: float = 0.0
    settings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType[str, str]({}))
    """Settings of its recipe that differ from the defaults."""
    dialogues: Mapping[str, Dialogue] = field(default_factory=lambda: MappingProxyType[str, "Dialogue"]({}))

    def turns(self, question: Question, dialogue: str | None = None) -> tuple[str, ...]:
        """The names of the prompts of a dialogue, None being the benchmark's own. Raises ConfigError `dialogue_unknown`."""
        if dialogue is None:
            return self.dialogue(question)
        if dialogue not in self.dialogues:
            known = ", ".join(sorted(self.dialogues)) or "none to choose from"
            raise ConfigError(f"{self.name} has no dialogue {dialogue!r}; there are: {known}.", reason="dialogue_unknown")
        return self.dialogues[dialogue](question)
