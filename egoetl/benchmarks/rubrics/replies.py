"""What a judge answers with, on each rubric. Everything is required and bounded, so that an answer ends and a grade is on its scale."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from egoetl.core.records import Record

Reason = Annotated[str, StringConstraints(min_length=1, max_length=600, strip_whitespace=True)]
"""Why, in a sentence or two: what fits 512 tokens together with the grade."""


class GradedOneToFive(Record):
    """How far an answer agrees with the reference: 1 wrong ... 5 right and complete."""

    score: Annotated[int, Field(ge=1, le=5)]
    reason: Reason


class YesNoZeroToFive(Record):
    """Whether an answer is right, and how well it matches: 0 not at all ... 5 fully."""

    verdict: Literal["yes", "no"]
    score: Annotated[int, Field(ge=0, le=5)]
    reason: Reason

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> "YesNoZeroToFive":
        if (self.verdict, self.score) in {("yes", 0), ("no", 5)}:
            raise ValueError(f"verdict {self.verdict} contradicts score {self.score}")
        return self


class GradedOneToTen(Record):
    """How much of the reference an answer tells: 1 nothing ... 10 all of it and nothing else."""

    score: Annotated[int, Field(ge=1, le=10)]
    reason: Reason
