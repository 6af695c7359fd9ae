"""Asking the measured engine about one made-up segment, as the stages would."""

import json
from dataclasses import dataclass, field
from typing import Any, TypeVar

from egoetl.core.items import AnnotatedSegment, GraphedSegment, Item, SampledSegment
from egoetl.core.media_port import SampledMedia
from egoetl.core.ports import Request, Sampling
from egoetl.core.records import Captions, ContextGraph, HumanNarration, HumanNarrations, Record
from egoetl.core.replies import ContextGraphReply, NarrationReply, ObjectDescriptionReply, SoundDescriptionReply, VideoDescriptionReply
from egoetl.engines.measured.engine import MeasuredEngine, standard_answers
from egoetl.testing.samples import a_clip, a_sampled_clip, a_segment

SCHEMAS = {
    "caption.video_description": VideoDescriptionReply,
    "caption.sound_description": SoundDescriptionReply,
    "caption.object_description": ObjectDescriptionReply,
    "mcg": ContextGraphReply,
    "av_narration": NarrationReply,
}
INDEX = 1
T = TypeVar("T", bound=Record)


def _engine() -> MeasuredEngine:
    return MeasuredEngine(standard_answers)


def _segment() -> SampledSegment:
    clip = a_clip()
    return SampledSegment(clip=clip, segment=a_segment(clip, INDEX), sampled=a_sampled_clip(clip))


@dataclass
class Asker:
    """A measured engine and the one segment that it is asked about."""

    engine: MeasuredEngine = field(default_factory=_engine)
    segment: SampledSegment = field(default_factory=_segment)

    async def ask(self, task: str, item: Item, media: SampledMedia | None = None) -> dict[str, Any]:
        """The reply's JSON."""
        reply = await self.engine.ask(Request(task, item, (), media, SCHEMAS[task], Sampling()))
        assert reply.status == "ok"
        return json.loads(reply.text)

    async def captions(self, media: SampledMedia) -> Captions:
        """The three captions, with times on the source."""
        video = await self.ask("caption.video_description", self.segment, media)
        sound = await self.ask("caption.sound_description", self.segment, media)
        objects = await self.ask("caption.object_description", self.segment, media)
        return self.placed(
            Captions,
            video_description=video["description"],
            sound_description=sound["description"],
            object_description=objects["description"],
            objects=objects["objects"],
            events=video["events"],
            sounds=sound["sounds"],
        )

    async def graph(self, captions: Captions, *written: HumanNarration) -> ContextGraph:
        """The context graph of the segment with these captions and what people wrote about it."""
        item = AnnotatedSegment(**dict(self.segment), captions=captions, human=HumanNarrations(narrations=written))
        return self.placed(ContextGraph, **await self.ask("mcg", item))

    async def narration(self, captions: Captions, graph: ContextGraph) -> str:
        """The narration of the segment with these captions and this graph."""
        item = GraphedSegment(**dict(self.segment), captions=captions, graph=graph)
        return (await self.ask("av_narration", item))["caption"]

    def placed(self, record: type[T], **reply: Any) -> T:
        """The record with the seconds of all timed entries as milliseconds of the source."""
        return record.model_validate({name: self._on_source(value) for name, value in reply.items()})

    def _on_source(self, value: Any) -> Any:
        if isinstance(value, str):
            return value
        return [each if isinstance(each, str) else self._timed(each) for each in value]

    def _timed(self, entry: dict[str, Any]) -> dict[str, Any]:
        start_ms = self.segment.segment.start_ms
        times = {name: start_ms + round(entry.pop(key) * 1000) for name, key in (("start_ms", "start_s"), ("end_ms", "end_s"))}
        return entry | times
