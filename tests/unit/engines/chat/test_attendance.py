"""A server that ignores pictures or sound is found out by its own count of tokens, before anything is made of its replies."""

import asyncio
from typing import Any

import pytest
from pydantic import BaseModel

from egoetl.core.errors import ConfigError
from egoetl.core.models import FramePolicy, ModelSpec
from egoetl.core.ports import Message, Reply, ReplyStatus, Request, Sampling
from egoetl.core.records import Drop
from egoetl.engines.chat.attendance import Attendance
from egoetl.engines.chat.content import Content, content_of
from egoetl.testing.scene import ArrayMedia, Scene

LOOK = FramePolicy(pictures="container", sound="interleaved", processor="qwen2.5-omni")
PICTURES, SOUND, TEXT = 1442, 252, 40


class Said(BaseModel):
    text: str


class CountingServer:
    """Counts the tokens of what it takes notice of: `pictures` and `sound` of a segment."""

    def __init__(self, pictures: int = PICTURES, sound: int = SOUND) -> None:
        self.pictures, self.sound = pictures, sound
        self.asked: list[tuple[int, bool]] = []

    async def ask(self, request: Request, content: Content) -> Reply:
        await asyncio.sleep(0)
        media = content.messages[-1]["content"][0]["type"] != "text"
        self.asked.append((request.sampling.max_tokens, media))
        heard = self.sound if content.fields.get("mm_processor_kwargs", {}).get("use_audio_in_video") else 0
        return Reply(status="truncated", text="", seconds=0.1, prompt_tokens=TEXT + (self.pictures + heard if media else 0))


class TroubledServer:
    """Answers what it is asked with media with a status."""

    def __init__(self, status: ReplyStatus, detail: str = "", text_tokens: int | None = TEXT) -> None:
        self.status, self.detail, self.text_tokens, self.asked = status, detail, text_tokens, 0

    async def ask(self, _request: Request, content: Content) -> Reply:
        self.asked += 1
        if content.fields:
            return Reply(status=self.status, text="", seconds=0.1, detail=self.detail)
        return Reply(status="truncated", text="", seconds=0.1, prompt_tokens=self.text_tokens)


@pytest.fixture(scope="module")
def media() -> ArrayMedia:
    return Scene().media()


def spec(look: FramePolicy | None = LOOK) -> ModelSpec:
    return ModelSpec(name="omni", model="omni", revision="1", endpoint="http://localhost/v1", look=look)


async def attend(attendance: Attendance, media: Any, look: FramePolicy | None = LOOK) -> Any:
    request = Request("caption", Drop(reason="none"), (Message(role="user", content="What?"),), media, Said, Sampling())  # type: ignore[arg-type] - the item is not looked at
    return await attendance.check(request, await content_of(request, look))


async def test_what_arrives_is_asked_about_once(media: ArrayMedia):
    server = CountingServer()
    attendance = Attendance(spec(), server.ask)
    await asyncio.gather(*(attend(attendance, media) for _ in range(8)))
    assert server.asked == [(1, True), (1, False)]
    silent = ArrayMedia(media.pictures, media.samples[:0], media.frame_ms, name="silent")
    await attend(attendance, silent)
    await attend(Attendance(spec(), server.ask, before=attendance), media)
    assert server.asked == [(1, True), (1, False)] * 2


@pytest.mark.parametrize(
    ("server", "reason", "words"),
    [
        (CountingServer(sound=0), "sound_not_heard", "made 1442 tokens instead of 1442 for 20 pictures and 252 for sound"),
        (CountingServer(pictures=0), "pictures_not_seen", "made 252 tokens instead of 1442 for 20 pictures"),
        (CountingServer(pictures=0, sound=0), "pictures_not_seen", "omni does not see"),
        (CountingServer(pictures=722), "media_miscounted", "it samples or scales again"),
        (CountingServer(pictures=PICTURES + 40), "media_miscounted", "1734 tokens"),
        (TroubledServer("server_error", "HTTP 400: At most 0 video(s)"), "media_rejected", r"At most 0 video\(s\)"),
    ],
)
async def test_what_does_not_arrive_is_said(media: ArrayMedia, server: Any, reason: str, words: str):
    attendance = Attendance(spec(), server.ask)
    for _ in range(2):
        with pytest.raises(ConfigError, match=words) as raised:
            await attend(attendance, media)
        assert raised.value.reason == reason


async def test_a_template_may_add_a_little(media: ArrayMedia):
    await attend(Attendance(spec(), CountingServer(pictures=PICTURES + 2).ask), media)


@pytest.mark.parametrize("status", ["server_error", "timed_out"])
async def test_trouble_is_the_failure_of_all_who_wait_and_is_asked_about_again(media: ArrayMedia, status: ReplyStatus):
    """A server that hangs costs each request one deadline."""
    server = TroubledServer(status, "HTTP 500: out of memory")
    attendance = Attendance(spec(), server.ask)
    failed = await asyncio.gather(*(attend(attendance, media) for _ in range(8)))
    assert [each.status for each in failed] == [status] * 8
    assert server.asked == 1
    assert (await attend(attendance, media)).status == status
    assert server.asked == 2


async def test_a_server_that_counts_no_tokens_is_asked_once(media: ArrayMedia):
    server = TroubledServer("ok", text_tokens=None)
    attendance = Attendance(spec(), server.ask)
    assert [await attend(attendance, media) for _ in range(2)] == [None, None]
    assert server.asked == 2


async def test_a_request_that_does_not_fit_says_nothing_of_the_others(media: ArrayMedia):
    server = TroubledServer("too_long")
    attendance = Attendance(spec(), server.ask)
    assert await asyncio.gather(*(attend(attendance, media) for _ in range(3))) == [None] * 3
    assert server.asked == 6


async def test_who_waits_outlives_who_asks(media: ArrayMedia):
    server, begun, go_on = CountingServer(), asyncio.Event(), asyncio.Event()

    async def ask(request: Request, content: Content) -> Reply:
        begun.set()
        await go_on.wait()
        return await server.ask(request, content)

    attendance = Attendance(spec(), ask)
    first, second = (asyncio.ensure_future(attend(attendance, media)) for _ in range(2))
    await begun.wait()
    first.cancel()
    go_on.set()
    assert await second is None
    assert server.asked == [(1, True), (1, False)]


async def test_nothing_is_asked_where_nothing_can_be_known(media: ArrayMedia):
    server = CountingServer()
    unknown = FramePolicy(sound="separate")
    await attend(Attendance(spec(unknown), server.ask), media, unknown)
    await attend(Attendance(spec(), server.ask), None)
    assert server.asked == []
