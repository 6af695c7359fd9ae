"""caption, mcg and av_narration: what becomes of a model's reply."""

from typing import Any

import pytest

from egoetl.core.errors import DataError
from egoetl.core.items import AnnotatedSegment, CaptionedSegment, GraphedSegment, SampledSegment, ToldSegment
from egoetl.core.records import Captions, ContextGraph, HeardSound, HumanNarration, HumanNarrations, VisibleEvent, Window
from egoetl.core.replies import TimedReply
from egoetl.core.stage import Params
from egoetl.stages.av_narration import av_narration
from egoetl.stages.caption import CaptionParams, caption
from egoetl.stages.mcg import mcg
from egoetl.stages.segment_time import on_source
from egoetl.testing.samples import a_clip, a_narrated_segment, a_segment
from egoetl.testing.stage_io import FakeStageIO

CLIP = a_clip(60_000, 75_000)
SEGMENT = a_narrated_segment(CLIP, 0)
SAMPLED = SampledSegment(clip=CLIP, segment=SEGMENT.segment, sampled=SEGMENT.sampled)
CAPTIONED = AnnotatedSegment(
    clip=CLIP,
    segment=SEGMENT.segment,
    sampled=SEGMENT.sampled,
    captions=Captions(
        video_description="A red ball rolls off a table.",
        sound_description="Something falls.",
        object_description="A red ball and a table.",
        objects=("red ball", "table"),
        events=(VisibleEvent(object="red ball", action="rolls off the table", start_ms=62_000, end_ms=63_500),),
        sounds=(HeardSound(sound="thud", start_ms=63_500, end_ms=63_800),),
    ),
    human=HumanNarrations(
        narrations=(
            HumanNarration(at_ms=62_400, text="the camera wearer drops the red ball", wearer=True),
            HumanNarration(at_ms=70_000, text="the camera wearer walks away", wearer=True),
        )
    ),
)


def caption_answers(**changed: dict[str, Any]) -> dict[str, Any]:
    answers = {
        "video_description": {"description": "A ball rolls.", "events": []},
        "sound_description": {"description": "It is silent.", "sounds": []},
        "object_description": {"description": "A ball.", "objects": ["ball"]},
    } | changed
    return {f"caption.{task}": (lambda _, reply=reply: reply) for task, reply in answers.items()}


async def test_caption_asks_each_question_of_its_role_with_the_segment_to_look_at() -> None:
    io = FakeStageIO(caption, caption_answers())
    await caption.run(SAMPLED, CaptionParams(), io)
    assert [(request.task, role) for request, role in zip(io.requests, io.roles, strict=True)] == [
        ("caption.video_description", "omni"),
        ("caption.sound_description", "omni"),
        ("caption.object_description", "vision"),
    ]
    assert io.looked_at == [SAMPLED.segment] * 3


async def test_caption_does_not_ask_about_the_sound_of_a_video_without_any() -> None:
    io = FakeStageIO(caption, caption_answers())
    made = await caption.run(
        SAMPLED.model_copy(update={"sampled": SAMPLED.sampled.model_copy(update={"has_sound": False})}), CaptionParams(), io
    )
    assert isinstance(made, Captions)
    assert [request.task for request in io.requests] == ["caption.video_description", "caption.object_description"]
    assert (made.sound_description, made.sounds) == ("The segment is silent.", ())


async def test_caption_tells_what_people_wrote_where_it_is_to() -> None:
    params = CaptionParams(human_narrations=True)
    assert (caption.given(params), caption.given(CaptionParams())) == (ToldSegment, SampledSegment)
    told, alone = FakeStageIO(caption, caption_answers()), FakeStageIO(caption, caption_answers())
    await caption.run(ToldSegment(**dict(SAMPLED), human=CAPTIONED.human), params, told)
    await caption.run(SAMPLED, CaptionParams(), alone)
    for request in told.requests:
        assert "- 2.4 s: the camera wearer drops the red ball" in request.messages[1].content
        assert "walks away" not in request.messages[1].content
    assert not any("wrote" in request.messages[1].content for request in alone.requests)


async def test_caption_puts_events_and_sounds_on_the_source_and_inside_the_segment() -> None:
    event = {"object": "ball", "action": "rolls", "start_s": 8.5, "end_s": 12.0}
    sounds = [{"sound": "thud", "start_s": 2.0, "end_s": 2.0}, {"sound": "echo", "start_s": 10.0, "end_s": 11.0}]
    io = FakeStageIO(
        caption,
        caption_answers(
            video_description={"description": "A ball rolls.", "events": [event]},
            sound_description={"description": "A thud.", "sounds": sounds},
        ),
    )
    made = await caption.run(SAMPLED, CaptionParams(), io)
    assert isinstance(made, Captions)
    assert made.events == (VisibleEvent(object="ball", action="rolls", start_ms=68_500, end_ms=70_000),)
    assert made.sounds == (HeardSound(sound="thud", start_ms=62_000, end_ms=62_001),)


