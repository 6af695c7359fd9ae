"""What a model is asked to answer with: events, copied from the numbered list that it was given."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from egoetl.core.records import Record

EventText = Annotated[str, StringConstraints(min_length=1, max_length=410, strip_whitespace=True)]
"""An object's name and its action, each a `Name`."""


class OrderQuestion(Record):
    """Which event came before (or after) the anchor: one that did, and three that did not."""

    type: Literal["before", "after"]
    anchor: EventText
    answer: EventText
    distractors: Annotated[tuple[EventText, ...], Field(min_length=3, max_length=3)]


class TrBeforeAfterReply(Record):
    """One question of each type."""

    pairs: Annotated[tuple[OrderQuestion, ...], Field(min_length=2, max_length=2)]
