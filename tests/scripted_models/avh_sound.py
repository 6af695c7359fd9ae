"""avh_sound: sounds that are listed, by name or by name and source, and sounds of such a place that nothing tells of."""

from typing import Any

from scripted_models.presence import is_mentioned, questions
from scripted_models.reading import Evidence, Told
from scripted_models.wording import a, one_of, the

WORDINGS = ("Is {it} to be heard {where}?", "Could a listener make out {it} {where}?", "Does {it} belong to what is heard {where}?")
ELSEWHERE = ("barking dog", "ringing telephone", "running water", "breaking glass", "squeaking door", "rustling paper")


def answer(page: Evidence) -> dict[str, Any]:
    """An `AvhSoundReply`."""
    nowhere = [each for each in ELSEWHERE if not any(is_mentioned(page, word[:5]) for word in each.split() if len(word) > 3)]
    return questions(page, map(_named, page.sounds), nowhere, WORDINGS, a)


def _named(sound: Told) -> str:
    if sound.source is None:
        return sound.text
    return one_of((sound.text, f"{sound.text} of {the(sound.source)}"), sound)
