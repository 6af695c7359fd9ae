"""The metrics of EgoTempo."""

from collections.abc import Sequence

from egoetl.benchmarks.benchmark import Scoring
from egoetl.benchmarks.judged import exact_match, judge_points, judge_yes, printed_by_task
from egoetl.core.evaluation import Answered, Measure


def measures(answered: Sequence[Answered], _scoring: Scoring) -> tuple[Measure, ...]:
    """Judges' yes and points, and equal words without a judge."""
    return judge_yes(answered, printed_by_task), judge_points(answered, printed_by_task), exact_match(answered)
