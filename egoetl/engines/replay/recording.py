"""A recording: one file with everything that models said in a build, found by the requests' content keys.

JSON lines in zstd. The first line is the header, each other one a reply, in the order of the keys; equal builds give equal bytes.
It holds no message, picture, sound, address, path or key of an endpoint, and nothing that depends on clocks or on what a server
had in its cache: no seconds, tries or cached tokens.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

import pydantic
from zstandard import ZstdCompressor, ZstdDecompressor, ZstdError

from egoetl.core.content_key import canonical_json
from egoetl.core.errors import ConfigError
from egoetl.core.exchanges import Exchange
from egoetl.core.models import FramePolicy, ModelSpec
from egoetl.core.ports import Reply, ReplyStatus
from egoetl.core.records import Record

FORMAT = 1
LEVEL = 19
"""A recording is written once and shipped."""
SAMPLE = Path(__file__).parent / "sample"
"""A small build that ships with egoetl: its footage, and the recording of it."""
SAMPLE_RECORDING = SAMPLE / "recording.jsonl.zst"
TRANSIENT: frozenset[ReplyStatus] = frozenset({"timed_out", "server_error"})
"""What says nothing of the model: it is not recorded."""
_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+|\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b", re.IGNORECASE)


class RecordedModel(Record):
    """A model that answered for a role, as far as content keys know it."""

    model: str
    revision: str
    look: FramePolicy | None = None

    @property
    def identity(self) -> str:
        """`id@revision`."""
        return f"{self.model}@{self.revision}"

    @property
    def spec(self) -> ModelSpec:
        """The model as the runner asks for it; nobody can reach it."""
        return ModelSpec(name=self.identity, model=self.model, revision=self.revision, look=self.look)


class Header(Record):
    """Which build was recorded."""

    format: Literal[1] = FORMAT
    recipe: str
    settings: dict[str, str]
    """The build's settings, without those that bind roles."""
    roles: dict[str, RecordedModel | None]
    """Who answered for each role; None: the measured engine, which answers again."""
    decoder: str
    """The build of the decoder, which keys depend on."""
    licence: str
    """What may be done with it."""


class RecordedReply(Record):
    """A reply as its engine gave it, and the request that it answered."""

    request: str
    """`Request.key`."""
    task: str
    unit: str
    status: ReplyStatus
    text: str
    thinking: str = ""
    detail: str = ""
    finish_reason: str | None = None
    answered_by: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None

    @classmethod
    def of(cls, exchange: Exchange) -> "RecordedReply":
        """The part of an exchange that is the same on every machine."""
        return cls(
            request=exchange.request,
            task=exchange.task,
            unit=exchange.unit_id,
            status=exchange.answered,
            text=exchange.text,
            thinking=exchange.thinking,
            # Where it is no answer, a server's own words may stand here.
            detail=_ADDRESS.sub("[address]", exchange.detail) if exchange.answered != "ok" else "",
            finish_reason=exchange.finish_reason,
            answered_by=exchange.answered_by,
            prompt_tokens=exchange.prompt_tokens,
            completion_tokens=exchange.completion_tokens,
        )

    @property
    def reply(self) -> Reply:
        """The reply, which took no time."""
        said = self.model_dump(include={"status", "text", "thinking", "detail", "finish_reason", "prompt_tokens", "completion_tokens"})
        return Reply(seconds=0.0, model=self.answered_by, **said)


class Recording(NamedTuple):
    """A recording in memory."""

    header: Header
    replies: Mapping[str, RecordedReply]
    """By request."""
    units: frozenset[tuple[str, str]]
    """Task and unit of each request."""


def write_recording(out: Path, header: Header, exchanges: Iterable[Exchange]) -> int:
    """Write a recording; of several exchanges of one request the last one counts. Returns how many replies it holds."""
    last = {each.request: each for each in exchanges if each.answered not in TRANSIENT}
    replies = [RecordedReply.of(last[key]) for key in sorted(last)]
    lines = "".join(canonical_json(each) + "\n" for each in (header, *replies))
    out.write_bytes(ZstdCompressor(level=LEVEL, write_checksum=True).compress(lines.encode()))
    return len(replies)


def read_recording(file: Path) -> Recording:
    """Read a recording, once as long as the file does not change.

    Raises ConfigError `recording_missing`, `recording_unreadable`, `recording_format_unknown`.
    """
    try:
        return _read(file, file.stat().st_mtime_ns)
    except OSError as error:
        raise ConfigError(
            f"The recording {file} cannot be read: {error.strerror}; let EGOETL_RECORDING name one that `egoetl build record` wrote.",
            reason="recording_missing",
        ) from error


@lru_cache(maxsize=2)
def _read(file: Path, _changed_ns: int) -> Recording:
    try:
        first, *others = ZstdDecompressor().decompress(file.read_bytes(), allow_extra_data=False).splitlines()
        header = _header(file, first)
        replies = [RecordedReply.model_validate_json(line) for line in others]
    except (ZstdError, ValueError):
        raise ConfigError(
            f"The recording {file} cannot be read: it is none, or was cut off; copy it again.", reason="recording_unreadable"
        ) from None
    return Recording(header, {each.request: each for each in replies}, frozenset((each.task, each.unit) for each in replies))


def _header(file: Path, line: bytes) -> Header:
    class Version(pydantic.BaseModel):
        format: int

    if (found := Version.model_validate_json(line).format) != FORMAT:
        raise ConfigError(
            f"The recording {file} has format {found}, and this release of egoetl reads {FORMAT}; record it again, or use another release.",
            reason="recording_format_unknown",
        )
    return Header.model_validate_json(line)
