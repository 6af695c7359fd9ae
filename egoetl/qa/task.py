"""What a QA task is: what it needs, how a model's reply becomes pairs, and the rules that accepted pairs obey."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel

from egoetl.core.items import DraftedPair, Item
from egoetl.core.prompt import Prompt
from egoetl.core.records import Drop, Name, Text, Window

ItemT = TypeVar("ItemT", bound=Item)
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
class QATask(Generic[ItemT, ReplyT]):
    """A QA task.

    Attributes:
        name: the task's name in the dataset; its stage is `qa_<name>`.
        version: raised whenever `prepare`, `drafts` or the measured answer come to other results.
        item: `NarratedSegment` for pairs about a segment, `NarratedClip` for pairs about a clip.
        prompt: the model's instructions, filled with `item` and what `prepare` returns.
        schema: the reply.
        prepare: the prompt's further values, or a Drop where the evidence asks for no question.
        drafts: the pairs of a reply.
        rules: what verification holds the pairs to, in order.
    """

    name: str
    version: int
    item: type[ItemT]
    prompt: Prompt
    schema: type[ReplyT]
    prepare: Callable[[ItemT], Mapping[str, Any] | Drop]
    drafts: Callable[[ItemT, ReplyT], tuple[Draft, ...]]
    rules: tuple[Rule, ...]
