"""All pictures and sound that all stages of a build see, against one pure decode: `python bench/decode.py [--json] [--keep]`.

Ours: the stages `split` and `frames`, which decode a clip once for every stage after them: 4 pictures a second, scaled,
as JPEGs, and 16 kHz mono FLAC, kept in a local store. The anchor: PyAV with one thread decodes every picture and all the
sound of the same file and drops them. CPU seconds in one process, in turn, medians.
"""

import argparse
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import av
from decoding_stages import DecodingStages
from moving_video import MovingVideo
from ratio_table import Row, client_cpu_seconds, report

SECONDS = 60
VIDEOS = {
    "720p30, 6.7 Mbit/s": MovingVideo(SECONDS, grain=22),
    "720p30, low bit rate": MovingVideo(SECONDS, grain=1, crf=36),
    "720p30, no B-frames": MovingVideo(SECONDS, grain=22, bframes=0),
    "720p30, no B-frames, low bit rate": MovingVideo(SECONDS, grain=1, crf=36, bframes=0),
}
TARGET = 1.15


def measure(arguments: argparse.Namespace) -> Sequence[Row]:
    """Decode for all stages, against decoding."""
    return [_row(name, video, arguments.repeats) for name, video in VIDEOS.items()]


def _row(name: str, video: MovingVideo, repeats: int) -> Row:
    file = video.file()
    with tempfile.TemporaryDirectory() as folder:
        stages = DecodingStages(file, Path(folder))
        clip = stages.register(SECONDS * 1000)

        def ours() -> None:
            stages.frames(clip, stages.split(clip))

        spent = [(_cpu_seconds(ours), _cpu_seconds(lambda: decode_all(file))) for _ in range(repeats)]
    made, anchor = (median(column) for column in zip(*spent, strict=True))
    return Row(name, made, anchor, "CPU s a minute", "one decode, PyAV, one thread", TARGET)


def _cpu_seconds(work: Callable[[], object]) -> float:
    before = client_cpu_seconds()
    work()
    return client_cpu_seconds() - before


def decode_all(file: Path) -> None:
    """Decode every picture and all sound, and drop them."""
    for kind in ("video", "audio"):
        with av.open(str(file)) as container:
            stream = container.streams.get(**{kind: 0})[0]
            stream.codec_context.thread_count = 1
            stream.codec_context.thread_type = "NONE"
            for _ in container.decode(stream):
                pass


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=measure.__doc__)
    parser.add_argument("--repeats", type=int, default=7, help="how often each is measured")
    report("decode", measure, parser)
