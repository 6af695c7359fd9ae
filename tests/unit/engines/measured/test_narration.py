"""The narration: past tense, source time, and only what the graph holds."""

from egoetl.core.records import Captions, ContextGraph, GroundedSound, Interaction
from egoetl.testing.asking import Asker
from egoetl.testing.samples import a_sound, an_event

CAPTIONS = Captions(video_description="x", sound_description="x", object_description="x")


def graph_of(*events: Interaction, sounds: tuple[GroundedSound, ...] = (), objects: tuple[str, ...] = ()) -> ContextGraph:
    return ContextGraph(interacted_objects=events, sounds=sounds, non_interacted_objects=objects)


def caused(at: int, name: str, grounding: str) -> GroundedSound:
    return GroundedSound(start_ms=at, end_ms=at + 300, sound=name, category="action", source="red ball", grounding=grounding)


async def test_events_and_sounds_are_told_in_order_with_their_times(asker: Asker) -> None:
    graph = graph_of(
        an_event(72_100, 73_000, "red ball", "enters the view"),
        an_event(76_300, 77_000, "blue box", "leaves the view"),
        sounds=(a_sound(74_500, 75_500, "tonal sound"),),
    )

    text = await asker.narration(CAPTIONS, graph)

    order = [text.index(part) for part in ("red ball entered the view", "tonal sound", "blue box left the view")]
    assert order == sorted(order)
    assert all(time in text for time in ("72.1 s", "74.5", "75.5 s", "76.3 s"))
    assert text.count("red ball") == 1


async def test_a_linked_sound_is_told_with_its_event_and_only_once(asker: Asker) -> None:
    graph = graph_of(
        an_event(74_000, 75_000, "red ball", "moves left"), sounds=(caused(74_100, "impact sound", "the red ball moves left"),)
    )

    text = await asker.narration(CAPTIONS, graph)

    assert text.count("impact sound") == 1
    assert "red ball moved left" in text
    assert "cause" not in text


async def test_where_the_same_happens_twice_the_time_tells_which_one_sounded(asker: Asker) -> None:
    first, second = an_event(72_000, 73_000, "red ball", "moves left"), an_event(78_000, 79_000, "red ball", "moves left")
    graph = graph_of(first, second, sounds=(caused(78_100, "impact sound", "the red ball moves left"),))

    text = await asker.narration(CAPTIONS, graph)

    assert "impact" not in text.split(". ")[0]
    assert "impact" in text.split(". ")[1]


async def test_what_is_not_in_the_graph_is_not_told(asker: Asker) -> None:
    empty = await asker.narration(CAPTIONS, graph_of())
    still = await asker.narration(CAPTIONS, graph_of(objects=("red ball", "blue box")))

    assert empty == "Between 70.0 and 80.0 s nothing was seen to be moved and nothing was heard."
    assert "the red ball and the blue box" in still.lower()


async def test_equal_graphs_read_alike_and_different_ones_differ(asker: Asker) -> None:
    one, other = (graph_of(an_event(at, at + 900, "red ball", "moves left")) for at in (74_000, 75_000))

    assert await asker.narration(CAPTIONS, one) == await asker.narration(CAPTIONS, one)
    assert await asker.narration(CAPTIONS, one) != await asker.narration(CAPTIONS, other)
