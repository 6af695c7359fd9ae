"""Cutting: exactly the pictures of the window, in order, at their times, and the sound in step with them."""

import threading
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from egoetl.core.errors import DataError, TryAgainError
from egoetl.media.encode import write_video
from egoetl.media.ffmpeg import FfmpegRunner, find_ffmpeg
from egoetl.media.materialise import Cut, Made, cut, made_for, window_key
from egoetl.media.source_index import read_index
from egoetl.testing.videos import NTSC, SIZE, number_of, numbered, tones

SOUND_HZ = 44_100
TICK = Fraction(1, 1000)
WINDOWS = [(0, 2000), (2000, 4000), (1234, 3210), (4000, 5000)]


def decoded(file: Path) -> list[tuple[float, int]]:
    """Time and number of every picture."""
    with av.open(str(file)) as container:
        stream = container.streams.video[0]
        return [(float(frame.pts * stream.time_base), number_of(frame.to_ndarray(format="rgb24"))) for frame in container.decode(stream)]


def heard(file: Path) -> tuple[np.ndarray, int]:
    """The first channel, and its rate."""
    with av.open(str(file)) as container:
        stream = container.streams.audio[0]
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(stream)]), stream.rate


def cut_all(file: Path, windows: list[tuple[int, int]], folder: Path) -> dict[tuple[int, int], Path]:
    """Cut all windows in one pass."""
    cuts = [Cut(start, end, folder / f"{start}_{end}.mp4", f"key of {start}") for start, end in windows]
    cut(read_index(file), cuts, FfmpegRunner(), lambda _: None)
    return {(each.start_ms, each.end_ms): each.out for each in cuts}


