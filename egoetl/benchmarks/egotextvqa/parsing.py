"""What a model's answer to a question of EgoTextVQA says."""

import re

from egoetl.benchmarks.answer_label import unlabelled
from egoetl.benchmarks.said import last_said
from egoetl.core.evaluation import Parsed, Question

_UNANSWERABLE = re.compile(r"\W*unanswerable\b", re.IGNORECASE)


def parse(_question: Question, turns: tuple[str, ...]) -> Parsed:
    """The short answer in a model's last turn. `Unanswerable` is an answer, whatever reason follows it; silence is none."""
    answer = unlabelled(last_said(turns))
    return Parsed(answer=answer) if answer else Parsed(faults=("nothing_said",))


def is_unanswerable(answer: str) -> bool:
    """Whether an answer says, by EgoTextVQA's convention, that the video does not show what is needed."""
    return _UNANSWERABLE.match(answer) is not None
