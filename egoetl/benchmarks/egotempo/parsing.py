"""What a model's answer to a question of EgoTempo says."""

from egoetl.benchmarks.answer_label import unlabelled
from egoetl.benchmarks.said import last_said
from egoetl.core.evaluation import Parsed, Question


def parse(_question: Question, turns: tuple[str, ...]) -> Parsed:
    """The short answer in a model's last turn; the fault of silence is `nothing_said`."""
    answer = unlabelled(last_said(turns))
    return Parsed(answer=answer) if answer else Parsed(faults=("nothing_said",))
