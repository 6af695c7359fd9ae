"""Pictures that a question is about, and dialogues of several turns, on the wire."""

import json
from base64 import b64decode
from typing import Any

import pytest
from pydantic import BaseModel

from egoetl.core.errors import ConfigError, DataError
from egoetl.core.models import FramePolicy, ModelSpec
from egoetl.core.ports import Message, Reply, Request, Sampling, turns_of
from egoetl.core.records import Drop
from egoetl.core.replies import NarrationReply, PlainReply
from egoetl.engines.chat.attendance import Attendance
from egoetl.engines.chat.content import Content, content_of
from egoetl.engines.chat.dialect import Dialect
from egoetl.engines.chat.wire import body_of
from egoetl.testing.chat_samples import a_model
from egoetl.testing.scene import ArrayMedia, Scene

PNG = b"\x89PNG\r\n\x1a\n and so on"
JPEG = b"\xff\xd8\xff\xe0 and so on"
FRAMES = FramePolicy(pictures="frames", processor="qwen2.5-vl")
IMAGES = FramePolicy(fps=1.0)
SYSTEM = Message(role="system", content="You see.")


@pytest.fixture(scope="module")
def media() -> ArrayMedia:
    return Scene().media()


def request(
    media: ArrayMedia | None, *stills: bytes, said: tuple[tuple[str, str], ...] = (), schema: type[BaseModel] = PlainReply
) -> Request:
    messages = (SYSTEM, *turns_of(said), Message(role="user", content="Which?"))
    return Request("predict", Drop(reason="none"), messages, media, schema, Sampling(), stills=stills)  # type: ignore[arg-type] - the item is not looked at


def parts_of(content: Content, index: int = 1) -> list[dict[str, Any]]:
    return content.messages[index]["content"]


def told(part: dict[str, Any]) -> str:
    """A text part's text, of any other part what it is."""
    return part["text"] if part["type"] == "text" else part["type"]


async def test_stills_follow_video_and_text_each_after_its_letter(media: ArrayMedia):
    content = await content_of(request(media, PNG, JPEG), FRAMES)
    assert [told(each) for each in parts_of(content)] == ["video_url", "Which?", "A.", "image_url", "B.", "image_url"]
    urls = [each["image_url"]["url"].partition(",") for each in parts_of(content)[3::2]]
    assert [(head, b64decode(data)) for head, _, data in urls] == [("data:image/png;base64", PNG), ("data:image/jpeg;base64", JPEG)]


async def test_stills_may_be_shown_without_a_video():
    content = await content_of(request(None, PNG), IMAGES)
    assert [told(each) for each in parts_of(content)] == ["Which?", "A.", "image_url"]
    assert (content.fields, content.media_parts) == ({}, 0)


async def test_a_corrective_turn_comes_after_the_stills(media: ArrayMedia):
    first = request(media, PNG)
    again = first.again(Message(role="assistant", content="?"), Message(role="user", content="Say it again."))
    content = await content_of(again, FRAMES)
    assert content.messages[:2] == (await content_of(first, FRAMES)).messages
    assert [each["content"] for each in content.messages[2:]] == ["?", "Say it again."]


async def test_in_a_dialogue_the_video_stands_in_the_first_turn_and_stills_in_the_last(media: ArrayMedia):
    content = await content_of(request(media, PNG, said=(("What?", "A cup."), ("When?", "[[1, 2]]"))), FRAMES)
    assert [each["role"] for each in content.messages] == ["system", "user", "assistant", "user", "assistant", "user"]
    assert [told(each) for each in parts_of(content)] == ["video_url", "What?"]
    assert [each["content"] for each in content.messages[2:5]] == ["A cup.", "When?", "[[1, 2]]"]
    assert [told(each) for each in parts_of(content, 5)] == ["Which?", "A.", "image_url"]
    before = await content_of(request(media, said=(("What?", "A cup."),)), FRAMES)
    assert content.messages[:3] == before.messages[:3], "a server computes what turns share once"


@pytest.mark.parametrize(
    ("stills", "reason", "words"),
    [
        ((PNG, b"GIF89a"), "still_malformed", "picture B is neither PNG nor JPEG .it begins with b'GIF89a'"),
        ((PNG, b""), "still_malformed", "picture B"),
        ((PNG,) * 27, "stills_too_many", "27 pictures"),
    ],
)
async def test_a_picture_that_is_none_is_refused(stills: tuple[bytes, ...], reason: str, words: str):
    with pytest.raises(DataError, match=words) as raised:
        await content_of(request(None, *stills), IMAGES)
    assert raised.value.reason == reason


async def test_a_model_that_reads_text_only_is_shown_no_stills():
    with pytest.raises(ConfigError) as raised:
        await content_of(request(None, PNG), None)
    assert raised.value.reason == "model_cannot_look"


async def test_plain_text_is_asked_for_with_no_shape_of_the_reply():
    plain, shaped = [
        json.loads(body_of(each, await content_of(each, None), a_model("http://localhost/v1"), Dialect()))
        for each in (request(None), request(None, schema=NarrationReply))
    ]
    assert shaped.pop("response_format")["json_schema"]["name"] == "NarrationReply"
    assert plain == shaped


@pytest.mark.parametrize("look", [FRAMES, FramePolicy(fps=1.0, processor="qwen2.5-vl")])
async def test_whether_the_video_arrives_is_asked_with_the_stills_both_times(media: ArrayMedia, look: FramePolicy):
    """Their tokens are none of the video's."""
    asked = list[list[str]]()

    async def ask(_: Request, content: Content) -> Reply:
        asked.append([told(each) for each in parts_of(content)])
        return Reply(status="truncated", text="", seconds=0.1)

    spec = ModelSpec(name="omni", model="omni", revision="1", endpoint="http://localhost/v1", look=look)
    made = request(media, PNG)
    await Attendance(spec, ask).check(made, await content_of(made, look))
    shown, without = asked
    assert shown[-3:] == without[-3:] == ["Which?", "A.", "image_url"]
    assert without[:-3] == [each for each in shown[:-3] if not each.endswith("_url")]
    assert shown != without
