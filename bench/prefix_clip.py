"""A made-up clip of twelve segments as long as a model's words make it, and the requests that its QA and one of its segments come to."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from egoetl.core.items import AnnotatedSegment, DiverseClip, DiverseSegment, Item, SampledSegment
from egoetl.core.ports import Request, Sampling
from egoetl.core.records import Captions, GroundedSound, HumanNarrations, Interaction
from egoetl.core.stage import Params, Stage
from egoetl.qa.index import TASKS, measured_answers
from egoetl.recipes.index import load
from egoetl.testing.samples import a_clip, a_narrated_clip, a_narrated_segment
from egoetl.testing.stage_io import FakeStageIO

SEGMENTS, SEGMENT_MS = 12, 10_000
RECIPE = load("egoavu")
# fmt: off
THINGS = (
    "onion", "bread knife", "frying pan", "wooden spoon", "glass jar", "tea towel", "cutting board", "tap", "kettle", "mixing bowl",
    "whisk", "drawer",
)
VERBS = ("is picked up", "is rinsed under the tap", "is put on the counter", "is wiped dry", "is turned over", "is pushed aside")
SOUNDS = ("dull knock", "running water", "metallic scrape", "soft rustle", "sharp clink")
# fmt: on
ONE_TOKEN = Sampling(max_tokens=1)
"""What a reply would be is not of interest here."""
CAPTIONS: Mapping[str, Mapping[str, Any]] = {
    "caption.video_description": {"description": "Somebody cooks.", "events": []},
    "caption.sound_description": {"description": "It is silent.", "sounds": []},
    "caption.object_description": {"description": "A kitchen.", "objects": []},
    "mcg": {"interacted_objects": [], "non_interacted_objects": [], "sounds": []},
    "av_narration": {"caption": "The camera wearer cooked."},
}


def long_clip() -> DiverseClip:
    """Two minutes of somebody who cooks, three actions and two sounds a segment."""
    clip = a_clip(0, SEGMENTS * SEGMENT_MS)
    return a_narrated_clip(clip, *(_segment(index) for index in range(SEGMENTS)))


async def qa_requests(clip: DiverseClip) -> list[Request]:
    """What the eight QA tasks ask about the clip."""
    stages = [RECIPE.stage(task.stage_name("clip")) for task in TASKS.values()]
    return [request for stage in stages for request in await _asked(stage, clip, stage.params(), measured_answers())]


async def segment_requests(clip: DiverseClip, *names: str) -> list[Request]:
    """What these stages ask about the first segment."""
    first = clip.segments[0]
    item = AnnotatedSegment(clip=first.clip, segment=first.segment, sampled=first.sampled, captions=first.captions, human=HumanNarrations())
    items: Mapping[str, Item] = {"caption": SampledSegment(clip=first.clip, segment=first.segment, sampled=first.sampled), "mcg": item}
    answers = {task: (lambda _, reply=reply: reply) for task, reply in CAPTIONS.items()}
    stages = [RECIPE.stage(name) for name in names]
    return [request for each in stages for request in await _asked(each, items.get(each.name, first), each.params(), answers)]


async def _asked(stage: Stage, item: Item, params: Params, answers: Mapping[str, Callable[[Request], Any]]) -> list[Request]:
    io = FakeStageIO(stage, answers)
    made: Awaitable[Any] = stage.run(item, params, io)
    await made
    return [request.again(sampling=ONE_TOKEN) for request in io.requests]


def _segment(index: int) -> DiverseSegment:
    start = index * SEGMENT_MS
    things = [THINGS[(index + k * 5) % len(THINGS)] for k in range(5)]
    events = [
        Interaction(
            start_ms=start + 500 + 3_000 * k, end_ms=start + 2_700 + 3_000 * k, object=things[k],
            action=f"{VERBS[(index + k * (1 + index // 6)) % len(VERBS)]} by the camera wearer",
        )
        for k in range(3)
    ]  # fmt: skip
    heard = [(index + k) % len(SOUNDS) for k in range(2)]
    sounds = [
        GroundedSound(
            start_ms=start + 700 + 3_000 * k, end_ms=start + 1_900 + 3_000 * k, sound=SOUNDS[which],
            category="action", source=THINGS[which], grounding=events[k].text,
        )
        for k, which in enumerate(heard)
    ]  # fmt: skip
    told = [f"The camera wearer worked with the {each.object}, which {each.action.replace('is ', 'was ', 1)}" for each in events]
    told += [f"There was a {sounds[0].sound} and later a {sounds[1].sound}", f"A {things[3]} and a {things[4]} lay nearby"]
    made = a_narrated_segment(
        a_clip(0, SEGMENTS * SEGMENT_MS), index, events=events, sounds=sounds, objects=things[3:], narration=f"{'. '.join(told)}."
    )
    captions = Captions(
        video_description=f"In a kitchen the hands of the camera wearer move between the {things[0]} and the {things[1]};"
        f" then the {things[2]} is taken. The light comes from a window on the left.",
        sound_description=f"A {sounds[0].sound} is heard at first, then a {sounds[1].sound} close to the camera.",
        object_description=f"On the counter there are a {', a '.join(things)}, in front of a tiled wall with a window.",
        objects=made.captions.objects,
        events=made.captions.events,
        sounds=made.captions.sounds,
    )
    return made.model_copy(update={"captions": captions})
