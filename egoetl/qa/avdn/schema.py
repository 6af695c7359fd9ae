"""What a model is asked to answer with. The seconds are those of the source video."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from egoetl.core.records import Record

MOST_SPAN_CHARACTERS = 1_200
SpanText = Annotated[str, StringConstraints(min_length=1, max_length=MOST_SPAN_CHARACTERS, strip_whitespace=True)]
SourceSeconds = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
MOST_NARRATIONS, MOST_SPANS = 4, 64
MOST_CHARACTERS = 7_900
"""Of a whole narration, so that it fits into an answer."""
STAMP_CHARACTERS = 40
"""At most as many as a span's times take up."""


class Span(Record):
    """What happened from one second to another."""

    start_s: SourceSeconds
    end_s: SourceSeconds
    text: SpanText


class DenseNarration(Record):
    """A narration, span by span."""

    spans: Annotated[tuple[Span, ...], Field(min_length=1, max_length=MOST_SPANS)]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if sum(len(each.text) + STAMP_CHARACTERS for each in self.spans) > MOST_CHARACTERS:
            raise ValueError(f"the narration is longer than {MOST_CHARACTERS} characters")
        return self


class AvdnReply(Record):
    """A narration for each question."""

    narrations: Annotated[tuple[DenseNarration, ...], Field(min_length=1, max_length=MOST_NARRATIONS)]
