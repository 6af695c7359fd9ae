"""What a model's answer to a question of EgoAVU-Bench says: yes or no, an option, or a text."""

from egoetl.benchmarks.measuring import group_of
from egoetl.benchmarks.said import last_said
from egoetl.core.evaluation import Parsed, Question
from egoetl.metrics.option_choice import LETTERS, option_choice
from egoetl.metrics.yes_no import yes_or_no

_UNKNOWN_OPTIONS = ("",) * len(LETTERS)


def parse(question: Question, turns: tuple[str, ...]) -> Parsed:
    """The answer in a model's last turn; faults are `nothing_said` and the reasons of the readers of verdicts and options."""
    said = last_said(turns)
    if not said:
        return Parsed(faults=("nothing_said",))
    if group_of(question) == "avh":
        verdict = yes_or_no(said)
        return Parsed(answer=verdict.answer, faults=(verdict.reason,) if verdict.reason else ())
    if right_choice(question) is None:
        return Parsed(answer=said)
    options = question.options or _UNKNOWN_OPTIONS
    choice, reason = option_choice(said, options)
    if choice is None:
        return Parsed(faults=(reason,))
    return Parsed(answer=options[choice] or LETTERS[choice], choice=choice)


def right_choice(question: Question) -> int | None:
    """The option that is right; of a file of predictions that gives the letter without the options, the letter's place."""
    reference = question.reference
    letter = reference.answer.strip("(). ")
    if reference.choice is not None or question.options or group_of(question) != "tr" or len(letter) != 1:
        return reference.choice
    return LETTERS.index(letter) if letter in LETTERS else None
