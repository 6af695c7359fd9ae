"""The context graph: a sound has a source only where its time says so."""

from egoetl.core.records import Captions, HeardSound, VisibleEvent
from egoetl.testing.asking import Asker
from egoetl.testing.scene import START_MS


def said(*, events: dict[int, str] | None = None, sounds: dict[int, str] | None = None, objects: tuple[str, ...] = ()) -> Captions:
    """Captions with events (`object: action`) and sounds by their milliseconds in the segment."""
    seen = (
        VisibleEvent(object=text.split(": ")[0], action=text.split(": ")[1], start_ms=START_MS + at, end_ms=START_MS + at + 1000)
        for at, text in (events or {}).items()
    )
    heard = (HeardSound(sound=text, start_ms=START_MS + at, end_ms=START_MS + at + 300) for at, text in (sounds or {}).items())
    return Captions(
        video_description="x", sound_description="x", object_description="x", objects=objects, events=tuple(seen), sounds=tuple(heard)
    )


async def test_a_sound_at_the_start_of_an_event_comes_from_it(asker: Asker) -> None:
    graph = await asker.graph(said(events={4000: "red ball: moves left"}, sounds={4200: "impact sound"}))

    (sound,) = graph.sounds
    assert (sound.category, sound.source, sound.grounding) == ("action", "red ball", "the red ball moves left")
    assert (sound.start_ms, sound.end_ms) == (START_MS + 4200, START_MS + 4500)


async def test_a_sound_apart_from_all_events_has_no_source(asker: Asker) -> None:
    graph = await asker.graph(said(events={4000: "red ball: moves left"}, sounds={4600: "impact sound"}))

    (sound,) = graph.sounds
    assert (sound.category, sound.source, sound.grounding) == ("ambient", None, None)


async def test_each_event_explains_one_sound_the_closest(asker: Asker) -> None:
    captions = said(
        events={4000: "red ball: moves left", 4500: "blue box: moves up"},
        sounds={4050: "impact sound", 4200: "tonal sound", 4300: "noise-like sound"},
    )

    graph = await asker.graph(captions)

    assert [each.source for each in graph.sounds] == ["red ball", None, "blue box"]


async def test_what_begins_with_the_segment_is_not_linked(asker: Asker) -> None:
    graph = await asker.graph(said(events={0: "red ball: moves left"}, sounds={0: "noise-like sound", 200: "impact sound"}))

    assert [each.source for each in graph.sounds] == [None, None]


async def test_objects_that_do_nothing_are_not_interacted_with(asker: Asker) -> None:
    graph = await asker.graph(said(events={4000: "red ball: moves left"}, objects=("blue box", "red ball")))

    assert [(each.object, each.action, each.start_ms) for each in graph.interacted_objects] == [("red ball", "moves left", START_MS + 4000)]
    assert graph.non_interacted_objects == ("blue box",)
