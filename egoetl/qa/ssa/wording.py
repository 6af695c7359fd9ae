"""The words of questions and answers: the same for every model, so that an answer can be held against the evidence."""

from collections.abc import Sequence

from egoetl.algorithms.phrasing import listed, sentence
from egoetl.algorithms.wording import mentions
from egoetl.qa.soundscape import of_source
from egoetl.qa.ssa.schema import AssociatedSound

QUESTIONS = (
    "Which sounds can be heard {where}, and what makes each of them?",
    "Name every sound that is heard {where}, say where it comes from, and describe it.",
    "What is there to hear {where}? Say for each sound what causes it.",
    "How many different sounds are there {where}, what is behind each of them, and what are they like?",
)
SILENCE = "No significant sound can be heard."
UNEXPLAINED = "with nothing in view to explain it"
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def answer_of(sounds: Sequence[AssociatedSound]) -> str:
    """How many sounds there are, then a sentence on each; the one fixed sentence where there are none."""
    if not sounds:
        return SILENCE
    return " ".join(map(sentence, (count_of(len(sounds)), *map(_told, sounds))))


def count_of(sounds: int) -> str:
    """`there are three different sounds`, for at least one."""
    number = NUMBERS[sounds] if sounds < len(NUMBERS) else str(sounds)
    return f"there are {number} different sounds" if sounds > 1 else f"there is {number} sound"


def _told(sound: AssociatedSound) -> str:
    """`the dull knock of the red mug can be heard, low and brief, when the red mug meets the table`."""
    name = sound.sound if sound.source is None or mentions(sound.sound, sound.source) else of_source(sound.sound, sound.source)
    if not name.casefold().startswith(("the ", "a ", "an ")):
        name = f"the {name}"
    reason = f"when {sound.cause}" if sound.cause else "" if sound.source else UNEXPLAINED
    return ", ".join(part for part in (f"{name} can be heard", listed(sound.qualities), reason) if part)
