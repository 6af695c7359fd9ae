"""What a model is asked to answer with; seconds count from the start of the segment shown.

Every string, list and number is bounded, so that an answer ends, and every field is required, as strict structured output asks:
what is not there is null or an empty list. `PlainReply` alone asks for no schema: the request's limit of tokens ends it.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from egoetl.core.content_key import canonical_json
from egoetl.core.records import Name, Record

Seconds = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
"""What a thing or a sound is called."""
LONGEST_DESCRIPTION, LONGEST_NARRATION = 1_500, 2_400
"""Characters."""
Description = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_DESCRIPTION, strip_whitespace=True)]


class TimedReply(Record):
    """Something with a beginning and an end within the segment."""

    start_s: Seconds
    end_s: Seconds


class EventReply(TimedReply):
    """Something seen to happen."""

    object: Label
    action: Name


class SoundReply(TimedReply):
    """Something heard."""

    sound: Label


class VideoDescriptionReply(Record):
    """What the pictures show. `events` may be empty."""

    description: Description
    events: Annotated[tuple[EventReply, ...], Field(max_length=32)]


class SoundDescriptionReply(Record):
    """What is heard. `sounds` may be empty."""

    description: Description
    sounds: Annotated[tuple[SoundReply, ...], Field(max_length=32)]


class ObjectDescriptionReply(Record):
    """All visible objects, as a sentence and as names."""

    description: Description
    objects: Annotated[tuple[Label, ...], Field(max_length=64)]


class InteractionReply(TimedReply):
    """An object that is acted on, and the action; with an `actor` the action reads on from the actor."""

    object: Label
    action: Name
    actor: Label | None


class GroundedSoundReply(TimedReply):
    """A sound with its cause, where anything seen caused it."""

    sound: Label
    category: Literal["action", "object", "ambient"]
    source: Label | None
    grounding: Name | None


class ContextGraphReply(Record):
    """The multimodal context graph of a segment."""

    interacted_objects: Annotated[tuple[InteractionReply, ...], Field(max_length=32)]
    non_interacted_objects: Annotated[tuple[Label, ...], Field(max_length=64)]
    sounds: Annotated[tuple[GroundedSoundReply, ...], Field(max_length=32)]


class NarrationReply(Record):
    """One paragraph that joins what was seen and heard."""

    caption: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NARRATION, strip_whitespace=True)]


class PlainReply(Record):
    """Whatever the model says, as it says it: it is told no schema, and its reply is no JSON."""

    text: str


def written(reply: BaseModel) -> str:
    """The text in which a model gives this reply."""
    return reply.text if isinstance(reply, PlainReply) else canonical_json(reply)
