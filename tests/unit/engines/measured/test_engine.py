"""The measured engine as an Engine: its name, its errors, and that it measures a segment once."""

import asyncio
import time

import pytest

from egoetl.core.content_key import canonical_json
from egoetl.core.errors import InternalError
from egoetl.core.ports import Engine, Request, Sampling
from egoetl.core.replies import NarrationReply, VideoDescriptionReply
from egoetl.engines.measured.engine import MeasuredEngine, standard_answers
from egoetl.testing.asking import Asker
from egoetl.testing.scene import Scene, Thing, glide, still
from egoetl.testing.synthetic_sound import babble, knock

BUSY = Scene(
    [
        Thing((222, 22, 26), "ball", glide((0, 0), (120, 0), 4, 5)),
        Thing((24, 66, 226), "box", glide((-260, 70), (-60, 70), 2, 3.5)),
        Thing((24, 172, 44), "box", still(100, -80)),
    ],
    camera=glide((0, 0), (80, 0), 6, 8),
    sounds={4.0: knock(), 6.0: babble()},
)


def test_it_names_itself_with_its_version() -> None:
    engine: Engine = MeasuredEngine(standard_answers)

    assert engine.model == "measured@3"


async def test_a_task_without_an_answer_is_an_internal_error(asker: Asker) -> None:
    request = Request("poetry", asker.segment, (), None, NarrationReply, Sampling())

    with pytest.raises(InternalError) as caught:
        await asker.engine.ask(request)

    assert caught.value.reason == "measured_cannot_answer"
    assert "poetry" in str(caught.value)


async def test_more_answers_may_be_given(asker: Asker) -> None:
    engine = MeasuredEngine(lambda: standard_answers() | {"qa.avsn": lambda _request: {"caption": "It was so."}})

    reply = await engine.ask(Request("qa.avsn", asker.segment, (), None, NarrationReply, Sampling()))

    assert (reply.status, reply.text) == ("ok", '{"caption":"It was so."}')


async def test_a_reply_is_canonical_json_of_the_schema(asker: Asker) -> None:
    request = Request("caption.video_description", asker.segment, (), BUSY.media(), VideoDescriptionReply, Sampling())

    reply = await asker.engine.ask(request)

    assert reply.text == canonical_json(VideoDescriptionReply.model_validate_json(reply.text))
    assert reply.seconds > 0


async def test_the_three_captions_share_one_look(asker: Asker) -> None:
    media = BUSY.media()

    await asker.captions(media)

    assert media.looks == 1


async def test_a_perception_is_not_kept_for_ever(asker: Asker) -> None:
    media = Scene(count=1).media()
    segments = [asker.segment.segment.model_copy(update={"segment_id": f"clip.{number:03d}"}) for number in range(40)]

    for segment in (*segments, segments[0]):
        item = asker.segment.model_copy(update={"segment": segment})
        await asker.ask("caption.sound_description", item, media)

    assert media.looks == 41


async def test_engines_agree_to_the_byte_also_at_the_same_time() -> None:
    first, *others = await asyncio.gather(*(Asker().captions(BUSY.media()) for _ in range(3)))

    assert first.events
    assert first.sounds
    assert all(each == first for each in others)


async def test_a_segment_costs_well_under_a_second_of_computing(asker: Asker) -> None:
    media = BUSY.media()
    started = time.process_time()

    await asker.captions(media)

    # Measured 0.2 s; the bound leaves room for a slow machine and still catches work done three times.
    assert time.process_time() - started < 1.0
