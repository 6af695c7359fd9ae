"""caption: three descriptions of a segment (video, sound, objects), with what was seen and heard in source time."""

from functools import partial

from egoetl.core.items import Item, SampledSegment, ToldSegment
from egoetl.core.ports import StageIO
from egoetl.core.records import Captions, HeardSound, Segment, VisibleEvent
from egoetl.core.replies import EventReply, ObjectDescriptionReply, SoundDescriptionReply, SoundReply, VideoDescriptionReply
from egoetl.core.stage import Params, stage
from egoetl.stages.prompt_files import stage_prompt
from egoetl.stages.segment_time import on_source

SILENT = SoundDescriptionReply(description="The segment is silent.", sounds=())
"""Of a video without a sound track: a model that is asked all the same names what it expects to hear."""


class CaptionParams(Params):
    """`human_narrations`: whether the models are told what people wrote about the segment; without, captions are evidence of their own."""

    human_narrations: bool = False

    @property
    def item(self) -> type[Item] | None:
        """With what people wrote, if the models are told."""
        return ToldSegment if self.human_narrations else None


@stage(
    "caption",
    version=1,
    roles=("omni", "vision"),
    prompts=(stage_prompt("video_description"), stage_prompt("sound_description"), stage_prompt("object_description")),
    schemas=(VideoDescriptionReply, SoundDescriptionReply, ObjectDescriptionReply),
    store_prefix="captions",
)
async def caption(item: SampledSegment, _params: CaptionParams, io: StageIO) -> Captions:
    """Ask for the three descriptions, each with the segment's pictures and sound. A video without sound is not asked about it."""
    look = item.segment
    written = item.human.within(look) if isinstance(item, ToldSegment) else ()
    ask = partial(io.ask, item=item, look=look, narrations=written)
    video = await ask("omni", "caption.video_description", "video_description", VideoDescriptionReply)
    sound = await ask("omni", "caption.sound_description", "sound_description", SoundDescriptionReply) if item.sampled.has_sound else SILENT
    objects = await ask("vision", "caption.object_description", "object_description", ObjectDescriptionReply)
    return Captions(
        video_description=video.description,
        sound_description=sound.description,
        object_description=objects.description,
        objects=objects.objects,
        events=_events(video.events, look),
        sounds=_sounds(sound.sounds, look),
    )


def _events(replies: tuple[EventReply, ...], segment: Segment) -> tuple[VisibleEvent, ...]:
    placed = ((each, on_source(each, segment)) for each in replies)
    return tuple(VisibleEvent(object=each.object, action=each.action, **dict(window)) for each, window in placed if window)


def _sounds(replies: tuple[SoundReply, ...], segment: Segment) -> tuple[HeardSound, ...]:
    placed = ((each, on_source(each, segment)) for each in replies)
    return tuple(HeardSound(sound=each.sound, **dict(window)) for each, window in placed if window)
