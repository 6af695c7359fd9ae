"""What `overhead.py` measures on: builds of made-up segments, prepared by the real runner, and an engine that answers at once."""

import hashlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from egoetl.core.ids import clip_id, segment_id
from egoetl.core.items import CaptionedSegment, ClipItem, RowItem, SampledSegment, SplitClipItem
from egoetl.core.ledger import Build, BuildSpec, ShardRow
from egoetl.core.ports import Engine, Reply, Request, StageIO
from egoetl.core.recipe import Recipe, RoleBinding
from egoetl.core.records import (
    Artifact,
    Captions,
    Clip,
    ClipSound,
    ContextGraph,
    GroundedSound,
    HeardSound,
    Interaction,
    ManifestRow,
    PictureStream,
    SampledClip,
    Segment,
    SplitClip,
    Video,
    VisibleEvent,
)
from egoetl.core.replies import NarrationReply
from egoetl.core.stage import Params, stage
from egoetl.runner.shard import Progress, run_stage, silent
from egoetl.runner.tools import Tools
from egoetl.stages.av_narration import av_narration

SEGMENT_MS = 10_000
SEGMENTS_OF_A_CLIP = 36
CLIP_MS = SEGMENT_MS * SEGMENTS_OF_A_CLIP
MEASURED = av_narration
"""The stage that is measured: its prompt is filled from captions and a graph, its reply is one paragraph."""
REPLY = NarrationReply(
    caption="The camera wearer put a red mug on the table, which it met with a dull knock, took a spoon out of the drawer"
    " and stirred the tea. A steel kettle stood beside the mug, and all the while a low hum was heard, its cause out of sight."
).model_dump_json()


class InstantEngine:
    """Implements `core.ports.Engine`: one valid reply, at once."""

    model = "instant@1"
    at_once = 0
    keeps_replies = False
    """As of the measured engine, so that the figure is that of the rest."""

    async def ask(self, _request: Request) -> Reply:
        """The reply, with tokens as a server would count them."""
        return Reply(status="ok", text=REPLY, seconds=0.0, prompt_tokens=640, completion_tokens=58)

    async def close(self) -> None:
        """Nothing was started."""


@stage("register", version=1, fingerprint=lambda item, _io: item.row.uri)
async def register(item: RowItem, _params: Params, _io: StageIO) -> Clip:
    """A clip of a video that nobody filmed."""
    sha256 = hashlib.sha256(item.row.uri.encode()).hexdigest()
    picture = PictureStream(codec="h264", width=1280, height=720, rate_num=30, rate_den=1)
    video = Video(sha256=sha256, size_bytes=1, duration_ms=CLIP_MS, picture=picture, sound=None)
    start_ms, end_ms = item.row.start_ms, item.row.end_ms
    return Clip(clip_id=clip_id(sha256, start_ms, end_ms), start_ms=start_ms, end_ms=end_ms, video=video)


@stage("split", version=1)
async def split(item: ClipItem, _params: Params, _io: StageIO) -> SplitClip:
    """The segments of a clip without sound."""
    return SplitClip(sound=ClipSound(sound=None, rate_hz=16_000, samples=0), segments=tuple(_segments(item.clip)))


@stage("frames", version=1)
async def frames(item: SplitClipItem, _params: Params, _io: StageIO) -> SampledClip:
    """A container that nobody opens, with as many frame times as a real one."""
    grid_ms = tuple(range(item.clip.start_ms, item.clip.end_ms, 250))
    sha256 = item.clip.video.sha256
    container = Artifact(sha256=sha256, size_bytes=1, path=f"frames/{sha256}.mkv", media_type="video/x-matroska")
    return SampledClip(
        container=container, width=448, height=252, frames_per_second=4.0, frame_ms=grid_ms, source_pts_ms=grid_ms, has_sound=False
    )


@stage("caption", version=1)
async def caption(item: SampledSegment, _params: Params, _io: StageIO) -> Captions:
    """Captions as long as real ones, different in every segment."""
    name = f"mug {item.segment.segment_id}"
    return Captions(
        video_description=f"A table with a {name} on it is seen from above. A hand takes the {name}, sets it down beside a kettle, and"
        " opens a drawer under the table top; then the camera turns towards a window.",
        sound_description="A dull knock is heard when something hard meets wood, then the rattle of metal things. A low hum goes on.",
        object_description=f"A {name}, a steel kettle, a wooden table, a drawer, a window and a folded towel are seen.",
        objects=(name, "steel kettle", "wooden table", "drawer", "window", "folded towel"),
        events=tuple(VisibleEvent(**each) for each in _happenings(item.segment, name)),
        sounds=(HeardSound(start_ms=item.segment.start_ms + 1400, end_ms=item.segment.start_ms + 1700, sound="dull knock"),),
    )


