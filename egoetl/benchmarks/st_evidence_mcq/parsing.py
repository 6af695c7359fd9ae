"""Answers of ST-Evidence's multiple choice: one option of a question, be it a text, stretches of time or a picture."""

from egoetl.benchmarks.said import last_said
from egoetl.core.evaluation import Parsed, Question
from egoetl.metrics.option_choice import option_choice


def options_of(question: Question) -> tuple[str, ...]:
    """The options' texts; those of pictures are empty."""
    return question.options or ("",) * len(question.pictures)


def parse(question: Question, turns: tuple[str, ...]) -> Parsed:
    """The option that was chosen, or the fault `no_option` or `two_options`. Never raises."""
    text = last_said(turns)
    index, reason = option_choice(text, options_of(question)) if text else (None, "no_option")
    return Parsed(faults=(reason,)) if index is None else Parsed(answer=text, choice=index)
