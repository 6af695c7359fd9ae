"""What is true of each video: the shape of `truth.json`."""

from typing import Literal

from egoetl.core.records import PictureStream, Record, Sha256, Window
from egoetl.footage.script import Colour, Shape, SoundClass

Action = Literal["enters the view", "leaves the view", "moves left", "moves right", "moves up", "moves down"]


class TrueEvent(Window):
    """What a thing does in the world; the camera's own motion never makes an event."""

    object: str
    action: Action
    by: Literal["hand"] | None = None


class TrueSound(Window):
    """A sound, and the index of the event that it belongs to."""

    sound: SoundClass
    caused_by: int | None = None


class TrueObject(Record):
    """A thing, the writing on it, and when any part of it is in view."""

    name: str
    colour: Colour
    shape: Shape
    label: str
    visible: tuple[Window, ...]


class CameraStretch(Window):
    """How the head turns; the bobbing of a walk counts as still."""

    motion: Literal["still", "pans left", "pans right"]


class SoundTrack(Record):
    """The sound as it was written."""

    rate_hz: int
    channels: int
    samples: int


class VideoTruth(Record):
    """Everything about one video. Objects and sounds are listed in order of their beginning, as events are."""

    file: str
    sha256: Sha256
    split: str
    duration_ms: int
    frames: int
    picture: PictureStream
    sound_track: SoundTrack | None
    objects: tuple[TrueObject, ...]
    events: tuple[TrueEvent, ...]
    sounds: tuple[TrueSound, ...]
    camera: tuple[CameraStretch, ...]


class FootageTruth(Record):
    """`truth.json`: video ids to what is true of them, and the recipe that they were made by."""

    recipe: Sha256
    videos: dict[str, VideoTruth]
