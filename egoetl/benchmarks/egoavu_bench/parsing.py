"""What a model's answer to a question of EgoAVU-Bench says: yes or no, an option, or a text."""

from typing import NamedTuple

from egoetl.benchmarks.measuring import group_of
from egoetl.benchmarks.options import choice_of, split_options
from egoetl.benchmarks.said import last_said
from egoetl.core.evaluation import Parsed, Question
from egoetl.metrics.option_choice import LETTERS, option_choice
from egoetl.metrics.yes_no import yes_or_no

_UNKNOWN = ("",) * len(LETTERS)


class Offered(NamedTuple):
    """The options of a question and the right one; texts are empty where only their letters are known."""

    options: tuple[str, ...]
    right: int


def parse(question: Question, turns: tuple[str, ...]) -> Parsed:
    """The answer in a model's last turn; faults are `nothing_said`, `options_unknown` and those of reading verdicts and options."""
    said = last_said(turns)
    if not said:
        return Parsed(faults=("nothing_said",))
    if group_of(question) == "avh":
        verdict = yes_or_no(said)
        return Parsed(answer=verdict.answer, faults=(verdict.reason,) if verdict.reason else ())
    if group_of(question) != "tr":
        return Parsed(answer=said)
    offered = offered_by(question)
    if offered is None:
        # A letter says nothing where nobody knows what it stands for.
        lettered = option_choice(said, _UNKNOWN)[0] is not None
        return Parsed(faults=("options_unknown",)) if lettered else Parsed(answer=said)
    choice, reason = option_choice(said, offered.options)
    if choice is None:
        return Parsed(faults=(reason,))
    return Parsed(answer=offered.options[choice] or LETTERS[choice], choice=choice)


def offered_by(question: Question) -> Offered | None:
    """What a TR question offers; None where it is to be answered in words.

    Questions of the published file have their options. In a file of predictions these may stand in the question, or there may be no
    more than the right one's letter.
    """
    reference = question.reference
    options = question.options or split_options(question.question).options
    right = choice_of(reference.answer, options) if reference.choice is None else reference.choice
    if 1 < len(options) <= len(LETTERS) and right is not None and right < len(options):
        return Offered(options, right)
    letter = reference.answer.strip("(). ")
    return Offered(_UNKNOWN, LETTERS.index(letter)) if len(letter) == 1 and letter in LETTERS else None
