"""The rubrics by name."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from egoetl.benchmarks.benchmark import RubricName
from egoetl.benchmarks.rubrics.replies import GradedOneToFive, GradedOneToTen, YesNoZeroToFive
from egoetl.core.prompt import Prompt
from egoetl.metrics.judge_scores import SCALES

Graded = GradedOneToFive | YesNoZeroToFive | GradedOneToTen


class Rubric(NamedTuple):
    """What a judge is told and answers with. `low` and `high` are the ends of the scale."""

    prompt: Prompt
    schema: type[Graded]
    low: int
    high: int


def _rubric(name: RubricName, schema: type[Graded]) -> Rubric:
    return Rubric(Prompt.load(Path(__file__).with_name(f"{name}.md")), schema, *SCALES[name])


RUBRICS: Mapping[RubricName, Rubric] = MappingProxyType(
    {
        "graded_1_5": _rubric("graded_1_5", GradedOneToFive),
        "yes_no_0_5": _rubric("yes_no_0_5", YesNoZeroToFive),
        "graded_1_10": _rubric("graded_1_10", GradedOneToTen),
    }
)
