"""The measured engine's answer: its classes of sound and how long each was, with what it linked them to."""

from typing import Any

from egoetl.core.ports import Request
from egoetl.core.records import GroundedSound
from egoetl.qa.scope import Scope
from egoetl.qa.soundscape import distinct_sounds

# What a class says of a sound, where its name does not say the same.
TIMBRES = {
    "impact sound": ("sudden", "percussive"),
    "speech-like sound": ("voiced", "fluctuating"),
}
# Milliseconds below which a sound is brief, and from which on it is continuous.
BRIEF_MS, CONTINUOUS_MS = 500, 3000


def answer(request: Request) -> dict[str, Any]:
    """An `SsaReply` for a scope with at most as many sounds as a reply holds."""
    scope: Scope = request.values["scope"]
    return {"sounds": [_associated(each) for each in distinct_sounds(scope.segments)]}


def _associated(sound: GroundedSound) -> dict[str, Any]:
    length = "brief" if sound.duration_ms < BRIEF_MS else "continuous" if sound.duration_ms >= CONTINUOUS_MS else "steady"
    timbre = TIMBRES.get(sound.sound, ())
    qualities = timbre if "fluctuating" in timbre and length == "steady" else (*timbre, length)
    return {"sound": sound.sound, "source": sound.source, "cause": sound.grounding, "qualities": qualities}
