"""What stages and the runner ask of the outside world. Adapters implement these; none of them is imported here."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

from pydantic import BaseModel

from egoetl.core.content_key import sha256_of
from egoetl.core.evaluation import FrameLimits, Questions
from egoetl.core.items import Item
from egoetl.core.media_port import Media, SampledMedia
from egoetl.core.records import Artifact, Clip, Record, Video, Window
from egoetl.core.sources import MediaFile

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

    def read_range(self, path: str, start: int, length: int) -> bytes:
        """The bytes [start, start + length) of `path`, fewer where it ends before. Raises DataError `artifact_missing`."""
        ...

    def sha256(self, path: str) -> str:
        """The sha256 of the bytes that are at `path` now, all of them read. Raises DataError `artifact_missing`."""
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

    def link(self, path: str, seconds: int) -> str:
        """An address from which anybody who has it reads `path`, on S3 for that many seconds. It is a secret: never log it.

        Raises DataError `artifact_missing`.
        """
        ...


class FirstWrite(Record):
    """Which bytes may be written at an address: those of the writer who came first, `mine` if that is who asked."""

    sha256: str
    mine: bool


class FirstWrites(Protocol):
    """Remembers who writes an address first, for a store whose server cannot tell. Each call is one transaction."""

    def claim(self, url: str, sha256: str, *, void_after_seconds: float | None = None) -> FirstWrite:
        """Claim an address for bytes of this sha256, unless it is claimed; a claim older than `void_after_seconds` is void."""
        ...

    def forget(self, url: str) -> None:
        """Free an address whose bytes are gone; one that is not claimed is fine."""
        ...


class Message(Record):
    """One turn of a conversation with a model."""

    role: Literal["system", "user", "assistant"]
    content: str


def turns_of(said: tuple[tuple[str, str], ...]) -> tuple[Message, ...]:
    """Earlier turns of a dialogue, each a question and the reply to it, as messages."""
    return tuple(each for asked, answer in said for each in (_said("user", asked), _said("assistant", answer)))


def _said(role: Literal["user", "assistant"], content: str) -> Message:
    return Message(role=role, content=content)


class Sampling(Record):
    """How a model draws its reply. `seed` is already specific to the request."""

    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int = 512
    seed: int = 0


@cache
def _sha256_of_schema(schema: type[BaseModel]) -> str:
    """Once a schema: making one takes as long as a request."""
    return sha256_of(schema.model_json_schema())


class Request:
    """One question to a model role: a model reads the messages and media, the measured engine the record and the prompt's values.

    `unit_key` is the content key of the result that the request is made for, `unit_id` the unit's id. `stills` are pictures, PNG or
    JPEG, that the question is about, called A, B, C ... in it; they stand after its text, in the message at `question`: the last
    one of the user's as the question was first asked. `limits` say how much of the media is shown, in the place of the model's own
    policy.
    """

    __slots__ = (
        "_key", "item", "limits", "media", "messages", "question", "sampling", "schema", "stills", "task", "unit_id", "unit_key",
        "values",
    )  # fmt: skip

    def __init__(
        self,
        task: str,
        item: Item,
        messages: tuple[Message, ...],
        media: SampledMedia | None,
        schema: type[BaseModel],
        sampling: Sampling,
        values: Mapping[str, Any] | None = None,
        *,
        unit_id: str = "",
        unit_key: str = "",
        stills: tuple[bytes, ...] = (),
        question: int | None = None,
        limits: FrameLimits | None = None,
    ) -> None:
        self.task = task
        self.item = item
        self.messages = messages
        self.media = media
        self.schema = schema
        self.sampling = sampling
        self.values: Mapping[str, Any] = values or {}
        self.unit_id = unit_id
        self.unit_key = unit_key
        self.stills = stills
        self.question = _last_of_user(messages) if question is None else question
        self.limits = limits
        self._key: str | None = None

    @property
    def key(self) -> str:
        """The request's own content key. Model, media and inputs are in `unit_key`; another turn or limit makes another key."""
        if self._key is None:
            said = [each.model_dump() for each in self.messages]
            asked = {"task": self.task, "unit": self.unit_key, "messages": said, "sampling": self.sampling.model_dump()}
            shown = {"stills": [hashlib.sha256(each).hexdigest() for each in self.stills]} if self.stills else {}
            self._key = sha256_of({**asked, **shown, "schema": _sha256_of_schema(self.schema)})
        return self._key

    @property
    def name(self) -> str:
        """What the request is called in a server's log: task, unit and the beginning of its key."""
        return f"{self.task}/{self.unit_id}/{self.key[:12]}"

    def again(self, *messages: Message, sampling: Sampling | None = None) -> "Request":
        """The same question with further turns, or sampled otherwise."""
        return Request(
            self.task, self.item, (*self.messages, *messages), self.media, self.schema, sampling or self.sampling, self.values,
            unit_id=self.unit_id, unit_key=self.unit_key, stills=self.stills, question=self.question,
            limits=self.limits,
        )  # fmt: skip


