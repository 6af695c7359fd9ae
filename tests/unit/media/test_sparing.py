"""Pictures that the decoder may leave out: the others stay the same, bit by bit."""

from bisect import bisect_right
from fractions import Fraction
from pathlib import Path

import pytest

from egoetl.media.encode import write_video
from egoetl.media.libav import open_input, picture_stream
from egoetl.media.pictures import on_screen, pictures_from
from egoetl.testing.videos import SIZE, numbered


def pictures(file: Path, times: list[int], *, spare: bool) -> tuple[list[tuple[int, bytes]], int]:
    """What is on screen at the times, and how many pictures the decoder gave."""
    with open_input(file) as container:
        given = 0

        def counted():
            nonlocal given
            for each in pictures_from(container, picture_stream(container, file), times[0], file, times if spare else None):
                given += 1
                yield each

        return [(pts, frame.to_ndarray().tobytes()) for pts, frame in on_screen(counted(), times, file)], given


def ticks(file: Path, milliseconds: range) -> list[int]:
    with open_input(file) as container:
        unit = picture_stream(container, file).time_base
    assert unit is not None
    return [int(Fraction(each, 1000) / unit) for each in milliseconds]


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
@pytest.mark.parametrize(("bframes", "gop"), [(0, 250), (1, 250), (3, 250), (8, 250), (3, 12)])
@pytest.mark.parametrize("milliseconds", [range(0, 5000, 250), range(1033, 4700, 90), range(3000, 3500, 7)], ids=str)
def test_what_is_shown_is_the_same(make, suffix: str, bframes: int, gop: int, milliseconds: range):
    file = make(f"a.{suffix}", frames=150, bframes=bframes, gop=gop)
    times = ticks(file, milliseconds)
    spared, given = pictures(file, times, spare=True)
    whole, all_there_are = pictures(file, times, spare=False)
    assert spared == whole
    assert given <= all_there_are


def test_with_b_frames_half_of_the_pictures_are_spared(make):
    file = make("a.mp4", frames=150, bframes=3)
    times = ticks(file, range(0, 5000, 500))
    assert pictures(file, times, spare=True)[1] < 0.65 * pictures(file, times, spare=False)[1]


def test_a_picture_that_stays_on_screen_is_not_spared(tmp_path: Path):
    """A B-frame begins long before the time at which it is looked at."""
    begins = [0, 40, 80, 120, 900, 940, 980, 1020, 1900, 1940, 1980]
    shown = [(time, picture) for time, (_, picture) in zip(begins, numbered(len(begins)), strict=True)]
    file = tmp_path / "a.mp4"
    write_video(file, shown, size=SIZE, rate=Fraction(30), time_base=Fraction(1, 1000), bframes=3)
    with open_input(file) as container:
        unit = picture_stream(container, file).time_base
    assert unit is not None
    for instant in range(0, 2000, 10):
        ((pts, _),), _ = pictures(file, [int(Fraction(instant, 1000) / unit)], spare=True)
        assert pts * unit * 1000 == begins[bisect_right(begins, instant) - 1]
