"""Events, intervals and causes come out of a script's geometry."""

from dataclasses import replace

from egoetl.footage.script import Script
from egoetl.footage.timeline import camera, events, sounds, visible
from egoetl.footage.world import camera_x, courses


def test_events_tell_motion_and_the_crossing_of_the_border(script: Script) -> None:
    told = [(each.object, each.action, each.by) for each in events(script)]
    assert told == [
        ("red ball", "moves right", None),
        ("blue box", "enters the view", "hand"),
        ("blue box", "moves right", "hand"),
        ("red ball", "moves right", None),
        ("red ball", "leaves the view", None),
        ("blue box", "moves down", None),
    ]


def test_entering_begins_when_the_edge_touches_and_ends_when_the_thing_is_whole(script: Script) -> None:
    entering = events(script)[1]
    box = courses(script)[1]
    assert entering.start_ms == 1_000
    place = box.at(entering.end_ms)
    assert place is not None
    assert place[0] - 0.05 >= -0.5 - 0.002
    before = box.at(entering.end_ms - 20)
    assert before is not None
    assert before[0] - 0.05 < -0.5


def test_leaving_is_measured_against_the_panned_view(script: Script) -> None:
    leaving = events(script)[4]
    ball = courses(script)[0]
    place = ball.at(leaving.start_ms)
    assert place is not None
    assert abs(place[0] + 0.05 - (camera_x(script.pans, leaving.start_ms) + 0.5)) < 0.01
    assert 4_000 < leaving.start_ms < leaving.end_ms <= 5_000
    assert ball.at(5_000) is None


def test_a_pan_makes_no_event(script: Script) -> None:
    still = replace(script, pans=())
    assert [(each.object, each.action) for each in events(still)] == [(each.object, each.action) for each in events(script)]


def test_things_are_visible_between_coming_and_going(script: Script) -> None:
    ball, box = courses(script)
    (stretch,) = visible(script, ball)
    assert (stretch.start_ms, stretch.end_ms) == (0, events(script)[4].end_ms)
    (stretch,) = visible(script, box)
    assert (stretch.start_ms, stretch.end_ms) == (1_000, 6_000)


def test_a_sound_of_a_move_names_the_event_that_it_starts_with(script: Script) -> None:
    knock, beep = sounds(script)
    assert (knock.truth.sound, knock.caused_by, knock.at_ms) == ("impact", 0, 520)
    assert (beep.truth.sound, beep.caused_by, beep.truth.end_ms) == ("tonal", None, 3_300)


def test_a_silent_script_has_no_sounds(script: Script) -> None:
    assert sounds(replace(script, sound_hz=None)) == ()


def test_camera_stretches(script: Script) -> None:
    assert [(each.motion, each.start_ms, each.end_ms) for each in camera(script)] == [
        ("still", 0, 2_500),
        ("pans right", 2_500, 3_500),
        ("still", 3_500, 6_000),
    ]
