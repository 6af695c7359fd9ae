"""The sampled container: which picture is on screen when, and the sound of the same interval."""

import hashlib
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from egoetl.core.errors import DataError, InternalError
from egoetl.footage.damaged_boxes import replaced, tracks
from egoetl.media.encode import write_video
from egoetl.media.sample import scaled_size
from egoetl.testing.videos import NTSC, SIZE, number_of, numbered, tones


def shown(media, sampled, file: Path, start_ms: int, end_ms: int, **settings) -> tuple[list[int], list[int]]:
    out, clip = sampled(file, start_ms, end_ms, **settings)
    window = media.open(out, clip, start_ms, start_ms, end_ms)
    return [number_of(picture) for picture in window.frames()], list(clip.source_pts_ms)


@pytest.mark.parametrize("rate", [Fraction(30), NTSC])
@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
@pytest.mark.parametrize("window", [(0, 4000), (2111, 3777)])
def test_each_time_takes_the_picture_on_screen(media, sampled, make, rate: Fraction, suffix: str, window: tuple[int, int]):
    file = make(f"a.{suffix}", frames=150, rate=rate, gop=250, bframes=3)
    numbers, pts = shown(media, sampled, file, *window, step_ms=250)
    unit = {"mp4": 0, "ts": Fraction(1, 90_000), "mkv": Fraction(1, 1000)}[suffix]
    begins = [number / rate if not unit else (2 * number / rate / unit + 1) // 2 * unit for number in range(150)]
    expected = [max(number for number in range(150) if begins[number] <= Fraction(time, 1000)) for time in range(*window, 250)]
    assert numbers == expected
    assert pts == [int(begins[number] * 1000) for number in expected]


@pytest.mark.parametrize("gop", [1, 7, 50])
def test_the_group_of_pictures_does_not_matter(media, sampled, make, gop: int):
    file = make("a.mp4", frames=150, gop=gop, bframes=3)
    assert shown(media, sampled, file, 1500, 4500)[0] == [45, 60, 75, 90, 105, 120]


def test_every_single_picture(media, sampled, make):
    file = make("a.mp4", frames=60, gop=20, bframes=3)
    assert shown(media, sampled, file, 500, 1900, step_ms=20)[0] == [time * 30 // 1000 for time in range(500, 1900, 20)]


def test_a_variable_rate(media, sampled, tmp_path: Path):
    times = [0, 40, 45, 700, 900, 930]
    pictures = [(time, picture) for time, (_, picture) in zip(times, numbered(6), strict=True)]
    write_video(tmp_path / "a.mp4", pictures, size=SIZE, rate=Fraction(30), time_base=Fraction(1, 1000))
    numbers, pts = shown(media, sampled, tmp_path / "a.mp4", 0, 1000, step_ms=100)
    assert numbers == [0, 2, 2, 2, 2, 2, 2, 3, 3, 4]
    assert pts == [times[number] for number in numbers]


def test_before_the_first_picture_the_first_is_shown(media, sampled, tmp_path: Path):
    pictures = [(number + 10, picture) for number, picture in numbered(20)]
    write_video(tmp_path / "a.mp4", pictures, size=SIZE, rate=Fraction(10), sound=tones(3, 16_000, 1), sound_rate=16_000)
    numbers, pts = shown(media, sampled, tmp_path / "a.mp4", 0, 2000)
    assert numbers == [0, 0, 0, 5]
    assert pts == [1000, 1000, 1000, 1500]


def test_pictures_keep_their_colours_and_shape(media, sampled, tmp_path: Path):
    colours = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [250, 240, 20], [128, 128, 128], [10, 10, 10]], np.uint8)
    picture = colours[None, np.arange(192) // 32].repeat(96, axis=0)
    write_video(tmp_path / "a.mp4", [(number, picture) for number in range(10)], size=SIZE, rate=Fraction(10), crf=4)
    out, clip = sampled(tmp_path / "a.mp4", 0, 1000, max_side=96)
    assert (clip.width, clip.height) == (96, 48)
    seen = media.open(out, clip, 0, 0, 1000).frames()
    assert seen.shape == (2, 48, 96, 3)
    assert seen.dtype == np.uint8
    assert np.abs(seen[0, 24, 8::16].astype(int) - colours).max() <= 6


@pytest.mark.parametrize(
    ("source", "max_side", "size"),
    [
        ((1280, 720), 448, (448, 252)),
        ((720, 1280), 448, (252, 448)),
        ((320, 240), 448, (320, 240)),
        ((427, 240), 448, (426, 240)),
        ((1920, 1080), 449, (448, 252)),
        ((4000, 10), 448, (448, 2)),
    ],
)
def test_sizes_are_even_and_never_grow(source: tuple[int, int], max_side: int, size: tuple[int, int]):
    assert scaled_size(*source, max_side) == size


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_equal_inputs_give_equal_bytes(sampled, make, suffix: str):
    file = make(f"a.{suffix}", frames=90, sound=tones(3, 48_000, 2))
    shas = {hashlib.sha256(sampled(file, 100, 2900)[0].read_bytes()).hexdigest() for _ in range(2)}
    assert len(shas) == 1


def test_the_container_holds_the_sound_unchanged(sampled, make, tmp_path: Path):
    out, _ = sampled(make("a.mp4", frames=90, sound=tones(3, 48_000, 2)), 500, 2900)

    def packets(path: Path) -> list[bytes]:
        with av.open(str(path)) as container:
            return [bytes(packet) for packet in container.demux(audio=0) if packet.size]

    assert packets(out) == packets(tmp_path / "sound.flac")


def test_every_picture_is_a_key_frame_at_its_time(sampled, make):
    out, _ = sampled(make("a.mp4", frames=90), 500, 2900)
    with av.open(str(out)) as container:
        packets = [(packet.pts, packet.is_keyframe) for packet in container.demux(video=0) if packet.size]
        assert container.duration == 2_400_000
        assert container.streams.video[0].average_rate == 2
    assert packets == [(time, True) for time in range(0, 2400, 500)]


def test_pictures_and_sound_are_written_in_step(sampled, make):
    out, _ = sampled(make("a.mp4", frames=240, sound=tones(8, 48_000, 1)), 0, 8000)
    with av.open(str(out)) as container:
        order = [packet.dts * packet.time_base for packet in container.demux() if packet.dts is not None]
    assert order == sorted(order)


def test_a_window_of_the_container(media, sampled, make):
    file = make("a.mp4", frames=240, sound=tones(8, 48_000, 2))
    out, clip = sampled(file, 1000, 7700)
    whole, _ = media.open(out, clip, 1000, 1000, 7700).sound()
    assert whole.shape == (6700 * 16,)
    for start_ms, end_ms in [(1000, 3000), (3333, 5001), (6000, 7700)]:
        window = media.open(out, clip, 1000, start_ms, end_ms)
        assert window.frame_ms == tuple(time for time in range(1000, 7700, 500) if start_ms <= time < end_ms)
        assert [number_of(picture) for picture in window.frames()] == [time * 30 // 1000 for time in window.frame_ms]
        sound, rate_hz = window.sound()
        assert rate_hz == 16_000
        assert sound.dtype == np.float32
        assert np.array_equal(sound, whole[(start_ms - 1000) * 16 : (end_ms - 1000) * 16])


def test_a_window_without_a_picture(media, sampled, make):
    out, clip = sampled(make("a.mp4", frames=90), 0, 3000)
    window = media.open(out, clip, 0, 600, 900)
    assert window.frame_ms == ()
    assert window.frames().shape == (0, 96, 192, 3)


def test_a_silent_source(media, sampled, make):
    out, clip = sampled(make("a.mp4", frames=90), 0, 3000)
    assert not clip.has_sound
    assert media.open(out, clip, 0, 0, 3000).sound()[0].shape == (0,)


def test_a_grid_outside_of_its_window_is_our_bug(media, make, tmp_path: Path):
    for grid in [(), (0, 0), (500, 0), (0, 1000)]:
        with pytest.raises(InternalError):
            media.sample(make("a.mp4"), 0, 1000, None, tmp_path / "a.mkv", grid_ms=grid, max_side=64)


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_a_damaged_picture_is_not_shown(media, make, tmp_path: Path, suffix: str):
    data = bytearray(make(f"a.{suffix}", frames=240, gop=30).read_bytes())
    middle = len(data) // 2
    data[middle : middle + 20_000] = b"\xff" * 20_000
    file = tmp_path / f"a.{suffix}"
    file.write_bytes(data)
    with pytest.raises(DataError) as caught:
        media.sample(file, 0, 8000, None, tmp_path / "o.mkv", grid_ms=range(0, 8000, 500), max_side=64)
    assert caught.value.reason == "picture_corrupt"
    assert file.name in str(caught.value)


def test_a_damaged_container_says_so(media, sampled, make):
    out, clip = sampled(make("a.mp4", frames=240, sound=tones(8, 48_000, 1)), 0, 8000)
    out.write_bytes(out.read_bytes()[: out.stat().st_size // 2])
    window = media.open(out, clip, 0, 6000, 8000)
    for ask in (window.frames, window.sound):
        with pytest.raises(DataError) as caught:
            ask()
        assert caught.value.reason == "sampled_corrupt"


def test_a_picture_that_would_stand_for_a_minute_is_no_picture(media, make, tmp_path: Path):
    """Between two presentation times a minute apart, pictures are lost: nothing is shown in their place."""
    data = make("a.mp4", frames=60, bframes=0).read_bytes()
    durations = (*tracks(data)["vide"], "mdia", "minf", "stbl", "stts")
    runs = struct.pack(">I4s8I", 40, b"stts", 0, 3, 29, 512, 1, 60 * 15_360, 30, 512)
    (tmp_path / "gap.mp4").write_bytes(replaced(data, durations, runs))
    assert media.probe(tmp_path / "gap.mp4", sha256="a" * 64).duration_ms == 61_966
    media.sample(tmp_path / "gap.mp4", 0, 5000, None, tmp_path / "a.mkv", grid_ms=range(0, 5000, 500), max_side=96)
    with pytest.raises(DataError, match="around 11000 ms") as caught:
        media.sample(tmp_path / "gap.mp4", 0, 61_000, None, tmp_path / "a.mkv", grid_ms=range(0, 61_000, 500), max_side=96)
    assert caught.value.reason == "pictures_lost"
