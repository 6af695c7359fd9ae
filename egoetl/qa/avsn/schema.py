"""What a model is asked to answer with."""

from typing import Annotated

from pydantic import Field, StringConstraints

from egoetl.core.records import Record
from egoetl.qa.task import MOST_PAIRS

LONGEST = 4_000
"""Characters of an answer."""
Answer = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST, strip_whitespace=True)]


class AvsnReply(Record):
    """An answer to each question, in their order."""

    answers: Annotated[tuple[Answer, ...], Field(min_length=1, max_length=MOST_PAIRS)]
