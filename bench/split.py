"""Register, probe, split and sound of a 6-minute video, against cutting files: `python bench/split.py [--json] [--keep]`.

Ours: `decoding_stages.py`, a Python process from its start to its end, imports included, that runs the stages `register`
(hash, probe) and `split` (windows, 16 kHz mono FLAC into a local store) through the runner's StageIO; only the ledger is
left out. The anchors, ffmpeg processes for each window of 10 s: a stream copy and a 16 kHz wav of it, as EgoAVU's way is;
and an encode with libx264 veryfast, measured on every twelfth window. CPU seconds of all processes, in turn, medians.

In the same run it is verified that each segment's pictures are those of a full decode of the video, by their md5, and that
the sound is within one step of a full decode.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from hashlib import md5
from pathlib import Path
from statistics import median

import av
import numpy as np
from av.audio.resampler import AudioResampler
from imageio_ffmpeg import get_ffmpeg_exe
from moving_video import MovingVideo
from numpy.typing import NDArray
from ratio_table import Row, client_cpu_seconds, report

from egoetl.core.records import SplitClip
from egoetl.media.libav import bytes_of, open_input, picture_stream
from egoetl.media.pictures import PictureClock, pictures_from

WINDOW_S = 10
ENCODED = 12
"""Of so many windows one is encoded."""
RATE_HZ = 16_000
COPY_TARGET = 0.23
ENCODE_TARGET = 1 / 120


def measure(arguments: argparse.Namespace) -> Sequence[Row]:
    """Split without cutting, against cutting."""
    video = MovingVideo(arguments.seconds, grain=22).file()
    starts = range(0, arguments.seconds, WINDOW_S)
    programs = programs_here()
    spent: list[list[float]] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for number in range(arguments.repeats):
            store = folder / f"store{number}"
            ours = _cpu_seconds(lambda store=store: split(video, store, arguments.seconds))
            copied = [_cpu_seconds(lambda each=each: [copy(each, video, start, folder) for start in starts]) for each in programs]
            encoded = _cpu_seconds(lambda: [encode(next(iter(programs)), video, start, folder) for start in starts[::ENCODED]])
            spent.append([ours, encoded * len(starts) / len(starts[::ENCODED]), *copied])
        verified = _verified(video, store, split(video, store, arguments.seconds))
    what = f"split {arguments.seconds} s of 720p30, {video.stat().st_size / 1e6:.0f} MB"
    ours, encoded, *copied = (median(column) for column in zip(*spent, strict=True))
    copies = [
        Row(what, ours, anchor, "CPU s", f"-c copy and a wav for each window, {name}", COPY_TARGET)
        for name, anchor in zip(programs.values(), copied, strict=True)
    ]
    return [*copies, Row(what, ours, encoded, "CPU s", "libx264 veryfast for each window", ENCODE_TARGET), *verified]


def programs_here() -> dict[str, str]:
    """The ffmpeg programs to compare with, and what they are: the system's, if it has one, and the wheel's.

    They differ by nearly two: the system's, of a distribution, loads some two hundred libraries for each window.
    """
    found = [shutil.which("ffmpeg"), get_ffmpeg_exe()]
    return {program: _version(program) for program in found if program}


def _version(program: str) -> str:
    said = subprocess.run([program, "-version"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return " ".join(said.split()[:3]).replace(" version", "")


def _cpu_seconds(work: Callable[[], object]) -> float:
    before = client_cpu_seconds()
    work()
    return client_cpu_seconds() - before


def split(video: Path, store: Path, seconds: int) -> SplitClip:
    """Ours, as a process."""
    program = Path(__file__).with_name("decoding_stages.py")
    made = subprocess.run([sys.executable, program, video, store, str(seconds * 1000)], check=True, stdout=subprocess.PIPE)
    return SplitClip.model_validate(json.loads(made.stdout)[1])


def copy(program: str, video: Path, start_s: int, folder: Path) -> None:
    """EgoAVU's way: a stream copy, and the wav that its models listen to."""
    _ffmpeg(program, "-ss", start_s, "-i", video, "-t", WINDOW_S, "-c:v", "copy", "-c:a", "copy", folder / "copy.mp4")
    _ffmpeg(program, "-i", folder / "copy.mp4", "-vn", "-ac", 1, "-ar", RATE_HZ, folder / "copy.wav")


def encode(program: str, video: Path, start_s: int, folder: Path) -> None:
    """A window of its own, exact but encoded again."""
    window = ("-ss", start_s, "-i", video, "-t", WINDOW_S)
    _ffmpeg(program, *window, "-c:v", "libx264", "-preset", "veryfast", "-c:a", "aac", folder / "made.mp4")


def _ffmpeg(program: str, *arguments: object) -> None:
    subprocess.run([program, "-v", "error", "-nostdin", "-y", *map(str, arguments)], check=True)


def _verified(video: Path, store: Path, made: SplitClip) -> list[Row]:
    whole = list(_full_decode(video))
    pictures = [digest for segment in made.segments for digest in _pictures(video, segment.start_ms, segment.end_ms)]
    same = sum(ours == theirs for ours, theirs in zip(pictures, whole, strict=True))
    assert made.sound.sound is not None
    heard, all_heard = _samples(store / made.sound.sound.path), _sound(video)
    count = min(len(heard), len(all_heard))
    within = int((np.abs(heard[:count] - all_heard[:count]) <= 1).sum())
    return [
        Row("pictures that are identical", same, len(whole), "pictures", "a full decode", 1, "at least"),
        Row("samples within one step", within, len(heard), "samples", "a full decode", 1, "at least"),
    ]


def _pictures(video: Path, start_ms: int, end_ms: int) -> Iterator[str]:
    """The pictures that begin within a segment."""
    with open_input(video) as container:
        stream = picture_stream(container, video)
        clock = PictureClock(container, stream)
        for pts, frame in pictures_from(container, stream, clock.ticks(start_ms), video):
            at_ms = clock.milliseconds(pts)
            if at_ms >= end_ms:
                return
            if at_ms >= start_ms:
                yield _digest(frame)


def _full_decode(video: Path) -> Iterator[str]:
    with av.open(str(video)) as container:
        container.streams.video[0].thread_type = "AUTO"
        for frame in container.decode(video=0):
            yield _digest(frame)


def _digest(frame: av.VideoFrame) -> str:
    found = md5(usedforsecurity=False)
    for plane in frame.planes:
        found.update(np.frombuffer(bytes_of(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width].tobytes())
    return found.hexdigest()


def _samples(flac: Path) -> NDArray[np.int32]:
    with av.open(str(flac)) as container:
        return np.concatenate([frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)]).astype(np.int32)


def _sound(video: Path) -> NDArray[np.int32]:
    """All the sound from its first sample to its last, through one resampler."""
    resampler = AudioResampler(format="s16", layout="mono", rate=RATE_HZ)
    with av.open(str(video)) as container:
        frames = (*container.decode(audio=0), None)
        made = [piece.to_ndarray().reshape(-1) for frame in frames for piece in resampler.resample(frame)]
    return np.concatenate(made).astype(np.int32)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=measure.__doc__)
    parser.add_argument("--seconds", type=int, default=360, help="length of the video, a multiple of ten")
    parser.add_argument("--repeats", type=int, default=5, help="how often each is measured")
    report("split", measure, parser)
