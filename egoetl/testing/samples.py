"""Small, valid records to test with. Each builder takes what a test is about and fills in the rest."""

from collections.abc import Iterable

from egoetl.core.ids import clip_id, segment_id
from egoetl.core.items import DiverseClip, DiverseSegment, DraftedPair
from egoetl.core.records import (
    Artifact,
    Captions,
    Clip,
    ContextGraph,
    Diversity,
    GroundedSound,
    HeardSound,
    Interaction,
    ManifestRow,
    Narration,
    PictureStream,
    QAPair,
    SampledClip,
    Segment,
    SoundStream,
    Video,
    VisibleEvent,
)

SHA = "ab" * 32
SEGMENT_MS = 10_000
DIVERSE = Diversity(mattr=0.7, tokens=100)


def a_row(start_ms: int = 0, end_ms: int = 20_000, *, uri: str = "kitchen.mp4") -> ManifestRow:
    """A manifest row."""
    return ManifestRow(row=2, video_id="kitchen", uri=uri, split="train", start_ms=start_ms, end_ms=end_ms)


def a_clip(start_ms: int = 60_000, end_ms: int = 85_000) -> Clip:
    """A clip of a 100 s video."""
    picture = PictureStream(codec="h264", width=640, height=360, rate_num=30, rate_den=1)
    sound = SoundStream(codec="aac", rate_hz=48_000, channels=2)
    video = Video(sha256=SHA, size_bytes=1, duration_ms=100_000, picture=picture, sound=sound)
    return Clip(clip_id=clip_id(SHA, start_ms, end_ms), start_ms=start_ms, end_ms=end_ms, video=video)


def a_segment(clip: Clip, index: int = 0) -> Segment:
    """The `index`-th 10 s segment of a clip."""
    start_ms = clip.start_ms + index * SEGMENT_MS
    end_ms = min(start_ms + SEGMENT_MS, clip.end_ms)
    partial = end_ms - start_ms < SEGMENT_MS
    return Segment(segment_id=segment_id(clip.clip_id, start_ms, end_ms), index=index, start_ms=start_ms, end_ms=end_ms, partial=partial)


def an_event(start_ms: int, end_ms: int, thing: str, action: str) -> Interaction:
    """A thing that is acted on, in source time."""
    return Interaction(start_ms=start_ms, end_ms=end_ms, object=thing, action=action)


def a_sound(start_ms: int, end_ms: int, name: str, source: str | None = None) -> GroundedSound:
    """A sound in source time, grounded if it has a source."""
    grounding = f"the {source} moves" if source else None
    category = "action" if source else "ambient"
    return GroundedSound(start_ms=start_ms, end_ms=end_ms, sound=name, category=category, source=source, grounding=grounding)


def a_narrated_segment(
    clip: Clip,
    index: int = 0,
    *,
    events: Iterable[Interaction] = (),
    sounds: Iterable[GroundedSound] = (),
    objects: Iterable[str] = (),
    narration: str = "Nothing was done.",
) -> DiverseSegment:
    """A segment with all earlier results. Captions list the graph's events and sounds; `objects` are those that nothing acts on."""
    graph = ContextGraph(interacted_objects=tuple(events), non_interacted_objects=tuple(objects), sounds=tuple(sounds))
    captions = Captions(
        video_description="A table is seen.",
        sound_description="Something is heard." if graph.sounds else "It is silent.",
        object_description="Things lie on a table.",
        objects=(*{each.object: None for each in graph.interacted_objects}, *graph.non_interacted_objects),
        events=tuple(VisibleEvent(**each.model_dump(exclude={"actor"})) for each in graph.interacted_objects),
        sounds=tuple(HeardSound(start_ms=each.start_ms, end_ms=each.end_ms, sound=each.sound) for each in graph.sounds),
    )
    return DiverseSegment(
        clip=clip,
        segment=a_segment(clip, index),
        sampled=a_sampled_clip(clip),
        captions=captions,
        graph=graph,
        narration=Narration(av_narration=narration),
        diversity=DIVERSE,
    )


