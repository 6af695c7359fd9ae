"""What a model is asked to answer with: events, copied from the list that it was given."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from egoetl.core.records import Record
from egoetl.qa.task import MOST_PAIRS

Place = Literal["first", "last"]
EventText = Annotated[str, StringConstraints(min_length=1, max_length=1000, strip_whitespace=True)]
"""An action, and up to five names of what was heard and seen with it."""


class OrderingQuestion(Record):
    """Four events, and the one of them that happened first (or last)."""

    place: Place
    events: Annotated[tuple[EventText, ...], Field(min_length=4, max_length=4)]
    answer: EventText


class TrEventOrderingReply(Record):
    """The questions that were asked for."""

    pairs: Annotated[tuple[OrderingQuestion, ...], Field(min_length=1, max_length=MOST_PAIRS)]
