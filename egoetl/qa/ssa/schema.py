"""What a model is asked to answer with: the sounds, typed. The sentences are put together from them, so no count can be wrong."""

from typing import Annotated, Literal

from pydantic import Field

from egoetl.core.records import Name, Record
from egoetl.core.replies import Label

MOST_SOUNDS = 24
"""An answer on more sounds than these is a list that nobody could give by ear."""
# fmt: off
Quality = Literal[
    "bright", "brief", "buzzing", "clattering", "continuous", "crackling", "deep", "distant", "dull", "faint", "fluctuating",
    "gentle", "grating", "harsh", "high", "hissing", "hollow", "humming", "loud", "low", "melodic", "metallic", "muffled", "noisy",
    "percussive", "quiet", "rattling", "repeated", "resonant", "rhythmic", "ringing", "rough", "rumbling", "rustling", "sharp",
    "shrill", "soft", "squeaking", "steady", "sudden", "tonal", "voiced", "watery", "wooden",
]
# fmt: on
"""How a sound sounds. None of these words names a thing."""


class AssociatedSound(Record):
    """A sound of the context graph, what makes it and at which event, and how it sounds."""

    sound: Label
    source: Label | None
    cause: Name | None
    qualities: Annotated[tuple[Quality, ...], Field(min_length=1, max_length=3)]


class SsaReply(Record):
    """Every distinct sound, in order of appearance; none where nothing is heard."""

    sounds: Annotated[tuple[AssociatedSound, ...], Field(max_length=MOST_SOUNDS)]
