"""What stages exchange: frozen, validated values. Times are integer milliseconds of the source video, half-open."""

from abc import abstractmethod
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=8000, strip_whitespace=True)]
UnitKind = Literal["row", "clip", "segment", "qa"]


class Record(BaseModel):
    """A frozen value with no unknown fields; equal content gives equal JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Window(Record):
    """A half-open interval [start_ms, end_ms) of the source video."""

    start_ms: Annotated[int, Field(ge=0)]
    end_ms: Annotated[int, Field(gt=0)]

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.end_ms <= self.start_ms:
            raise ValueError(f"the window [{self.start_ms}, {self.end_ms}) ms is empty")
        return self

    @property
    def duration_ms(self) -> int:
        """Length in milliseconds."""
        return self.end_ms - self.start_ms


class PictureStream(Record):
    """The first video stream; `width` and `height` are as shown, upright. The average rate is `rate_num / rate_den` frames a second."""

    codec: str
    width: int
    height: int
    rate_num: int
    rate_den: int


class SoundStream(Record):
    """The first audio stream."""

    codec: str
    rate_hz: int
    channels: int


class Video(Record):
    """One source file, known by its bytes. `sound` is None for a file without an audio stream."""

    sha256: Sha256
    size_bytes: int
    duration_ms: int
    picture: PictureStream
    sound: SoundStream | None


class ManifestRow(Window):
    """One accepted line of the manifest: which window of which file. `row` is its line, the header being line 1.

    `narrations` is the address of what people wrote about the video, if anybody did; `sha256` is what its bytes are, where they
    were read before; `questions` is where a benchmark's questions about it lie: `PART#ROW`, a row of a part file of the store.
    """

    row: int
    video_id: Name
    uri: str
    split: Name
    narrations: str | None = None
    sha256: Sha256 | None = None
    questions: str | None = None


class UnitRecord(Window):
    """A record that is a unit of work itself: later stages run once for each."""

    kind: ClassVar[UnitKind]

    @property
    @abstractmethod
    def unit_id(self) -> str:
        """The id under which the ledger knows it."""

    @property
    def own_content(self) -> str | None:
        """What it is known by in the keys of what is made of it; None: by its id and the result that brought it into being."""
        return None

    def emitted(self) -> "tuple[UnitRecord, ...]":
        """The units that a result of this type brings into being: itself."""
        return (self,)


class Clip(UnitRecord):
    """A window of a video: the unit that QA pairs are made for. The id says nothing of file names."""

    kind = "clip"
    clip_id: str
    video: Video

    @property
    def unit_id(self) -> str:
        return self.clip_id


class Segment(UnitRecord):
    """One window of up to 10 s of a clip. `partial` marks the last, shorter one."""

    kind = "segment"
    segment_id: str
    index: int
    partial: bool

    @property
    def unit_id(self) -> str:
        return self.segment_id


class Artifact(Record):
    """Bytes in the store: `path` is relative to the store's root."""

    sha256: Sha256
    size_bytes: int
    path: str
    media_type: str


class ClipSound(Record):
    """The clip's sound, 16 kHz mono 16-bit FLAC, or None for a silent source."""

    sound: Artifact | None
    rate_hz: int
    samples: int


class SplitClip(Record):
    """A clip cut into windows of its source, with its sound extracted in one pass."""

    sound: ClipSound
    segments: tuple[Segment, ...]

    def emitted(self) -> tuple[Segment, ...]:
        """The segments, in time order."""
        return self.segments


class SampledClip(Record):
    """One Matroska file with the clip's sampled pictures and its sound, read by every later stage.

    Frame i shows the source at `frame_ms[i]`, the grid of every segment starting at its own start;
    `source_pts_ms[i]` is the presentation time of the source frame that was on screen then.
    Times in the container count from the clip's start.
    """

    container: Artifact
    width: int
    height: int
    frames_per_second: float
    frame_ms: tuple[int, ...]
    source_pts_ms: tuple[int, ...]
    has_sound: bool


class HumanNarration(Record):
    """What a person wrote about an instant of the video; `wearer` says that the camera wearer is who acts (`#C`)."""

    at_ms: Annotated[int, Field(ge=0)]
    text: Text
    wearer: bool


class HumanNarrations(Record):
    """What people wrote about a clip, by time; empty where nobody did."""

    narrations: tuple[HumanNarration, ...] = ()

    def within(self, window: Window) -> tuple[HumanNarration, ...]:
        """Those about instants of a window."""
        return tuple(each for each in self.narrations if window.start_ms <= each.at_ms < window.end_ms)


class VisibleEvent(Window):
    """Something seen to happen: an object and what it does or what is done to it."""

    object: Name
    action: Name


class HeardSound(Window):
    """Something heard, in words."""

    sound: Name


class Captions(Record):
    """The three descriptions of a segment; the timed evidence is empty for a model that gives words only."""

    video_description: Text
    sound_description: Text
    object_description: Text
    objects: tuple[Name, ...] = ()
    events: tuple[VisibleEvent, ...] = ()
    sounds: tuple[HeardSound, ...] = ()


class Interaction(Window):
    """An object that somebody or something acts on, and the action.

    Without an `actor` the action reads on from the object (`red ball`: `rolls left`), with one it reads on from the
    actor (`the camera wearer`: `lifts the red ball`).
    """

    object: Name
    action: Name
    actor: Name | None = None

    @property
    def text(self) -> str:
        """The event in words: `the red ball rolls left`, `the camera wearer lifts the red ball`."""
        if self.actor:
            return f"{self.actor} {self.action}"
        return f"{self.object if self.object.casefold().startswith('the ') else 'the ' + self.object} {self.action}"


class GroundedSound(Window):
    """A sound of the context graph: what caused it, if anything seen did, and of which kind it is."""

    sound: Name
    category: Literal["action", "object", "ambient"]
    source: Name | None = None
    grounding: Name | None = None


class ContextGraph(Record):
    """EgoAVU's multimodal context graph (mcg) of a segment."""

    interacted_objects: tuple[Interaction, ...] = ()
    non_interacted_objects: tuple[Name, ...] = ()
    sounds: tuple[GroundedSound, ...] = ()


class Narration(Record):
    """The merged audio-visual narration of a segment."""

    av_narration: Text


class Gate(Record):
    """A record that only lets its unit pass: what depends on it exists no more where it was dropped, and has no part of its key."""


class Diversity(Gate):
    """How varied the words of a clip's narrations are: their moving-average type-token ratio over `tokens` tokens."""

    mattr: Annotated[float, Field(ge=0, le=1)]
    tokens: int


class QAPair(UnitRecord):
    """A question and its answer. The window is the stretch of source video that the question is about.

    `variant` is the task's own subtype (Factual, before ...); `about` names what the question asks about in the
    evidence's own words, for verification; `evidence` are ids of the segments it was made from.
    """

    kind = "qa"
    qa_id: str
    task: Name
    question: Text
    answer: Text
    variant: Name | None = None
    about: Text | None = None
    options: tuple[Text, ...] = ()
    evidence: tuple[str, ...] = ()

    @property
    def unit_id(self) -> str:
        return self.qa_id


class QAPairs(Record):
    """What one QA task made of one unit; empty where the evidence asks for no question."""

    pairs: tuple[QAPair, ...]

    def emitted(self) -> tuple[QAPair, ...]:
        """The pairs."""
        return self.pairs


class Verdict(Record):
    """The rules that an accepted pair passed."""

    passed: tuple[str, ...]


class Drop(Record):
    """A filter said no: a success with a reason code, never an error."""

    reason: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    detail: str = ""
