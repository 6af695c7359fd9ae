"""The eight scripts keep the promises that tests and demos build on."""

from fractions import Fraction
from itertools import combinations, pairwise

import numpy as np
import pytest

from egoetl.footage.facts import WINDOW_MS
from egoetl.footage.reel.index import REEL
from egoetl.footage.script import FRONT_LANE, LANES, Script
from egoetl.footage.timeline import Placed, camera, events, sounds, visible
from egoetl.footage.world import Course, courses, pose

every = pytest.mark.parametrize("script", REEL, ids=lambda script: script.name)


def test_the_reel_holds_what_the_first_build_is_to_meet() -> None:
    assert len({script.name for script in REEL}) == 8
    assert {script.rate for script in REEL} == {30, Fraction(30_000, 1001)}
    assert {script.sound_hz for script in REEL} == {48_000, 16_000, None}
    assert [script.name for script in REEL if script.sound_hz is None] == ["garden"]
    assert 3_700 in {script.length_ms % WINDOW_MS for script in REEL}
    assert {script.split for script in REEL} == {"train", "test"}
    assert sum(bool(script.cuts_ms) for script in REEL) == 1
    assert [script.name for script in REEL if any(_goes_on(each) for each in sounds(script))] == ["garage"]


def test_the_reel_is_short() -> None:
    lengths = [script.length_ms for script in REEL]
    assert min(lengths) == 14_000
    assert max(lengths) == 75_000
    assert sum(lengths) < 300_000
    assert 28 <= sum(len(_windows(script)) for script in REEL) <= 34


def _windows(script: Script) -> range:
    return range(0, script.length_ms, WINDOW_MS)


@every
def test_the_picture_covers_the_manifest_s_rows(script: Script) -> None:
    assert script.length_ms <= script.duration_ms < script.length_ms + 40


@every
def test_whole_windows_have_something_to_ask_about_or_are_quiet(script: Script) -> None:
    for start in _windows(script):
        happening = [each for each in events(script) if start <= each.start_ms < start + WINDOW_MS]
        heard = [each for each in sounds(script) if start <= each.at_ms < start + WINDOW_MS and not _goes_on(each)]
        if start + WINDOW_MS > script.length_ms:
            assert happening
        else:
            assert len(happening) >= 2 or not (happening or heard)
            assert len(heard) >= 2 or not heard
            assert bool(heard) == bool(happening) or script.sound_hz is None


def _goes_on(each: Placed) -> bool:
    """Whether it is a background rather than something that happens."""
    return each.voice.ms > 2 * WINDOW_MS


def test_some_windows_are_quiet() -> None:
    quiet = [
        (script.name, start)
        for script in REEL
        for start in _windows(script)
        if not any(start <= each.start_ms < start + WINDOW_MS for each in events(script))
    ]
    assert len(quiet) >= 3


@every
def test_no_colour_is_in_view_twice_at_once(script: Script) -> None:
    for one, other in combinations(courses(script), 2):
        if one.thing.colour == other.thing.colour:
            for a in visible(script, one):
                assert not any(a.start_ms < b.end_ms and b.start_ms < a.end_ms for b in visible(script, other))


@every
def test_things_never_touch(script: Script) -> None:
    for ms in range(0, script.duration_ms, 50):
        places = [(course.thing, place) for course in courses(script) if (place := course.at(ms)) is not None]
        for (one, here), (other, there) in combinations(places, 2):
            apart = max(abs(here[0] - there[0]), abs(here[1] - there[1]))
            assert apart > (one.size + other.size) / 2, (one.name, other.name, ms)


@every
def test_things_that_rest_are_wholly_in_view_however_the_head_bobs(script: Script) -> None:
    half = (0.5, 0.5 * script.size[1] / script.size[0])
    for ms in range(0, script.duration_ms, 50):
        now = pose(script, ms)
        for course in courses(script):
            place = course.at(ms)
            if place is not None and not _crosses(course, ms):
                across, down = abs(place[0] - now.x), abs(place[1] - now.y)
                lean = abs(now.roll) * max(across, down)
                assert now.zoom * (across + course.thing.size / 2) + lean < half[0], (course.thing.name, ms)
                assert now.zoom * (down + course.thing.size / 2) + lean < half[1], (course.thing.name, ms)


def _crosses(course: Course, ms: int) -> bool:
    leg = course.last_leg(ms)
    return leg is not None and leg.move.kind in {"enter", "leave"} and ms < leg.move.end_ms


@every
def test_things_move_clearly_and_rest_between(script: Script) -> None:
    for course in courses(script):
        assert 1 / 8 <= course.thing.size * script.size[0] / script.size[1] <= 1 / 5
        for leg in course.legs:
            way = np.hypot(leg.end[0] - leg.start[0], leg.end[1] - leg.start[1])
            assert 0.08 <= way / (leg.move.ms / 1000) < 0.8, (course.thing.name, leg.move.at_ms)
        for leg, after in pairwise(course.legs):
            assert after.move.at_ms - leg.move.end_ms >= 1_000, (course.thing.name, after.move.at_ms)


@every
def test_what_is_in_view_in_a_window_stays_long_enough_to_be_seen(script: Script) -> None:
    for course in courses(script):
        for stretch in visible(script, course):
            for start in _windows(script):
                shown = min(stretch.end_ms, start + WINDOW_MS, script.length_ms) - max(stretch.start_ms, start)
                assert shown <= 0 or shown >= 800, (course.thing.name, start)


@every
def test_hands_push_only_what_nothing_lies_in_front_of(script: Script) -> None:
    for course in courses(script):
        for leg in course.legs:
            assert not leg.move.by_hand or leg.start[1] == LANES[FRONT_LANE]


@every
def test_a_sound_belongs_to_an_event_or_is_far_from_all(script: Script) -> None:
    for each in sounds(script):
        if each.caused_by is not None:
            assert 0 <= each.at_ms - events(script)[each.caused_by].start_ms <= 50
        elif not _goes_on(each):
            away = [max(event.start_ms - each.at_ms, each.at_ms - event.end_ms) for event in events(script)]
            assert min(away) > 1_500, each


@every
def test_both_kinds_of_sound_are_in_every_video_with_sound(script: Script) -> None:
    kinds = {each.caused_by is None for each in sounds(script)}
    assert kinds == ({True, False} if script.sound_hz else set())


def test_all_classes_of_sound_and_all_actions_occur() -> None:
    assert {each.voice.sound for script in REEL for each in sounds(script)} == {"impact", "tonal", "noise", "speech-like"}
    actions = {each.action for script in REEL for each in events(script)}
    assert actions == {"enters the view", "leaves the view", "moves left", "moves right", "moves up", "moves down"}


@every
def test_the_camera_s_stretches_cover_the_video(script: Script) -> None:
    stretches = camera(script)
    assert stretches[0].start_ms == 0
    assert stretches[-1].end_ms == script.duration_ms
    assert all(one.end_ms == other.start_ms for one, other in pairwise(stretches))
    assert {each.motion for each in stretches} >= {"still"}
    assert any(each.motion != "still" for each in stretches)
