"""A recording holds what models said, the same bytes for the same build, and nothing else."""

from pathlib import Path

import pytest
from pydantic import BaseModel
from zstandard import ZstdCompressor, ZstdDecompressor

from egoetl.core.content_key import sha256_of
from egoetl.core.errors import ConfigError, DataError
from egoetl.core.exchanges import Exchange
from egoetl.core.models import FramePolicy
from egoetl.core.ports import Message, ReplyStatus, Request, Sampling
from egoetl.core.records import Record
from egoetl.engines.replay.engine import ReplayEngine
from egoetl.engines.replay.recording import Header, RecordedModel, read_recording, write_recording

WRITER = RecordedModel(model="acme/writer", revision="abc", look=FramePolicy())
HEADER = Header(
    recipe="egoavu", settings={"seed": "7"}, roles={"text": WRITER, "omni": None}, decoder="pyav-1", licence="The model's licence says."
)


class Shape(BaseModel):
    """Any."""


class Item(Record):
    """Any."""


def request(unit: str, said: str = "Say it.") -> Request:
    return Request("mcg", Item(), (Message(role="user", content=said),), None, Shape, Sampling(), unit_id=unit, unit_key=sha256_of(unit))


def exchange(asked: Request, text: str = "{}", status: ReplyStatus = "ok", **more: object) -> Exchange:
    said = {"status": status, "answered": status, "text": text, "seconds": 1.5, "tries": 2, "cached_tokens": 9}
    where = {"stage": "mcg", "unit_kind": "segment", "ordinal": 0, "role": "text", "task": asked.task, "model": WRITER.identity, "turn": 0}
    return Exchange.model_validate({"unit_id": asked.unit_id, "request": asked.key, **said, **where, **more})


def engine(file: Path) -> ReplayEngine:
    return ReplayEngine(WRITER.identity, lambda: read_recording(file))


async def test_what_was_said_is_said_again_and_takes_no_time(tmp_path: Path) -> None:
    file, asked = tmp_path / "recording", request("a")
    said = exchange(
        asked, '{"a": 1}', thinking="Hm.", finish_reason="stop", answered_by="acme/writer", prompt_tokens=5, completion_tokens=3
    )
    assert write_recording(file, HEADER, [said]) == 1
    assert read_recording(file).header == HEADER
    replies = engine(file)
    assert (replies.model, replies.keeps_replies) == ("acme/writer@abc", True)
    reply = await replies.ask(asked)
    assert (reply.status, reply.text, reply.thinking, reply.finish_reason, reply.model) == ("ok", '{"a": 1}', "Hm.", "stop", "acme/writer")
    assert (reply.prompt_tokens, reply.completion_tokens, reply.cached_tokens) == (5, 3, None)
    assert (reply.seconds, reply.tries) == (0.0, 1)


@pytest.mark.parametrize("status", ["truncated", "refused", "empty", "off_schema", "too_long"])
async def test_a_bad_reply_is_bad_again(tmp_path: Path, status: ReplyStatus) -> None:
    file, asked = tmp_path / "recording", request("a")
    write_recording(file, HEADER, [exchange(asked, "half an ans", status)])
    reply = await engine(file).ask(asked)
    assert (reply.status, reply.text) == (status, "half an ans")


def test_order_and_clocks_leave_no_trace(tmp_path: Path) -> None:
    asked = [request(unit) for unit in "abc"]
    one, other = tmp_path / "one", tmp_path / "other"
    write_recording(one, HEADER, [exchange(each) for each in asked])
    write_recording(other, HEADER, [exchange(each, seconds=9.0, tries=1, cached_tokens=None) for each in reversed(asked)])
    assert one.read_bytes() == other.read_bytes()


async def test_of_several_replies_to_one_request_the_last_counts_and_troubles_of_a_server_do_not(tmp_path: Path) -> None:
    file, asked = tmp_path / "recording", request("a")
    said = [exchange(asked, "first"), exchange(asked, "last"), exchange(asked, "", "timed_out"), exchange(request("b"), "", "server_error")]
    assert write_recording(file, HEADER, said) == 1
    assert (await engine(file).ask(asked)).text == "last"


def test_no_address_is_in_it(tmp_path: Path) -> None:
    file = tmp_path / "recording"
    words = "https://user:secret@models.example.org/v1 and 10.1.2.3:8000 say: the context is 2048 tokens"
    write_recording(file, HEADER, [exchange(request("a"), "", "too_long", detail=words)])
    content = ZstdDecompressor().decompress(file.read_bytes()).decode()
    assert "[address] and [address] say: the context is 2048 tokens" in content
    assert "secret" not in content


async def test_a_request_without_recording_says_why(tmp_path: Path) -> None:
    file = tmp_path / "recording"
    write_recording(file, HEADER, [exchange(request("a"))])
    with pytest.raises(DataError, match=r"The recording has mcg of a, but for another request: its prompt, parameters") as changed:
        await engine(file).ask(request("a", "Say it otherwise."))
    with pytest.raises(DataError, match=r"The recording has no mcg of b: the recorded build did not ask it") as unknown:
        await engine(file).ask(request("b"))
    assert {changed.value.reason, unknown.value.reason} == {"not_recorded"}


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20])


def newer(file: Path) -> None:
    file.write_bytes(ZstdCompressor().compress(b'{"format": 2, "more": "things"}\n'))


def remove(file: Path) -> None:
    file.unlink()


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (cut, "recording_unreadable"),
        (newer, "recording_format_unknown"),
        (remove, "recording_missing"),
        (lambda file: file.write_bytes(b"no zstd"), "recording_unreadable"),
        (lambda file: file.write_bytes(ZstdCompressor().compress(b"no json\n")), "recording_unreadable"),
        (lambda file: file.write_bytes(ZstdCompressor().compress(b"")), "recording_unreadable"),
    ],
)
def test_a_file_that_is_no_recording_says_so(tmp_path: Path, damage: object, reason: str) -> None:
    file = tmp_path / "recording"
    write_recording(file, HEADER, [exchange(request(str(number))) for number in range(50)])
    assert callable(damage)
    damage(file)
    with pytest.raises(ConfigError, match=r"recording .*/recording") as refused:
        read_recording(file)
    assert refused.value.reason == reason
