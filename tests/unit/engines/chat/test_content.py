"""What a request becomes on the wire, by policy."""

import asyncio
import io
from base64 import b64decode
from dataclasses import replace
from threading import Barrier
from typing import Any

import av
import numpy as np
import pytest
from pydantic import BaseModel, ValidationError
from simplejpeg import decode_jpeg_header

from egoetl.core.errors import ConfigError, DataError
from egoetl.core.models import FramePolicy
from egoetl.core.ports import Message, Request, Sampling
from egoetl.core.records import Drop, Window
from egoetl.engines.chat.content import Content, content_of
from egoetl.engines.chat.media_cache import MediaCache
from egoetl.engines.chat.media_parts import MediaParts, media_parts
from egoetl.testing.scene import ArrayMedia, Scene

CONTAINER = FramePolicy(pictures="container", sound="interleaved", processor="qwen2.5-omni")
FRAMES = FramePolicy(pictures="frames", processor="qwen2.5-vl")
IMAGES = FramePolicy(fps=1.0, sound="separate")


class Said(BaseModel):
    text: str


class Short(ArrayMedia):
    """A window of 20 ms."""

    @property
    def window(self) -> Window:
        return Window(start_ms=self.frame_ms[0], end_ms=self.frame_ms[0] + 20)


@pytest.fixture(scope="module")
def media() -> ArrayMedia:
    return replace(Scene().media(), name="content")


def request(media: ArrayMedia | None, *more: Message) -> Request:
    messages = (Message(role="system", content="You see."), Message(role="user", content="What?"), *more)
    return Request("caption", Drop(reason="none"), messages, media, Said, Sampling())  # type: ignore[arg-type] - the item is not looked at


def parts_of(content: Content) -> list[dict[str, Any]]:
    return content.messages[1]["content"]


def data_of(part: dict[str, Any]) -> tuple[str, bytes]:
    head, _, data = part["video_url"]["url"].partition(",")
    return head, b64decode(data)


async def test_a_request_without_media_is_its_text(media: ArrayMedia):
    assert await content_of(request(None), IMAGES) == Content(
        [{"role": "system", "content": "You see."}, {"role": "user", "content": "What?"}], {}
    )


async def test_a_model_that_reads_text_only_is_refused(media: ArrayMedia):
    with pytest.raises(ConfigError, match="the model reads text only") as raised:
        await content_of(request(media), None)
    assert raised.value.reason == "model_cannot_look"


async def test_images_stand_with_their_times_before_sound_and_text(media: ArrayMedia):
    content = await content_of(request(media), IMAGES)
    parts = parts_of(content)
    assert [each["type"] for each in parts] == ["text", "image_url"] * 10 + ["input_audio", "text"]
    assert [each["text"] for each in parts[:20:2]] == [f"{second}.00 s" for second in range(10)]
    assert parts[-1] == {"type": "text", "text": "What?"}
    jpeg = b64decode(parts[1]["image_url"]["url"].removeprefix("data:image/jpeg;base64,"))
    assert decode_jpeg_header(jpeg)[:2] == (252, 448)
    assert parts[-2]["input_audio"] == {"format": "wav", "data": parts[-2]["input_audio"]["data"]}
    assert b64decode(parts[-2]["input_audio"]["data"]) == media.wav()
    assert content.fields == {}


async def test_frames_are_one_video_of_jpegs_whose_rate_the_server_is_told(media: ArrayMedia):
    content = await content_of(request(media), FRAMES)
    video, text = parts_of(content)
    head, _, frames = video["video_url"]["url"].partition(",")
    assert (head, text["type"]) == ("data:video/jpeg;base64", "text")
    assert [b64decode(frame) for frame in frames.split(",")] == list(media.jpegs(media.frame_ms[::2], 448, 252))
    assert content.fields == {
        "media_io_kwargs": {"video": {"num_frames": -1, "fps": 2.0}},
        "mm_processor_kwargs": {"size": {"shortest_edge": 100352, "longest_edge": 200704}},
    }


@pytest.mark.parametrize("fps", [1.0, 2.0, 4.0])
async def test_a_container_holds_pictures_and_the_sound_of_the_same_time(media: ArrayMedia, fps: float):
    look = CONTAINER.model_copy(update={"fps": fps, "max_frames": 40})
    content = await content_of(request(media), look)
    head, made = data_of(parts_of(content)[0])
    assert head == "data:video/mp4;base64"
    with av.open(io.BytesIO(made)) as container:
        assert container.streams.video[0].frames == 10 * fps
        assert container.streams.video[0].average_rate == fps
    with av.open(io.BytesIO(made)) as container:
        assert sum(frame.samples for frame in container.decode(audio=0)) == 160_000
    assert content.fields["media_io_kwargs"] == {"video": {"num_frames": -1, "fps": fps}}
    assert content.fields["mm_processor_kwargs"] == {
        "size": {"shortest_edge": 100352, "longest_edge": 200704},
        "fps": fps,
        "second_per_grid_ts": [2 / fps],
        "use_audio_in_video": True,
    }


async def test_an_odd_number_of_pictures_is_made_even_in_a_container(media: ArrayMedia):
    short = replace(media, frame_ms=media.frame_ms[:5], name="odd")
    _, made = data_of(parts_of(await content_of(request(short), CONTAINER))[0])
    with av.open(io.BytesIO(made)) as container:
        assert container.streams.video[0].frames == 4


