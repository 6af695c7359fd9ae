"""caption: three descriptions of a segment (video, sound, objects), with what was seen and heard in source time."""

from egoetl.core.items import SampledSegment
from egoetl.core.ports import StageIO
from egoetl.core.records import Captions, HeardSound, Segment, VisibleEvent
from egoetl.core.replies import EventReply, ObjectDescriptionReply, SoundDescriptionReply, SoundReply, VideoDescriptionReply
from egoetl.core.stage import Params, stage
from egoetl.stages.prompt_files import stage_prompt
from egoetl.stages.segment_time import on_source


@stage(
    "caption",
    version=1,
    roles=("omni", "vision"),
    prompts=(stage_prompt("video_description"), stage_prompt("sound_description"), stage_prompt("object_description")),
    schemas=(VideoDescriptionReply, SoundDescriptionReply, ObjectDescriptionReply),
    store_prefix="captions",
)
async def caption(item: SampledSegment, _params: Params, io: StageIO) -> Captions:
    """Ask for the three descriptions, each with the segment's pictures and sound."""
    look = item.segment
    video = await io.ask("omni", "caption.video_description", "video_description", VideoDescriptionReply, item, look=look)
    sound = await io.ask("omni", "caption.sound_description", "sound_description", SoundDescriptionReply, item, look=look)
    objects = await io.ask("vision", "caption.object_description", "object_description", ObjectDescriptionReply, item, look=look)
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
