"""Windows of a source as mp4 files: one pass over the source writes several, each with exactly its pictures, and its sound in step."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import av
from av.error import FFmpegError

from egoetl.core.content_key import sha256_of
from egoetl.core.errors import DataError
from egoetl.media.ffmpeg import FfmpegRunner, Tell, find_ffmpeg
from egoetl.media.libav import open_input, picture_stream, unit_of
from egoetl.media.source_index import SourceIndex

ffmpeg: Any = import_module("ffmpeg")  # without types of its own

VERSION = 1
"""Raised whenever other files are written for the same window."""
PICTURE = {
    "vcodec": "libx264", "preset": "veryfast", "crf": 20, "x264-params": "mbtree=0",
    # One thread: the bytes do not depend on the processors, several passes run at once, and it costs least.
    "threads": 1,
}  # fmt: skip
SOUND = {"acodec": "aac", "b:a": "128k"}
FILE = {"f": "mp4", "movflags": "+faststart", "fflags": "+bitexact", "flags": "+bitexact", "map_metadata": -1, "map_chapters": -1}
KEY_PREFIX = "egoetl:"
# Times are kept in the mp4's own units.
TOLERANCE_S = Fraction(2, 1000)


class Made(NamedTuple):
    """What a file says of itself."""

    key: str
    has_sound: bool


class Cut(NamedTuple):
    """A window of the source, and the file to write. `key` goes into the file, for `made_for`."""

    start_ms: int
    end_ms: int
    out: Path
    key: str


def window_key(video_sha256: str, start_ms: int, end_ms: int) -> str:
    """What a file's content depends on: the source's bytes, the window and how it is encoded, but not the build of ffmpeg."""
    return sha256_of({"video": video_sha256, "window": [start_ms, end_ms], "version": VERSION, "picture": PICTURE, "sound": SOUND})


def made_for(file: Path) -> Made | None:
    """What a file was written for; None for one that is absent, damaged or not ours."""
    try:
        with av.open(str(file)) as container:
            comment = container.metadata.get("comment", "")
            has_sound = bool(container.streams.audio)
    except (FFmpegError, OSError):
        return None
    return Made(comment.removeprefix(KEY_PREFIX), has_sound) if comment.startswith(KEY_PREFIX) else None


def cut(index: SourceIndex, cuts: Sequence[Cut], runner: FfmpegRunner, tell: Tell) -> None:
    """Write the files of one pass; the source is decoded from the key frame before the first window to the end of the last.

    Each file holds the source's pictures that begin in [start, end), at their times from `start` on, upright, and the
    sound of the same stretch at its own rate, silent where the source has none; a source without sound gives none.

    Raises:
        DataError: `picture_missing`, or `video_not_cut` if ffmpeg fails or writes other pictures than these.
        ConfigError: `ffmpeg_missing`.
        TryAgainError: `stopped`.
    """
    for each in cuts:
        index.pictures(each.start_ms, each.end_ms)
    begin = index.key_before(min(each.start_ms for each in cuts))
    runner.run(_command(index, cuts, begin), index.file, tell)
    wrong = _first_wrong(index, cuts)
    if wrong is not None and begin is not None:
        # Files without an index lead a jump astray; from the start there is none.
        runner.run(_command(index, cuts, None), index.file, tell)
        wrong = _first_wrong(index, cuts)
    if wrong is not None:
        raise DataError(
            f"The pictures of {index.file} between {wrong.start_ms} and {wrong.end_ms} ms do not all decode; replace the file.",
            reason="video_not_cut",
        )


def _command(index: SourceIndex, cuts: Sequence[Cut], begin: Fraction | None) -> list[str]:
    seek = {} if begin is None or begin <= 0 else {"ss": f"{float(begin):.6f}", "noaccurate_seek": None}
    # A playlist could make ffmpeg read other files than the one that was named.
    source = ffmpeg.input(str(index.file.absolute()), threads=1, copyts=None, protocol_whitelist="file", **seek)
    pictures = (
        source[str(index.picture.index)]
        .filter("crop", "trunc(iw/2)*2", "trunc(ih/2)*2", 0, 0)
        .filter("format", "yuv420p")
        .filter_multi_output("split", len(cuts))
    )
    heard = [each for each in cuts if index.heard(each.start_ms, each.end_ms)]
    sounds: Any = source[str(index.sound.index)].filter_multi_output("asplit", len(heard)) if index.sound and heard else None
    outputs = [
        ffmpeg.output(
            _picture(index, each, pictures[number]),
            *_sound(index, each, sounds[heard.index(each)] if each in heard else None),
            str(each.out.absolute()),
            metadata=f"comment={KEY_PREFIX}{each.key}",
            fps_mode="passthrough",
            **{"enc_time_base:v": f"{index.picture.unit.numerator}:{index.picture.unit.denominator}"},
            **PICTURE,
            **SOUND,
            **FILE,
        )
        for number, each in enumerate(cuts)
    ]
    options = ("-hide_banner", "-loglevel", "error", "-nostdin", "-nostats", "-progress", "pipe:1", "-filter_complex_threads", "1")
    return ffmpeg.merge_outputs(*outputs).global_args(*options).compile(cmd=find_ffmpeg(), overwrite_output=True)


def _picture(index: SourceIndex, each: Cut, stream: Any) -> Any:
    first, beyond = index.ticks(each.start_ms), index.ticks(each.end_ms)
    zero = int(index.seconds(each.start_ms) // index.picture.unit)
    return stream.filter("trim", start_pts=first, end_pts=beyond).filter("setpts", f"PTS-({zero})")


def _sound(index: SourceIndex, each: Cut, stream: Any) -> Iterator[Any]:
    """The window's sound, of exactly the window's length: what comes late, ends early or is broken is filled with silence."""
    if index.sound is None:
        return
    rate = index.sound.rate_hz
    first, beyond = (round(index.seconds(time) * rate) for time in (each.start_ms, each.end_ms))
    if stream is None:
        yield ffmpeg.input(f"anullsrc=r={rate}:cl=mono", f="lavfi", t=f"{float(Fraction(beyond - first, rate)):.6f}").audio
        return
    yield (
        stream.filter("atrim", start_pts=first, end_pts=beyond)
        .filter("asetpts", f"PTS-({first})")
        .filter("aresample", **{"async": 1, "first_pts": 0})
        .filter("apad", whole_len=beyond - first)
    )


def _first_wrong(index: SourceIndex, cuts: Sequence[Cut]) -> Cut | None:
    """The first file whose pictures are not those of its window, by number and times."""
    return next((each for each in cuts if not _right(index, each)), None)


def _right(index: SourceIndex, each: Cut) -> bool:
    start = index.seconds(each.start_ms)
    wanted = [time * index.picture.unit - start for time in index.pictures(each.start_ms, each.end_ms)]
    with open_input(each.out) as container:
        stream = picture_stream(container, each.out)
        unit = unit_of(stream)
        written = sorted(packet.pts * unit for packet in container.demux(stream) if packet.pts is not None)
    return len(written) == len(wanted) and all(abs(ours - theirs) < TOLERANCE_S for ours, theirs in zip(written, wanted, strict=True))
