"""What stages and the runner ask of the outside world. Adapters implement these; none of them is imported here."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from pydantic import BaseModel

from egoetl.core.items import Item
from egoetl.core.records import Artifact, Clip, Record, SampledClip, Segment, Video

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


T = TypeVar("T", bound=BaseModel)


class Kept(Record):
    """A path of a store, whole; `age_seconds` since it was written."""

    path: str
    size_bytes: int
    age_seconds: float


class Store(Protocol):
    """Immutable bytes by path. A path is whole or absent, is written once, and never changes."""

    def put_bytes(self, prefix: str, data: bytes, *, suffix: str, media_type: str) -> Artifact:
        """Keep `data` as `prefix/<sha[:2]>/<sha><suffix>`; keeping the same bytes again changes nothing."""
        ...

    def put_file(self, prefix: str, file: Path, *, suffix: str, media_type: str) -> Artifact:
        """Keep a local file the same way; the file itself stays."""
        ...

    def create(self, path: str, data: bytes) -> bool:
        """Write `path` if nothing is there yet. True if this call wrote it, False if it was there already."""
        ...

    def read(self, path: str) -> bytes:
        """The bytes at `path`. Raises DataError `artifact_missing`."""
        ...

    def local(self, artifact: Artifact) -> Path:
        """A local file that holds the artifact's bytes; it must not be changed."""
        ...

    def exists(self, path: str) -> bool:
        """Whether `path` is there, whole."""
        ...

    def paths(self, prefix: str = "") -> Iterable[str]:
        """All paths below a prefix, in order. Work in progress is never among them."""
        ...

    def listing(self, prefix: str = "") -> Iterable[Kept]:
        """What `paths` lists, with sizes and ages."""
        ...

    def unfinished(self, older_than_seconds: float, *, discard: bool) -> list[str]:
        """Names of writes that were begun longer ago and never ended; with `discard` they are gone afterwards."""
        ...

    def delete(self, path: str) -> None:
        """Remove a path; absent is fine. Only garbage collection and purge call this."""
        ...

    def url(self, path: str) -> str:
        """The address of a path for a person: file:///..., s3://..."""
        ...


class SampledMedia(Protocol):
    """The pictures and sound of one window of a sampled container."""

    @property
    def frame_ms(self) -> tuple[int, ...]:
        """Source time of each picture."""
        ...

    def frames(self) -> "NDArray[np.uint8]":
        """Pictures as (count, height, width, 3), RGB."""
        ...

    def sound(self) -> "tuple[NDArray[np.float32], int]":
        """Samples in [-1, 1] as (samples,), mono, and their rate in Hz; no samples for a silent source."""
        ...


class Media(Protocol):
    """Decoding. The only code that reads containers."""

    @property
    def decoder(self) -> str:
        """The build of the decoder, part of every key that depends on decoded bytes: `pyav-18.1.0`."""
        ...

    def probe(self, file: Path, *, sha256: str) -> Video:
        """Streams and duration. Raises DataError with a reason for each way in which a file can be bad."""
        ...

    def claimed_duration_ms(self, file: Path) -> int:
        """How long the file's header says that it plays, which `probe` does not believe; 0 if it says nothing."""
        ...

    def extract_sound(self, file: Path, start_ms: int, end_ms: int, out: Path, *, rate_hz: int) -> int:
        """Decode the window's sound once into a mono 16-bit FLAC; returns samples. A source without sound gives 0."""
        ...

    def sample(
        self, file: Path, start_ms: int, end_ms: int, sound: Path | None, out: Path, *, grid_ms: Sequence[int], max_side: int
    ) -> "SampledFrames":
        """Decode the window's pictures once and write the sampled container.

        Args:
            file: the source video.
            start_ms: start of the window in the source.
            end_ms: its end, exclusive.
            sound: the FLAC of the same window, which is muxed in unchanged.
            out: the container to write.
            grid_ms: source times to show; each takes the frame on screen then.
            max_side: longest side in pixels after scaling; never scaled up.
        """
        ...

    def open(self, container: Path, clip: SampledClip, clip_start_ms: int, start_ms: int, end_ms: int) -> SampledMedia:
        """The pictures and sound of [start_ms, end_ms) of the source, from a sampled container."""
        ...


class SampledFrames(Record):
    """What `Media.sample` wrote."""

    width: int
    height: int
    source_pts_ms: tuple[int, ...]


class Message(Record):
    """One turn of a conversation with a model."""

    role: Literal["system", "user", "assistant"]
    content: str


class Sampling(Record):
    """How a model draws its reply. `seed` is already specific to the request."""

    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int = 512
    seed: int = 0


class Request:
    """One question to a model role: a model reads the messages and media, the measured engine the record and the prompt's values."""

    __slots__ = ("item", "media", "messages", "sampling", "schema", "task", "values")

    def __init__(
        self,
        task: str,
        item: Item,
        messages: tuple[Message, ...],
        media: SampledMedia | None,
        schema: type[BaseModel],
        sampling: Sampling,
        values: Mapping[str, Any] | None = None,
    ) -> None:
        self.task = task
        self.item = item
        self.messages = messages
        self.media = media
        self.schema = schema
        self.sampling = sampling
        self.values: Mapping[str, Any] = values or {}


ReplyStatus = Literal["ok", "truncated", "refused", "empty", "off_schema", "timed_out", "server_error"]


class Reply(Record):
    """What came back. `text` is JSON of the request's schema when `status` is ok; tokens are None where nobody counted."""

    status: ReplyStatus
    text: str
    seconds: float
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    detail: str = ""


class Engine(Protocol):
    """Whoever answers requests for a model role."""

    @property
    def model(self) -> str:
        """`id@revision`, part of the content key."""
        ...

    async def ask(self, request: Request) -> Reply:
        """Answer one request. Troubles of the server are a status, never an exception and never text."""
        ...


class StageIO(Protocol):
    """What a stage may touch while it works on one unit."""

    @property
    def key(self) -> str:
        """The content key of the result being made."""
        ...

    @property
    def media(self) -> Media: ...

    @property
    def store(self) -> Store: ...

    def source(self, uri: str) -> Path:
        """A local file with the bytes of a manifest uri. Raises DataError `video_missing` or `path_escapes_root`."""
        ...

    def source_of(self, video: Video) -> Path:
        """A local file with the bytes of a registered video."""
        ...

    def narrations_of(self, clip: Clip) -> Path | None:
        """A local file with what people wrote about the clip, or None. Raises DataError as `source` does."""
        ...

    def workspace(self) -> Path:
        """An empty folder for this unit's files, gone when the unit ends."""
        ...

    async def ask(self, role: str, task: str, prompt: str, schema: type[T], item: Item, *, look: Segment | None = None, **values: Any) -> T:
        """Ask the model bound to `role` and return its validated reply.

        Args:
            role: one of the stage's roles.
            task: what is asked, the name under which the measured engine answers.
            prompt: one of the stage's prompts; rendered with `item` and `values`.
            schema: the reply's shape.
            item: the typed record that the request is about.
            look: the segment whose pictures and sound go along, if any.
            values: further values for the template.

        Raises:
            DataError: the reply was truncated, refused, empty or off-schema (`reply_<status>`).
            TryAgainError: the server failed or timed out.
        """
        ...