def _last_of_user(messages: tuple[Message, ...]) -> int:
    """0 where the user says nothing."""
    return max((index for index, each in enumerate(messages) if each.role == "user"), default=0)


ReplyStatus = Literal[
    "ok", "repaired", "truncated", "refused", "empty", "off_schema", "too_long", "other_model", "timed_out", "server_error"
]
"""How a reply ended: `repaired` was off its schema and is right after one corrective turn, `too_long` is a request that does not
fit the model's context, `other_model` a reply that says it comes from another model than the one asked."""


class Reply(Record):
    """What came back. `text` is JSON of the request's schema when `status` is ok, and any text where that is `PlainReply`; tokens are
    None where nobody counted.
    """

    status: ReplyStatus
    text: str
    """The answer, without a block of thinking."""
    seconds: float
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None
    """Of the prompt's tokens, those that the server had computed already."""
    detail: str = ""
    """What is wrong, in words; never a secret."""
    finish_reason: str | None = None
    model: str | None = None
    """The model that the server says has answered."""
    thinking: str = ""
    """The block that was cut off."""
    tries: int = 1
    """How often the server was asked until this came."""


class Engine(Protocol):
    """Whoever answers requests for a model role. It may start when it is first asked, and is closed at the end."""

    @property
    def model(self) -> str:
        """`id@revision`, part of the content key."""
        ...

    @property
    def at_once(self) -> int:
        """How many requests are worth having in flight; 0: as many as the settings say."""
        ...

    @property
    def keeps_replies(self) -> bool:
        """Whether replies are kept as they came (`core.exchanges`): not those that anybody can work out from the records again."""
        ...

    async def ask(self, request: Request) -> Reply:
        """Answer one request. Troubles of the server are a status, never an exception and never text.

        Raises ConfigError where a person must act first: an unknown model, a refused key, a server that does not start.
        """
        ...

    async def close(self) -> None:
        """End connections and whatever was started; asking again starts anew."""
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

    def source(self, uri: str) -> MediaFile:
        """The file of a manifest uri. Raises DataError `video_missing` or `path_escapes_root`."""
        ...

    def sha256_of(self, uri: str) -> str:
        """The sha256 of that file's bytes. Raises as `source` does."""
        ...

    def source_of(self, video: Video) -> MediaFile:
        """A file with the bytes of a registered video. Raises DataError `video_changed` and as `source` does."""
        ...

    def narrations_of(self, clip: Clip) -> Path | None:
        """A local file with what people wrote about the clip, or None. Raises DataError as `source` does."""
        ...

    def questions_of(self, clip: Clip) -> Questions:
        """A benchmark's questions about the clip, none outside an evaluation. Raises DataError `artifact_missing` or `part_corrupt`."""
        ...

    def workspace(self) -> Path:
        """An empty folder for this unit's files, gone when the unit ends."""
        ...

    async def ask(
        self,
        role: str,
        task: str,
        prompt: str,
        schema: type[T],
        item: Item,
        *,
        look: Window | None = None,
        stills: tuple[bytes, ...] = (),
        said: tuple[tuple[str, str], ...] = (),
        limits: FrameLimits | None = None,
        **values: Any,
    ) -> T:
        """Ask the model bound to `role` and return its validated reply.

        Args:
            role: one of the stage's roles.
            task: what is asked, the name under which the measured engine answers.
            prompt: one of the stage's prompts; rendered with `item` and `values`.
            schema: the reply's shape; `PlainReply` for text that has none.
            item: the typed record that the request is about.
            look: the window whose pictures and sound go along, if any; the item has the sampled container that holds it.
            stills: pictures, PNG or JPEG, that follow the question, called A, B, C ...
            said: earlier turns of the dialogue, each the prompt as it was rendered and the reply to it. The media stand in the first
                turn, the system message is that of `prompt`.
            limits: how much of the window is shown, in the place of what the model's own policy says of it.
            values: further values for the template.

        Raises DataError or TryAgainError `reply_<status>`: the reply is no answer, or the server failed or timed out.
        """
        ...
