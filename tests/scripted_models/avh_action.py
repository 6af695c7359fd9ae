"""avh_action: actions that are listed, and things done to listed objects that nothing tells of."""

from collections.abc import Iterator
from typing import Any

from scripted_models.presence import is_mentioned, questions
from scripted_models.reading import Evidence
from scripted_models.wording import the

WORDINGS = ("Is it true that {it} {where}?", "Does it ever happen {where} that {it}?", "Would a viewer see {where} how {it}?")
DONE = {
    "lift": "is lifted by the camera wearer",
    "turn": "is turned upside down by the camera wearer",
    "wip": "is wiped with a cloth by the camera wearer",
    "stack": "is stacked on another thing by the camera wearer",
    "open": "is opened by the camera wearer",
    "burst": "bursts",
    "shak": "is shaken by the camera wearer",
}
"""By the beginning of its verb, what could well be done to a thing."""


def answer(page: Evidence) -> dict[str, Any]:
    """An `AvhActionReply`."""
    return questions(page, (each.text for each in page.actions), _not_done(page), WORDINGS)


def _not_done(page: Evidence) -> Iterator[str]:
    for verb, done in DONE.items():
        if not is_mentioned(page, verb):
            yield from (f"{the(thing)} {done}" for thing in page.things)
