"""What a model is asked to answer with."""

from typing import Annotated

from pydantic import Field

from egoetl.core.records import Record, Text
from egoetl.qa.task import MOST_PAIRS


class AvsnReply(Record):
    """An answer to each question, in their order."""

    answers: Annotated[tuple[Text, ...], Field(min_length=1, max_length=MOST_PAIRS)]