@pytest.mark.parametrize("look", [CONTAINER, FRAMES, IMAGES])
async def test_a_segment_of_one_picture(media: ArrayMedia, look: FramePolicy):
    one = replace(media, frame_ms=media.frame_ms[:1], name="one")
    assert parts_of(await content_of(request(one), look))[-1]["text"] == "What?"


@pytest.mark.parametrize("look", [CONTAINER, IMAGES, CONTAINER.model_copy(update={"sound": "separate"})])
@pytest.mark.parametrize("samples", [0, 320])
def test_where_there_is_no_sound_none_is_asked_for(media: ArrayMedia, look: FramePolicy, samples: int):
    """320 samples are less than a token: a server refuses them."""
    silent = Short(media.pictures, np.zeros(samples, np.float32), media.frame_ms[:1])
    made = media_parts(silent, look)
    assert "input_audio" not in [each["type"] for each in made.parts]
    assert "use_audio_in_video" not in made.fields.get("mm_processor_kwargs", {})


async def test_the_name_of_a_container_is_that_of_its_bytes_and_fields(media: ArrayMedia):
    first = parts_of(await content_of(request(media), CONTAINER))[0]["uuid"]
    louder = replace(media, samples=media.samples / 2, name="louder")
    others = [
        parts_of(await content_of(request(louder), CONTAINER))[0]["uuid"],
        parts_of(await content_of(request(media), CONTAINER.model_copy(update={"fps": 1.0})))[0]["uuid"],
    ]
    assert len({first, *others}) == 3
    again = replace(media, name="the same under another name")
    assert parts_of(await content_of(request(again), CONTAINER))[0]["uuid"] == first


async def test_a_corrective_turn_comes_after_and_shares_the_prefix(media: ArrayMedia):
    first = await content_of(request(media), FRAMES)
    turns = (Message(role="assistant", content="{"), Message(role="user", content="Say it again."))
    second = await content_of(request(media, *turns), FRAMES)
    assert second.messages[:2] == first.messages
    assert [each["content"] for each in second.messages[2:]] == ["{", "Say it again."]


async def test_too_slow_for_interleaved_sound(media: ArrayMedia):
    with pytest.raises(ConfigError, match=r"with 0.4 pictures a second, only from 1 on; raise `look.fps` or `look.max_frames`") as raised:
        await content_of(request(media), CONTAINER.model_copy(update={"max_frames": 4}))
    assert raised.value.reason == "look_too_slow"


async def test_three_captions_encode_once(media: ArrayMedia):
    counted = replace(media, name="counted")
    calls: list[int] = []
    jpegs = counted.jpegs
    counted.jpegs = lambda *args: calls.append(1) or jpegs(*args)  # type: ignore[method-assign] - calls are counted
    contents = await asyncio.gather(*(content_of(request(counted), FRAMES) for _ in range(3)))
    assert len(calls) == 1
    assert contents[0] == contents[1] == contents[2]
    await content_of(request(counted), FRAMES.model_copy(update={"fps": 1.0}))
    assert len(calls) == 2


def parts(size_bytes: int) -> MediaParts:
    return MediaParts([], {}, size_bytes)


async def test_the_cache_forgets_the_oldest_beyond_its_bytes():
    cache, made = MediaCache(most_bytes=100), list[str]()

    def make(name: str) -> MediaParts:
        made.append(name)
        return parts(40)

    for name in ("a", "b", "a", "c", "a", "b"):
        await cache.of(name, lambda name=name: make(name))
    assert made == ["a", "b", "c", "b"]


async def test_a_failure_is_everybodys_and_is_not_kept():
    cache, free = MediaCache(100), Barrier(2)

    def fail() -> MediaParts:
        free.wait()
        raise DataError("The container is damaged.", reason="sampled_corrupt")

    both = [asyncio.ensure_future(cache.of("a", fail)) for _ in range(2)]
    await asyncio.sleep(0)
    await asyncio.to_thread(free.wait)
    assert [type(each) for each in await asyncio.gather(*both, return_exceptions=True)] == [DataError, DataError]
    assert await cache.of("a", lambda: parts(1)) == parts(1)


async def test_who_waits_outlives_who_encodes():
    cache, free = MediaCache(100), Barrier(2)

    def make() -> MediaParts:
        free.wait()
        return parts(7)

    first = asyncio.ensure_future(cache.of("a", make))
    await asyncio.sleep(0)
    second = asyncio.ensure_future(cache.of("a", make))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.to_thread(free.wait)
    assert await second == parts(7)
    with pytest.raises(asyncio.CancelledError):
        await first


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"sound": "interleaved"}, 'needs pictures = "container"'),
        ({"sound": "interleaved", "pictures": "container"}, "known to work for processor"),
        ({"sound": "interleaved", "pictures": "container", "processor": "qwen2.5-omni", "fps": 0.5}, "fps of at least 1, not 0.5"),
        ({"sound": "separate", "processor": "qwen2.5-vl"}, "hears nothing"),
        ({"min_pixels": 2000, "max_pixels": 1000}, "min_pixels = 2000 is more than max_pixels = 1000"),
    ],
)
def test_a_policy_that_cannot_work_is_refused(fields: dict[str, Any], words: str):
    with pytest.raises(ValidationError, match=words):
        FramePolicy(**fields)
