"""Pictures that a question brings, beside a video, on a real server: taken under every policy, seen, and plain text comes back."""

from dataclasses import replace

import numpy as np
import pytest
from inference.servers import ModelServer
from st_evidence_pictures import write_png

from egoetl.core.models import FramePolicy, ModelSpec
from egoetl.core.ports import Message, Request, Sampling
from egoetl.core.records import Drop
from egoetl.core.replies import PlainReply
from egoetl.engines.chat.engine import ChatEngine
from egoetl.testing.scene import ArrayMedia, Scene

pytestmark = [pytest.mark.slow, pytest.mark.needs("models")]
SMALL = {"min_pixels": 3136, "max_pixels": 112 * 112, "max_frames": 16}


@pytest.fixture(scope="module")
def stills(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, ...]:
    """Four pictures of one size."""
    file = tmp_path_factory.mktemp("stills") / "still.png"
    made: list[bytes] = []
    for level in (40, 90, 140, 190):
        write_png(file, np.full((84, 84, 3), level, np.uint8))
        made.append(file.read_bytes())
    return tuple(made)


@pytest.mark.parametrize(
    "look",
    [
        FramePolicy(pictures="container", sound="interleaved", processor="qwen2.5-omni", **SMALL),
        FramePolicy(pictures="frames", processor="qwen2.5-omni", **SMALL),
        FramePolicy(pictures="images", fps=0.5, processor="qwen2.5-omni", **SMALL),
    ],
    ids=lambda look: look.pictures,
)
async def test_stills_are_seen_beside_the_video(omni_server: ModelServer, stills: tuple[bytes, ...], look: FramePolicy) -> None:
    media = replace(Scene().media(), name=f"stills beside {look.pictures}")
    spec = ModelSpec(name="omni", model=omni_server.model, revision="1", endpoint=omni_server.endpoint, look=look)
    engine = ChatEngine(spec, secret=omni_server.api_key)
    counted: list[int] = []
    try:
        for shown in ((), stills[:1], stills):
            reply = await engine.ask(request(media, shown))
            assert reply.status in ("ok", "truncated"), reply.detail
            counted.append(reply.prompt_tokens or 0)
    finally:
        await engine.close()
    none, one, four = counted
    assert one - none >= 9, "84 by 84 pixels are 9 tokens, and its letter is one more"
    assert four - none == pytest.approx(4 * (one - none), abs=8)


def request(media: ArrayMedia, stills: tuple[bytes, ...]) -> Request:
    messages = (Message(role="system", content="You see."), Message(role="user", content="Which picture is darkest?"))
    return Request("predict", Drop(reason="none"), messages, media, PlainReply, Sampling(max_tokens=4), stills=stills)  # type: ignore[arg-type] - the item is not looked at
