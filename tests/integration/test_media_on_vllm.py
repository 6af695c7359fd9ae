"""What a real server makes of a segment: by every policy and rate the tokens that the arithmetic says, heard and seen for sure."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from inference.servers import ModelServer
from openai import OpenAI
from pydantic import BaseModel, Field

from egoetl.algorithms.look_cost import segment_cost
from egoetl.core.errors import ConfigError
from egoetl.core.media_port import SampledMedia
from egoetl.core.models import FramePolicy, ModelSpec
from egoetl.core.ports import Message, Reply, Request, Sampling
from egoetl.core.records import Drop
from egoetl.engines.chat.attendance import Attendance
from egoetl.engines.chat.content import Content, content_of
from egoetl.engines.chat.engine import ChatEngine
from egoetl.media.encode import write_video
from egoetl.testing.decoding import decoded
from egoetl.testing.scene import ArrayMedia, Scene
from egoetl.testing.videos import SIZE, numbered, tones

pytestmark = [pytest.mark.slow, pytest.mark.needs("models")]
SMALL = {"min_pixels": 3136, "max_pixels": 112 * 112}
INTERLEAVED = FramePolicy(pictures="container", sound="interleaved", processor="qwen2.5-omni", max_frames=64, **SMALL)


class Said(BaseModel):
    text: str = Field(max_length=20)


@pytest.fixture(scope="module")
def segments(tmp_path_factory: pytest.TempPathFactory) -> list[SampledMedia]:
    """Of a video with sound: ten seconds, and the last 2.3 s."""
    work = tmp_path_factory.mktemp("segments")
    write_video(work / "a.mp4", numbered(369), size=SIZE, rate=Fraction(30), sound=tones(13, 16_000, 1)[: 123 * 1600], sound_rate=16_000)
    return [media for _, media in decoded(work / "a.mp4", work)]


@pytest.fixture(scope="module")
def scene() -> ArrayMedia:
    """Ten seconds with a tone that comes and goes."""
    beat = np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000) * 0.3
    return replace(Scene(sounds={1.0: beat, 4.0: beat}).media(), name="scene on vLLM")


def request(media: SampledMedia | None) -> Request:
    messages = (Message(role="system", content="You describe."), Message(role="user", content="What happens?"))
    return Request("caption", Drop(reason="none"), messages, media, Said, Sampling(max_tokens=64))  # type: ignore[arg-type] - the item is not looked at


def completion(server: ModelServer, content: Content, **more: Any) -> Any:
    with OpenAI(base_url=server.endpoint, api_key=server.api_key, max_retries=0) as client:
        asked: Any = content.messages
        return client.chat.completions.create(
            model=server.model, messages=asked, max_tokens=1, temperature=0, seed=1, extra_body=content.fields, **more
        )


def tokens(server: ModelServer, content: Content) -> int:
    return completion(server, content).usage.prompt_tokens


def without_media(content: Content) -> Content:
    messages = [dict(each) for each in content.messages]
    messages[1]["content"] = [part for part in messages[1]["content"] if part["type"] == "text"]
    return Content(messages, {})


async def check_tokens(server: ModelServer, look: FramePolicy, media: SampledMedia) -> None:
    content = await content_of(request(media), look)
    cost = segment_cost(look, *media.size, media.window.duration_ms, has_sound=media.has_sound)
    assert tokens(server, content) - tokens(server, without_media(content)) == cost.tokens


@pytest.mark.parametrize("fps", [1.0, 2.0, 4.0])
async def test_sound_is_interleaved_at_every_rate(omni_server: ModelServer, segments: Sequence[SampledMedia], fps: float) -> None:
    for media in segments:
        await check_tokens(omni_server, INTERLEAVED.model_copy(update={"fps": fps}), media)


@pytest.mark.parametrize(
    "changed",
    [
        {"sound": "none"},
        {"sound": "separate"},
        {"pictures": "frames", "sound": "separate"},
        {"pictures": "frames", "sound": "none", "fps": 4.0},
        {"pictures": "images", "sound": "separate", "fps": 1.0},
        {"max_frames": 10, "fps": 4.0},
        {"min_pixels": 100_352, "max_pixels": 200_704, "fps": 1.0},
    ],
)
async def test_every_other_policy(omni_server: ModelServer, segments: Sequence[SampledMedia], changed: dict[str, Any]) -> None:
    for media in segments:
        await check_tokens(omni_server, INTERLEAVED.model_copy(update=changed), media)


@pytest.mark.parametrize("pictures", ["container", "frames", "images"])
async def test_a_segment_of_one_picture_and_one_without_sound(omni_server: ModelServer, scene: ArrayMedia, pictures: Any) -> None:
    sound = "interleaved" if pictures == "container" else "separate"
    look = INTERLEAVED.model_copy(update={"pictures": pictures, "sound": sound})
    await check_tokens(omni_server, look, replace(scene, samples=scene.samples[:4000], frame_ms=scene.frame_ms[:1], name="one"))
    await check_tokens(omni_server, look, replace(scene, samples=scene.samples[:0], frame_ms=scene.frame_ms[:12], name="unheard"))


async def test_equal_sound_under_other_pictures(omni_server: ModelServer, scene: ArrayMedia) -> None:
    """The server keeps sound and pictures apart in its cache, and refuses a video of whose two it knows the sound alone."""
    silence = np.zeros_like(scene.samples)
    await check_tokens(omni_server, INTERLEAVED, replace(scene, samples=silence, name="silent"))
    await check_tokens(omni_server, INTERLEAVED, replace(scene, samples=silence, pictures=255 - scene.pictures, name="silent and dark"))
    dark = replace(scene, pictures=255 - scene.pictures, name="dark")
    nameless = await content_of(request(dark), INTERLEAVED)
    nameless.messages[1]["content"][0] = {key: value for key, value in nameless.messages[1]["content"][0].items() if key != "uuid"}
    assert tokens(omni_server, nameless) == tokens(omni_server, await content_of(request(dark), INTERLEAVED))


async def test_another_sound_is_another_prompt_and_equal_ones_are_equal(omni_server: ModelServer, scene: ArrayMedia) -> None:
    async def first_token(media: ArrayMedia, look: FramePolicy) -> dict[str, float]:
        said = completion(omni_server, await content_of(request(media), look), logprobs=True, top_logprobs=5)
        return {each.token: each.logprob for each in said.choices[0].logprobs.content[0].top_logprobs}

    noise = np.random.default_rng(1).standard_normal(scene.samples.size).astype(np.float32) * 0.2
    for look in (INTERLEAVED, INTERLEAVED.model_copy(update={"sound": "separate"})):
        first, again, other = [
            await first_token(media, look) for media in (scene, scene, replace(scene, samples=noise, name="noise on vLLM"))
        ]
        assert apart(first, other) > 10 * apart(first, again)
        assert apart(first, other) > 1e-6


def apart(one: dict[str, float], other: dict[str, float]) -> float:
    """The largest difference of a token's log-probability; of one that only one of them names, at least its rank's."""
    return max(abs(value - other.get(token, min(other.values()) - 1e-3)) for token, value in one.items())


@pytest.mark.parametrize("fps", [1.0, 2.0, 4.0])
async def test_a_model_that_only_sees(vl_server: ModelServer, segments: Sequence[SampledMedia], fps: float) -> None:
    look = FramePolicy(fps=fps, max_frames=64, pictures="frames", processor="qwen2.5-vl", **SMALL)
    for media in segments:
        await check_tokens(vl_server, look, media)


def spec(server: ModelServer, look: FramePolicy) -> ModelSpec:
    return ModelSpec(name="tiny", model=server.model, revision="1", endpoint=server.endpoint, look=look)


@asynccontextmanager
async def engine_of(server: ModelServer) -> AsyncIterator[ChatEngine]:
    engine = ChatEngine(spec(server, INTERLEAVED), secret=server.api_key)
    try:
        yield engine
    finally:
        await engine.close()


async def test_the_engine_asks_a_model_that_sees_and_hears(
    omni_server: ModelServer, segments: Sequence[SampledMedia], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        async with engine_of(omni_server) as engine:
            replies = [await engine.ask(request(media)) for media in segments]
    assert all(reply.status in ("ok", "truncated") for reply in replies), replies
    (said,) = [each.getMessage() for each in caplog.records if "sees and hears" in each.getMessage()]
    cost = segment_cost(INTERLEAVED, *segments[0].size, 10_000, has_sound=True)
    assert said == f"tiny sees and hears: a segment's media are {cost.tokens} tokens, {cost.tokens} expected."


def deaf(fields: dict[str, Any]) -> None:
    fields["mm_processor_kwargs"].pop("use_audio_in_video")


def sampling_again(fields: dict[str, Any]) -> None:
    fields["media_io_kwargs"]["video"]["fps"] = 1.0


@pytest.mark.parametrize(("spoil", "reason"), [(deaf, "sound_not_heard"), (sampling_again, "media_miscounted")])
async def test_a_server_that_ignores_what_it_is_told_is_found_out(
    omni_server: ModelServer, scene: ArrayMedia, spoil: Callable[[dict[str, Any]], None], reason: str
) -> None:
    async def ask(_request: Request, content: Content) -> Reply:
        fields = {key: {**value} for key, value in content.fields.items()}
        if fields:
            fields["media_io_kwargs"] = {"video": dict(fields["media_io_kwargs"]["video"])}
            spoil(fields)
        counted = tokens(omni_server, Content(content.messages, fields))
        return Reply(status="truncated", text="", seconds=0.0, prompt_tokens=counted)

    # Pictures of its own: what is cached under the name of a video must not be another test's.
    spoilt = replace(scene, pictures=scene.pictures[:, ::-1].copy(), name=f"spoilt: {reason}")
    asked = request(spoilt)
    with pytest.raises(ConfigError) as raised:
        await Attendance(spec(omni_server, INTERLEAVED), ask).check(asked, await content_of(asked, INTERLEAVED))
    assert raised.value.reason == reason


async def test_a_model_that_cannot_hear_says_so(vl_server: ModelServer, segments: Sequence[SampledMedia]) -> None:
    async with engine_of(vl_server) as engine:
        with pytest.raises(ConfigError, match="takes no such pictures or sound") as raised:
            await engine.ask(request(segments[0]))
    assert raised.value.reason == "media_rejected"
