"""What a QA task is: what it needs, how a model's reply becomes pairs, and the rules that accepted pairs obey."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel, Field

from egoetl.core.errors import InternalError
from egoetl.core.items import DraftedPair
from egoetl.core.prompt import Prompt
from egoetl.core.records import Drop, Name, Text, Window
from egoetl.core.stage import Params
from egoetl.qa.scope import Scope, ScopeKind

MOST_PAIRS = 16
"""The most pairs that a task makes of one clip or segment; replies are bounded by it."""


class PairsParams(Params):
    """`pairs`: how many pairs to make of one clip or segment, where its evidence bears so many; 0 asks nothing at all."""

    pairs: Annotated[int, Field(ge=0, le=MOST_PAIRS)] = 1

    @property
    def off(self) -> bool:
        """A task that makes no pairs has nothing to do."""
        return self.pairs == 0


ParamsT = TypeVar("ParamsT", bound=PairsParams)
ReplyT = TypeVar("ReplyT", bound=BaseModel)


class Draft(Window):
    """A pair before it has an id; the fields are those of `QAPair`."""

    question: Text
    answer: Text
    variant: Name | None = None
    about: Text | None = None
    options: tuple[Text, ...] = ()
    evidence: tuple[str, ...] = ()


class Rule(NamedTuple):
    """A fact that must hold of a pair and the evidence of its clip. `name` is the reason of the drop where it does not."""

    name: str
    holds: Callable[[DraftedPair], bool]


@dataclass(frozen=True)
class QATask(Generic[ParamsT, ReplyT]):
    """A QA task.

    Attributes:
        name: the task's name in the dataset.
        version: raised whenever `prepare`, `drafts` or the measured answer come to other results.
        asked: what it asks about, each with its parameters and their defaults. The first is the task's own and its stage
            is `qa_<name>`; the other's is `qa_<name>_clip` or `qa_<name>_segment`.
        prompt: the model's instructions, filled with `item` and what `prepare` returns.
        schema: the reply.
        prepare: the prompt's further values, or a Drop where the evidence asks for no question.
        drafts: the pairs of a reply, at most `params.pairs`.
        rules: what verification holds the pairs to, in order.
    """

    name: str
    version: int
    asked: Mapping[ScopeKind, type[ParamsT]]
    prompt: Prompt
    schema: type[ReplyT]
    prepare: Callable[[Scope, ParamsT], Mapping[str, Any] | Drop]
    drafts: Callable[[Scope, ParamsT, ReplyT], tuple[Draft, ...]]
    rules: tuple[Rule, ...]

    def stage_name(self, kind: ScopeKind) -> str:
        """The name of the stage that asks about clips, or about segments. Raises InternalError `qa_scope_unknown`."""
        if kind not in self.asked:
            raise InternalError(f"QA task {self.name} asks nothing about a {kind}; add it to its `asked`.", reason="qa_scope_unknown")
        return f"qa_{self.name}" if kind == next(iter(self.asked)) else f"qa_{self.name}_{kind}"