@stage("mcg", version=1)
async def mcg(item: CaptionedSegment, _params: Params, _io: StageIO) -> ContextGraph:
    """The graph of those captions."""
    start_ms = item.segment.start_ms
    knock = GroundedSound(
        start_ms=start_ms + 1400, end_ms=start_ms + 1700, sound="dull knock", category="action", source="mug", grounding="it is set down"
    )
    hum = GroundedSound(start_ms=start_ms, end_ms=item.segment.end_ms, sound="low hum", category="ambient")
    return ContextGraph(
        interacted_objects=tuple(Interaction(**each) for each in _happenings(item.segment, item.captions.objects[0])),
        non_interacted_objects=item.captions.objects[1:],
        sounds=(knock, hum),
    )


def _segments(clip: Clip) -> Iterator[Segment]:
    for index, start_ms in enumerate(range(clip.start_ms, clip.end_ms, SEGMENT_MS)):
        end_ms = start_ms + SEGMENT_MS
        yield Segment(segment_id=segment_id(clip.clip_id, start_ms, end_ms), index=index, start_ms=start_ms, end_ms=end_ms, partial=False)


def _happenings(segment: Segment, name: str) -> Iterator[dict[str, Any]]:
    """What is done in a segment, in source time."""
    for at_ms, thing, action in (
        (200, name, "is taken by the camera wearer"),
        (1300, name, "is set down by the camera wearer"),
        (4000, "drawer", "is opened by the camera wearer"),
    ):
        start_ms = segment.start_ms + at_ms
        yield {"start_ms": start_ms, "end_ms": start_ms + 900, "object": thing, "action": action}


PREPARED = (register, split, frames, caption, mcg)
RECIPE = Recipe(name="overhead", version=1, stages=(*PREPARED, MEASURED), roles={"text": RoleBinding(engine="instant")}, dataset="overhead")


@dataclass
class InstantTools(Tools):
    """The real store and ledger, the recipe above, and the engine that answers at once."""

    def recipe_of(self, spec: BuildSpec) -> Recipe:
        """The recipe of this benchmark."""
        return RECIPE.with_settings(spec.recipe_settings)

    def engines(self, recipe: Recipe) -> dict[str, Engine]:
        """The same engine for every role."""
        return dict.fromkeys(recipe.roles, InstantEngine())


def _row(line: int, uri: str) -> ManifestRow:
    return ManifestRow(row=line, video_id=uri, uri=uri, split="train", start_ms=0, end_ms=CLIP_MS)


async def records(clips: int) -> list[dict[str, Any]]:
    """What the measured stage's template reads of each segment, as plain data."""
    io: Any = None
    found: list[dict[str, Any]] = []
    for line in range(clips):
        clip = await register.run(RowItem(row=_row(line, str(line))), Params(), io)
        for segment in _segments(clip):
            captions = await caption.run(SampledSegment.model_construct(segment=segment), Params(), io)
            graph = await mcg.run(CaptionedSegment.model_construct(segment=segment, captions=captions), Params(), io)
            plain = {"captions": captions.model_dump(mode="json"), "graph": graph.model_dump(mode="json")}
            found.append({"segment": {**segment.model_dump(mode="json"), "duration_ms": segment.duration_ms}, **plain})
    return found


async def prepare(tools: Tools, name: str, clips: int) -> Build:
    """Plan a build of that many clips in one shard and run everything that comes before the measured stage."""
    rows = [ShardRow(row=_row(line, f"{name}/{line}"), shard=0) for line in range(2, 2 + clips)]
    spec = BuildSpec(
        name=name,
        recipe=RECIPE.name,
        dataset=RECIPE.dataset,
        engine="instant",
        recipe_settings={},
        manifest="made up",
        videos=os.devnull,
        stages=tuple(each.name for each in RECIPE.stages),
    )
    build = tools.ledger.create_build(spec, rows, ())
    for each in PREPARED:
        await run(tools, build, each.name, silent)
    return build


async def run(tools: Tools, build: Build, stage_name: str, progress: Progress) -> None:
    """Run a stage over the build's one shard, as `egoetl stage run` does, and check that it computed every unit."""
    report = await run_stage(tools, build, stage_name, 0, progress)
    if report.computed != report.total:
        sys.exit(f"{stage_name} computed {report.computed} of {report.total} units, so there is nothing to measure.")
