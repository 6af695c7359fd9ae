"""What a model is asked to answer with. Every string and list is bounded; seconds count from the start of the segment shown."""

from typing import Annotated, Literal

from pydantic import Field

from egoetl.core.records import Name, Record, Text

Seconds = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)]


class TimedReply(Record):
    """Something with a beginning and an end within the segment."""

    start_s: Seconds
    end_s: Seconds


class EventReply(TimedReply):
    """Something seen to happen."""

    object: Name
    action: Name


class SoundReply(TimedReply):
    """Something heard."""

    sound: Name


class VideoDescriptionReply(Record):
    """What the pictures show. `events` may be empty."""

    description: Text
    events: Annotated[tuple[EventReply, ...], Field(max_length=32)] = ()


class SoundDescriptionReply(Record):
    """What is heard. `sounds` may be empty."""

    description: Text
    sounds: Annotated[tuple[SoundReply, ...], Field(max_length=32)] = ()


class ObjectDescriptionReply(Record):
    """All visible objects, as a sentence and as names."""

    description: Text
    objects: Annotated[tuple[Name, ...], Field(max_length=64)] = ()


class InteractionReply(TimedReply):
    """An object that is acted on, and the action; with an `actor` the action reads on from the actor."""

    object: Name
    action: Name
    actor: Name | None = None


class GroundedSoundReply(TimedReply):
    """A sound with its cause, where anything seen caused it."""

    sound: Name
    category: Literal["action", "object", "ambient"]
    source: Name | None = None
    grounding: Name | None = None


class ContextGraphReply(Record):
    """The multimodal context graph of a segment."""

    interacted_objects: Annotated[tuple[InteractionReply, ...], Field(max_length=32)] = ()
    non_interacted_objects: Annotated[tuple[Name, ...], Field(max_length=64)] = ()
    sounds: Annotated[tuple[GroundedSoundReply, ...], Field(max_length=32)] = ()


class NarrationReply(Record):
    """One paragraph that joins what was seen and heard."""

    caption: Text
