"""What people wrote, in the context graph of the measured engine."""

from egoetl.core.records import Captions, HeardSound, HumanNarration, VisibleEvent
from egoetl.testing.asking import Asker
from egoetl.testing.scene import START_MS

BALL = Captions(
    video_description="x",
    sound_description="x",
    object_description="x",
    objects=("red ball", "blue box"),
    events=(VisibleEvent(object="red ball", action="moves left", start_ms=START_MS + 4000, end_ms=START_MS + 5000),),
    sounds=(HeardSound(sound="impact sound", start_ms=START_MS + 4100, end_ms=START_MS + 4300),),
)


def wrote(at_ms: int, text: str) -> HumanNarration:
    return HumanNarration(at_ms=START_MS + at_ms, text=text, wearer=text.startswith("the camera wearer"))


async def test_a_narration_of_a_seen_event_takes_its_time_and_its_sound(asker: Asker) -> None:
    graph = await asker.graph(BALL, wrote(5200, "the camera wearer pushes the red ball with a stick"))

    (event,), (sound,) = graph.interacted_objects, graph.sounds
    assert event.text == "the camera wearer pushes the red ball with a stick"
    assert (event.object, event.start_ms, event.end_ms) == ("red ball", START_MS + 4000, START_MS + 5000)
    assert (sound.source, sound.grounding) == ("red ball", event.text)
    narration = await asker.narration(BALL, graph)
    assert "he camera wearer pushes the red ball with a stick" in narration
    assert "its cause was not seen" not in narration


async def test_a_narration_far_from_the_event_is_another_one(asker: Asker) -> None:
    graph = await asker.graph(BALL, wrote(8000, "the camera wearer pushes the red ball"))
    assert [(each.text, each.start_ms - START_MS, each.end_ms - START_MS) for each in graph.interacted_objects] == [
        ("the red ball moves left", 4000, 5000),
        ("the camera wearer pushes the red ball", 8000, 9000),
    ]


async def test_a_thing_that_only_people_saw_is_the_noun_with_the_article(asker: Asker) -> None:
    graph = await asker.graph(BALL, wrote(7000, "the camera wearer takes the bread knife out of the drawer"))
    assert [each.object for each in graph.interacted_objects] == ["red ball", "bread knife"]
    assert graph.non_interacted_objects == ("blue box",)


async def test_what_names_nobody_or_nothing_is_no_interaction(asker: Asker) -> None:
    graph = await asker.graph(BALL, wrote(7000, "it gets dark"), wrote(8000, "the camera wearer walks around"))
    assert [each.text for each in graph.interacted_objects] == ["the red ball moves left"]