def a_sampled_clip(clip: Clip) -> SampledClip:
    """A sampled container of four pictures a second that nobody opens."""
    grid = tuple(range(clip.start_ms, clip.end_ms, 250))
    container = Artifact(sha256=SHA, size_bytes=1, path="frames/ab/x.mkv", media_type="video/x-matroska")
    return SampledClip(container=container, width=448, height=252, frames_per_second=4.0, frame_ms=grid, source_pts_ms=grid, has_sound=True)


def a_narrated_clip(clip: Clip, *segments: DiverseSegment) -> DiverseClip:
    """A clip with these segments."""
    return DiverseClip(clip=clip, segments=segments, diversity=DIVERSE)


def a_kitchen_clip() -> DiverseClip:
    """Three segments, six events in order, two kinds of sound."""
    clip = a_clip()
    return a_narrated_clip(
        clip,
        a_narrated_segment(
            clip,
            0,
            events=[
                an_event(61_000, 62_500, "red mug", "is put on the table by the camera wearer"),
                an_event(65_000, 67_000, "drawer", "is opened by the camera wearer"),
            ],
            sounds=[a_sound(62_400, 62_700, "dull knock", "red mug")],
            objects=["steel kettle"],
            narration="The camera wearer put a red mug on the table, which it met with a dull knock. A steel kettle stood beside it.",
        ),
        a_narrated_segment(
            clip,
            1,
            events=[
                an_event(70_500, 72_000, "spoon", "is taken out of the drawer by the camera wearer"),
                an_event(74_000, 78_000, "tea", "is stirred by the camera wearer"),
            ],
            sounds=[a_sound(74_200, 77_900, "metallic tinkling", "spoon")],
            narration="The camera wearer took a spoon out of the drawer and stirred the tea, which made a metallic tinkling.",
        ),
        a_narrated_segment(
            clip,
            2,
            events=[
                an_event(80_500, 81_000, "spoon", "is laid down by the camera wearer"),
                an_event(82_000, 84_000, "red mug", "is lifted by the camera wearer"),
            ],
            narration="The camera wearer laid the spoon down and lifted the red mug.",
        ),
    )


def a_drafted_pair(clip: DiverseClip, pair: QAPair) -> DraftedPair:
    """A pair with all the evidence of its clip."""
    return DraftedPair(clip=clip.clip, pair=pair, segments=clip.segments)


def a_workshop_clip() -> DiverseClip:
    """Three segments, eight events of five objects in order, seven sounds: enough for every question on order."""
    clip = a_clip()
    by_wearer = "by the camera wearer"
    return a_narrated_clip(
        clip,
        a_narrated_segment(
            clip,
            0,
            events=[
                an_event(61_000, 62_000, "toolbox", f"is opened {by_wearer}"),
                an_event(63_000, 64_000, "hammer", f"is picked up {by_wearer}"),
                an_event(65_000, 69_000, "nail", f"is driven into the board {by_wearer}"),
            ],
            sounds=[a_sound(60_500, 62_000, "radio playing"), a_sound(65_100, 68_900, "hammer blows", "hammer")],
            narration="The camera wearer opened a toolbox, picked up a hammer and drove a nail into the board.",
        ),
        a_narrated_segment(
            clip,
            1,
            events=[
                an_event(70_500, 71_500, "pencil", f"is laid down {by_wearer}"),
                an_event(72_500, 76_000, "board", f"is sawn {by_wearer}"),
                an_event(77_000, 78_000, "hammer", f"is hung on the wall {by_wearer}"),
            ],
            sounds=[
                a_sound(71_200, 71_400, "faint click", "pencil"),
                a_sound(72_600, 75_900, "rasping", "saw"),
                a_sound(77_800, 78_000, "dull thud", "hammer"),
                a_sound(79_000, 79_300, "door slamming"),
            ],
            objects=["work lamp"],
            narration="The camera wearer laid a pencil down, sawed the board and hung the hammer on the wall, below a work lamp.",
        ),
        a_narrated_segment(
            clip,
            2,
            events=[
                an_event(80_000, 81_500, "board", f"is wiped {by_wearer}"),
                an_event(82_000, 84_000, "toolbox", f"is shut {by_wearer}"),
            ],
            sounds=[a_sound(83_500, 83_800, "sharp snap", "toolbox")],
            narration="The camera wearer wiped the board and shut the toolbox with a sharp snap.",
        ),
    )