async def test_caption_refuses_a_reply_off_its_schema() -> None:
    io = FakeStageIO(caption, caption_answers(video_description={"description": "ok", "events": [{"object": "ball"}]}))
    with pytest.raises(DataError) as raised:
        await caption.run(SAMPLED, CaptionParams(), io)
    assert raised.value.reason == "reply_off_schema"


@pytest.mark.parametrize(
    ("start_s", "end_s", "window"),
    [
        (0.0, 10.0, (60_000, 70_000)),
        (9.999, 20.0, (69_999, 70_000)),
        (3.0, 3.0, (63_000, 63_001)),
        (10.0, 11.0, None),
        (5.0, 4.0, None),
    ],
)
def test_reply_seconds_on_the_source(start_s: float, end_s: float, window: tuple[int, int] | None) -> None:
    expected = Window(start_ms=window[0], end_ms=window[1]) if window else None
    assert on_source(TimedReply(start_s=start_s, end_s=end_s), a_segment(CLIP)) == expected


def test_the_partial_segment_clips_to_its_own_end() -> None:
    assert on_source(TimedReply(start_s=1, end_s=9), a_segment(CLIP, 1)) == Window(start_ms=71_000, end_ms=75_000)


def graph_reply(**changed: Any) -> dict[str, Any]:
    return {
        "interacted_objects": [{"object": "red ball", "action": "rolls off the table", "actor": None, "start_s": 2.0, "end_s": 3.5}],
        "non_interacted_objects": ["table", "The red ball", "Table"],
        "sounds": [
            {
                "sound": "thud",
                "category": "action",
                "source": "red ball",
                "grounding": "it hits the floor",
                "start_s": 3.5,
                "end_s": 3.8,
            }
        ],
    } | changed


async def test_mcg_is_on_the_source_and_lists_no_object_twice() -> None:
    made = await mcg.run(CAPTIONED, Params(), FakeStageIO(mcg, {"mcg": lambda _: graph_reply()}))
    assert isinstance(made, ContextGraph)
    assert [(each.object, each.start_ms, each.end_ms) for each in made.interacted_objects] == [("red ball", 62_000, 63_500)]
    assert made.non_interacted_objects == ("table",)
    assert [(each.sound, each.source, each.start_ms, each.end_ms) for each in made.sounds] == [("thud", "red ball", 63_500, 63_800)]


async def test_mcg_shows_what_people_wrote_about_the_segment_and_nothing_of_the_next() -> None:
    io = FakeStageIO(mcg, {"mcg": lambda _: graph_reply()})
    await mcg.run(CAPTIONED, Params(), io)
    (request,) = io.requests
    assert "- 2.4 s: the camera wearer drops the red ball" in request.messages[1].content
    assert "walks away" not in request.messages[1].content
    assert request.values["narrations"] == CAPTIONED.human.narrations[:1]


async def test_mcg_keeps_who_acts() -> None:
    entry = {"object": "ball", "action": "drops the ball", "actor": "the camera wearer", "start_s": 1.0, "end_s": 2.0}
    io = FakeStageIO(mcg, {"mcg": lambda _: graph_reply(interacted_objects=[entry])})
    made = await mcg.run(CAPTIONED, Params(), io)
    assert isinstance(made, ContextGraph)
    assert [each.text for each in made.interacted_objects] == ["the camera wearer drops the ball"]


async def test_mcg_refuses_an_unknown_category() -> None:
    reply = graph_reply(sounds=[{**graph_reply()["sounds"][0], "category": "loud"}])
    with pytest.raises(DataError) as raised:
        await mcg.run(CAPTIONED, Params(), FakeStageIO(mcg, {"mcg": lambda _: reply}))
    assert raised.value.reason == "reply_off_schema"


async def test_mcg_shows_the_captions_and_nothing_to_look_at() -> None:
    io = FakeStageIO(mcg, {"mcg": lambda _: graph_reply()})
    await mcg.run(CAPTIONED, Params(), io)
    text = io.requests[0].messages[1].content
    assert "- 2.0 to 3.5 s: red ball: rolls off the table" in text
    assert "- 3.5 to 3.8 s: thud" in text
    assert io.looked_at == [None]


async def test_av_narration_keeps_the_paragraph() -> None:
    item = GraphedSegment(**{name: value for name, value in CAPTIONED if name in CaptionedSegment.model_fields}, graph=ContextGraph())
    io = FakeStageIO(av_narration, {"av_narration": lambda _: {"caption": "  A red ball rolled off the table.  "}})
    made = await av_narration.run(item, Params(), io)
    assert made.model_dump() == {"av_narration": "A red ball rolled off the table."}
