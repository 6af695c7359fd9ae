"""What the measured engine sees: coloured things and their own motion, whatever the camera does."""

import pytest

from egoetl.core.records import VisibleEvent
from egoetl.testing.asking import Asker
from egoetl.testing.scene import START_MS, Scene, Thing, glide, still

RED, GREEN, BLUE = (222, 22, 26), (24, 172, 44), (24, 66, 226)
TURNS = glide((0, 0), (250, 0), 3, 5)


def told(events: tuple[VisibleEvent, ...]) -> list[str]:
    return [f"{each.object} {each.action}" for each in events]


@pytest.mark.parametrize(
    ("rgb", "colour"),
    [
        (RED, "red"),
        ((250, 128, 8), "orange"),
        ((244, 222, 20), "yellow"),
        (GREEN, "green"),
        ((16, 206, 220), "cyan"),
        (BLUE, "blue"),
        ((146, 36, 214), "purple"),
        ((246, 72, 168), "pink"),
    ],
)
@pytest.mark.parametrize("shape", ["ball", "box"])
async def test_things_have_the_name_of_their_colour_and_shape(asker: Asker, rgb: tuple[int, int, int], colour: str, shape: str) -> None:
    seen = await asker.captions(Scene([Thing(rgb, shape, still(30, 20))], count=4).media())

    assert seen.objects == (f"{colour} {shape}",)
    assert f"{colour} {shape} can be seen" in seen.object_description


@pytest.mark.parametrize(
    ("end", "action"), [((120, 0), "moves right"), ((-120, 0), "moves left"), ((0, 80), "moves down"), ((0, -80), "moves up")]
)
async def test_a_movement_has_its_direction_and_its_time(asker: Asker, end: tuple[float, float], action: str) -> None:
    seen = await asker.captions(Scene([Thing(RED, "ball", glide((0, 0), end, 4.1, 5.1))]).media())

    (event,) = seen.events
    assert (event.object, event.action) == ("red ball", action)
    assert abs(event.start_ms - START_MS - 4_100) <= 130
    assert abs(event.end_ms - START_MS - 5_100) <= 250


async def test_a_turn_of_the_camera_moves_nothing(asker: Asker) -> None:
    things = [Thing(RED, "ball", still(100, 0)), Thing(BLUE, "box", still(-180, 60)), Thing(GREEN, "box", still(400, -40))]

    seen = await asker.captions(Scene(things, camera=TURNS).media())

    assert seen.events == ()
    assert seen.objects == ("red ball", "blue box", "green box")
    assert "The camera pans right." in seen.video_description


async def test_a_movement_against_the_cameras_is_seen(asker: Asker) -> None:
    carried = Thing(RED, "ball", glide((0, 0), (250, 0), 3, 5))

    seen = await asker.captions(Scene([carried], camera=TURNS).media())

    assert told(seen.events) == ["red ball moves right"]


async def test_a_thing_that_comes_and_goes_by_itself_enters_and_leaves(asker: Asker) -> None:
    comes = Thing(GREEN, "box", glide((-260, 0), (-60, 0), 2, 3.5))
    goes = Thing(BLUE, "ball", glide((100, 60), (260, 60), 6, 7.5))

    seen = await asker.captions(Scene([comes, goes]).media())

    assert told(seen.events) == [
        "green box enters the view",
        "green box moves right",
        "blue ball moves right",
        "blue ball leaves the view",
    ]
    assert [event.start_ms for event in seen.events] == sorted(event.start_ms for event in seen.events)


async def test_an_arm_before_a_thing_does_not_move_it(asker: Asker) -> None:
    seen = await asker.captions(Scene([Thing(RED, "box", still(0, 0))], arm_s=(3, 6)).media())

    assert seen.objects == ("red box",)
    assert seen.events == ()


async def test_a_cut_makes_no_event_and_is_told(asker: Asker) -> None:
    def jumps(t: float) -> tuple[float, float]:
        return (0, 0) if t < 5 else (150, 40)

    seen = await asker.captions(Scene([Thing(RED, "ball", jumps)], cut_s=5).media())

    assert seen.events == ()
    assert "The scene changes once." in seen.video_description


@pytest.mark.parametrize("count", [1, 40])
async def test_a_grey_scene_has_nothing_to_tell(asker: Asker, count: int) -> None:
    seen = await asker.captions(Scene(count=count).media())

    assert (seen.objects, seen.events) == ((), ())
    assert "Nothing is seen to move by itself." in seen.video_description
