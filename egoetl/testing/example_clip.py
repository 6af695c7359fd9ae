"""The clip that the examples of all QA prompts are about: somebody paints, from second 130 to second 160 of a video."""

from egoetl.core.items import DiverseClip, DiverseSegment
from egoetl.core.records import Captions, GroundedSound, Interaction
from egoetl.testing.samples import a_clip, a_narrated_clip, a_narrated_segment, an_event


def an_example_clip() -> DiverseClip:
    """Three segments, seven actions of five objects in order, five sounds of which one has no cause in view."""
    clip = a_clip(130_000, 160_000)
    return a_narrated_clip(
        clip,
        _segment(
            0,
            events=[
                _done(131_000, 132_000, "jar", "is opened"),
                _done(133_000, 134_000, "brush", "is dipped into the jar"),
                _done(135_000, 139_000, "paper", "is painted on"),
            ],
            sounds=[
                _heard(131_600, 131_800, "hollow pop", "jar", "the jar is opened"),
                GroundedSound(start_ms=136_000, end_ms=138_000, sound="dog barking", category="ambient"),
            ],
            narration="The camera wearer opened the jar with a hollow pop, dipped the brush into the jar and painted on the paper,"
            " while there was dog barking, its cause not seen. A desk lamp stood at the back.",
        ),
        _segment(
            1,
            events=[_done(142_000, 145_000, "brush", "is rinsed in the cup")],
            sounds=[_heard(142_200, 144_800, "splashing", "brush", "the brush is rinsed in the cup")],
            narration="The camera wearer rinsed the brush in the cup with a splashing. A desk lamp stood at the back.",
        ),
        _segment(
            2,
            events=[
                _done(151_000, 152_500, "drawer", "is pulled open"),
                Interaction(start_ms=153_000, end_ms=154_000, object="scissors", action="are taken out of the drawer by the camera wearer"),
                _done(155_000, 158_500, "paper", "is cut in half"),
            ],
            sounds=[
                _heard(151_000, 152_400, "wooden scrape", "drawer", "the drawer is pulled open"),
                _heard(155_200, 158_400, "crisp snipping", "scissors", "the paper is cut in half"),
            ],
            narration="The camera wearer pulled the drawer open with a wooden scrape, took the scissors out and cut the paper in half with"
            " crisp snipping. A desk lamp stood at the back.",
        ),
    )


def _segment(index: int, *, events: list[Interaction], sounds: list[GroundedSound], narration: str) -> DiverseSegment:
    made = a_narrated_segment(a_clip(130_000, 160_000), index, events=events, sounds=sounds, objects=["desk lamp"], narration=narration)
    captions = Captions(
        video_description="The camera wearer sits at a desk and works on a sheet of paper.",
        sound_description="Short sounds come from the things on the desk.",
        object_description="Painting tools and a desk lamp can be seen on a desk.",
        objects=made.captions.objects,
        events=made.captions.events,
        sounds=made.captions.sounds,
    )
    return made.model_copy(update={"captions": captions})


def _done(start_ms: int, end_ms: int, thing: str, action: str) -> Interaction:
    return an_event(start_ms, end_ms, thing, f"{action} by the camera wearer")


def _heard(start_ms: int, end_ms: int, sound: str, source: str, cause: str) -> GroundedSound:
    return GroundedSound(start_ms=start_ms, end_ms=end_ms, sound=sound, category="action", source=source, grounding=cause)
