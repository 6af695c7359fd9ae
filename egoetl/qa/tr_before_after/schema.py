"""What a model is asked to answer with: events, copied from the lists that it was given."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from egoetl.core.records import Record
from egoetl.qa.task import MOST_PAIRS
from egoetl.qa.timeline import Relation

Type = Literal["Action-Action", "Action-Object", "Action-Sound"]
"""What is put in order: an action and another action, an object, or a sound."""
TYPES: tuple[Type, ...] = ("Action-Action", "Action-Object", "Action-Sound")

EventText = Annotated[str, StringConstraints(min_length=1, max_length=410, strip_whitespace=True)]
"""Two `Name`s and the words between them."""


class OrderQuestion(Record):
    """What came before (or after) the anchor: an action, object or sound that did, and three that did not."""

    type: Type
    relation: Relation
    anchor: EventText
    answer: EventText
    distractors: Annotated[tuple[EventText, ...], Field(min_length=3, max_length=3)]


class TrBeforeAfterReply(Record):
    """The questions that were asked for."""

    pairs: Annotated[tuple[OrderQuestion, ...], Field(min_length=1, max_length=len(TYPES) * MOST_PAIRS)]