def assert_exact(file: Path, windows: list[tuple[int, int]], folder: Path) -> None:
    whole = decoded(file)
    for (start_ms, end_ms), out in cut_all(file, windows, folder).items():
        wanted = [(when, number) for when, number in whole if start_ms <= round(when * 1000, 3) < end_ms]
        written = decoded(out)
        assert [number for _, number in written] == [number for _, number in wanted]
        assert [when for when, _ in written] == pytest.approx([when - start_ms / 1000 for when, _ in wanted], abs=0.002)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five seconds at 29.97 pictures a second with B-frames, one key frame at the start alone, and stereo sound."""
    file = tmp_path_factory.mktemp("source") / "source.mp4"
    write_video(file, numbered(150), size=SIZE, rate=NTSC, sound=tones(5.0, SOUND_HZ, 2), sound_rate=SOUND_HZ)
    return file


def test_a_pass_writes_exactly_the_pictures_of_each_window(source: Path, tmp_path: Path) -> None:
    assert_exact(source, WINDOWS, tmp_path)


@pytest.mark.parametrize(("rate", "suffix"), [(Fraction(25), ".mp4"), (Fraction(60), ".mkv"), (NTSC, ".mkv")])
def test_at_other_rates_and_in_other_containers(rate: Fraction, suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"source{suffix}"
    write_video(file, numbered(int(4 * rate)), size=SIZE, rate=rate, gop=30)
    assert_exact(file, [(0, 1000), (1500, 2500), (3000, 4000)], tmp_path)


def test_at_a_variable_rate(tmp_path: Path) -> None:
    file = tmp_path / "variable.mp4"
    times = [0, 40, 80, 400, 433, 466, 1000, 1040, 1999, 2000, 2001, 2700]
    frames = ((when, pixels) for when, (_, pixels) in zip(times, numbered(len(times)), strict=True))
    write_video(file, frames, size=SIZE, rate=Fraction(25), time_base=TICK)
    assert_exact(file, [(0, 1000), (1000, 2000), (2000, 2800), (433, 434)], tmp_path)


def test_ten_bit_pictures_of_hevc_become_what_everybody_plays(tmp_path: Path) -> None:
    file = tmp_path / "ten_bit.mp4"
    write_video(file, numbered(50), size=SIZE, rate=Fraction(25), codec="libx265", pix_fmt="yuv420p10le")
    (out,) = cut_all(file, [(500, 1500)], tmp_path).values()
    with av.open(str(out)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
    assert [number for _, number in decoded(out)] == list(range(13, 38))


def test_the_sound_is_in_step_and_as_long_as_the_window(source: Path, tmp_path: Path) -> None:
    whole, _ = heard(source)
    for (start_ms, end_ms), out in cut_all(source, [(1000, 3000), (2500, 4750)], tmp_path).items():
        written, rate = heard(out)
        length = (end_ms - start_ms) * rate // 1000
        assert rate == SOUND_HZ
        assert length <= len(written) < length + 1024
        begin = start_ms * rate // 1000
        lags = range(-300, 301)
        inner = written[1000 : length - 1000]
        likeness = [float(np.dot(inner, whole[begin + 1000 + lag : begin + 1000 + lag + len(inner)])) for lag in lags]
        assert abs(lags[int(np.argmax(likeness))]) <= 1


def test_sound_that_comes_late_and_ends_early_is_silence_there(source: Path, tmp_path: Path) -> None:
    file = tmp_path / "late.mp4"
    _delay_sound(source, file, seconds=1)
    outs = cut_all(file, [(0, 900), (500, 1500), (1000, 2000)], tmp_path)
    loud = {window: np.abs(heard(out)[0]) for window, out in outs.items()}
    assert loud[0, 900].max() < 0.01
    half = SOUND_HZ // 2
    assert loud[500, 1500][: half - 1100].max() < 0.01
    assert loud[500, 1500][half + 1100 :].mean() > 0.1
    assert loud[1000, 2000].mean() > 0.1


def test_a_silent_source_gives_a_file_without_sound(tmp_path: Path) -> None:
    file = tmp_path / "silent.mp4"
    write_video(file, numbered(50), size=SIZE, rate=Fraction(25))
    (out,) = cut_all(file, [(0, 1000)], tmp_path).values()
    assert made_for(out) == Made("key of 0", has_sound=False)


def test_the_same_window_gives_the_same_bytes(source: Path, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = cut_all(source, WINDOWS, tmp_path / "a")
    second = cut_all(source, WINDOWS[1:2], tmp_path / "b")
    assert first[WINDOWS[1]].read_bytes() == second[WINDOWS[1]].read_bytes()


def test_a_file_knows_what_it_was_made_for(source: Path, tmp_path: Path) -> None:
    (out,) = cut_all(source, [(0, 1000)], tmp_path).values()
    assert made_for(out) == Made("key of 0", has_sound=True)
    assert made_for(source) is None
    assert made_for(tmp_path / "absent.mp4") is None
    out.write_bytes(out.read_bytes()[:1000])
    assert made_for(out) is None


def test_another_video_or_window_has_another_key() -> None:
    keys = {window_key("ab" * 32, 0, 1000), window_key("cd" * 32, 0, 1000), window_key("ab" * 32, 0, 1001), window_key("ab" * 32, 1, 1000)}
    assert len(keys) == 4


def test_a_window_without_pictures_is_refused_before_anything_is_written(source: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no picture between 9000 and 9500 ms") as caught:
        cut_all(source, [(0, 1000), (9000, 9500)], tmp_path)
    assert caught.value.reason == "picture_missing"
    assert list(tmp_path.iterdir()) == []


def test_pictures_that_do_not_decode_are_a_failure_not_a_shorter_file(source: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.mp4"
    data = bytearray(source.read_bytes())
    index = read_index(source)
    damaged.write_bytes(data)
    with av.open(str(source)) as container:
        packets = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    for position, size in packets[40:80]:
        data[position : position + size] = bytes(size)
    damaged.write_bytes(data)
    assert read_index(damaged).picture.times == index.picture.times
    with pytest.raises(DataError) as caught:
        cut_all(damaged, [(1000, 3000)], tmp_path)
    assert caught.value.reason == "video_not_cut"


def test_what_ffmpeg_says_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file") as caught:
        FfmpegRunner().run([find_ffmpeg(), "-loglevel", "error", "-i", str(tmp_path / "none.mp4")], tmp_path / "none.mp4", lambda _: None)
    assert caught.value.reason == "video_not_cut"


def test_stopping_ends_what_runs_and_starts_nothing_more(tmp_path: Path) -> None:
    runner = FfmpegRunner()
    endless = [find_ffmpeg(), "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc", "-progress", "pipe:1", "-f", "null", "-"]
    told = threading.Event()
    caught: list[TryAgainError] = []

    def run() -> None:
        try:
            runner.run(endless, tmp_path, lambda _: told.set())
        except TryAgainError as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    assert told.wait(20)
    started = time.monotonic()
    runner.stop()
    thread.join(10)
    assert time.monotonic() - started < 10
    assert [error.reason for error in caught] == ["stopped"]
    with pytest.raises(TryAgainError):
        runner.run(endless, tmp_path, lambda _: None)


def _delay_sound(source: Path, out: Path, seconds: int) -> None:
    with av.open(str(source)) as old, av.open(str(out), "w") as new:
        streams = {stream.index: new.add_stream_from_template(stream) for stream in (old.streams.video[0], old.streams.audio[0])}
        for packet in old.demux():
            if packet.size == 0 or packet.stream.index not in streams:
                continue
            if packet.stream.type == "audio":
                ticks = int(seconds / packet.time_base)
                packet.pts += ticks
                packet.dts += ticks
            packet.stream = streams[packet.stream.index]
            new.mux(packet)
