"""avh_object: objects that are listed, and objects of such a place that nothing names."""

from typing import Any

from scripted_models.presence import is_mentioned, questions
from scripted_models.reading import Evidence
from scripted_models.wording import a

WORDINGS = ("Can {it} be seen {where}?", "Does the camera wearer come across {it} {where}?", "Is there {it} to be found {where}?")
ELSEWHERE = (
    "wooden spoon",
    "toy car",
    "pair of scissors",
    "paper cup",
    "bunch of keys",
    "flower pot",
    "screwdriver",
    "tape measure",
    "sponge",
)


def answer(page: Evidence) -> dict[str, Any]:
    """An `AvhObjectReply`."""
    nowhere = [each for each in ELSEWHERE if not is_mentioned(page, each.split()[-1])]
    return questions(page, page.things, nowhere, WORDINGS, a)
