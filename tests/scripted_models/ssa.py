"""ssa: every numbered sound with its source, its cause, and qualities from the list that is given."""

from collections.abc import Sequence
from typing import Any

from scripted_models.reading import Evidence, Told
from scripted_models.wording import in_any_order

TELLING = {
    "impact": ("brief", "percussive", "sudden"),
    "tonal": ("tonal", "steady", "ringing"),
    "noise": ("noisy", "rough", "continuous"),
    "speech": ("voiced", "fluctuating", "rhythmic"),
}
"""By a word of a sound's name, what follows from it."""
MOST = 3


def answer(page: Evidence) -> dict[str, Any]:
    """An `SsaReply`."""
    sounds = page.asked.listed("These are the different sounds of the whole stretch, in order of appearance:")
    allowed = page.asked.words(r"from this list only: ([^.]+)\.").split(", ")
    return {"sounds": [_told(each, allowed) for each in sounds]}


def _told(sound: Told, allowed: Sequence[str]) -> dict[str, Any]:
    named = [word for word in sound.text.split() if word in allowed]
    follows = [word for key, words in TELLING.items() if key in sound.text for word in in_any_order(words, sound) if word in allowed]
    qualities = list(dict.fromkeys((*named, *follows)))[: MOST - 1] or allowed[:1]
    return {"sound": sound.text, "source": sound.source, "cause": sound.cause, "qualities": qualities}
