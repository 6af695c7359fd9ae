"""Make the set of formats: the videos that are missing, a manifest and the truth."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from egoetl.core.content_key import sha256_of
from egoetl.footage.folder import FootageFolder, opened
from egoetl.footage.formats.index import FORMATS
from egoetl.footage.formats.scene import picture, soundtrack
from egoetl.footage.formats.truth import FormatsTruth, truth_of
from egoetl.footage.formats.video_format import VideoFormat
from egoetl.footage.maker import MANIFEST, TRUTH, Made, PictureCount, Tell
from egoetl.media.encode import write_video

RENDERER = 1
"""Raised whenever the same format gives other bytes or another truth."""
CRF = 20


def make_formats(folder: Path, tell: Tell, formats: tuple[VideoFormat, ...] = FORMATS) -> Made:
    """Make every video of the set that is not there already, the manifest and the truth.

    Raises:
        CallerError: the folder cannot be made or written to.
        TryAgainError: another process is making footage there.
    """
    with opened(folder) as place:
        todo = [each for each in formats if place.made(each.file, _recipe(each)) is None]
        _render_all(place, todo, PictureCount(sum(len(each.begins) for each in todo), tell))
        truth = FormatsTruth(videos={each.name: truth_of(each) for each in formats})
        place.write(MANIFEST, _manifest(truth).encode())
        place.write(TRUTH, (truth.model_dump_json(indent=1) + "\n").encode())
    return Made(
        folder=str(folder),
        manifest=str(folder / MANIFEST),
        truth=str(folder / TRUTH),
        made=tuple(each.name for each in todo),
        reused=tuple(each.name for each in formats if each not in todo),
        duration_ms=sum(each.duration_ms for each in truth.videos.values()),
        size_bytes=sum((folder / each.file).stat().st_size for each in formats),
    )


def _recipe(video: VideoFormat) -> str:
    return sha256_of({"renderer": RENDERER, "format": {name: str(value) for name, value in asdict(video).items()}})


def _render_all(place: FootageFolder, todo: list[VideoFormat], count: PictureCount) -> None:
    with ThreadPoolExecutor(max_workers=len(os.sched_getaffinity(0)), thread_name_prefix="footage") as pool:
        try:
            for each, _ in zip(todo, pool.map(partial(_render, place, count), todo), strict=True):
                place.keep(each.file, _recipe(each))
        finally:
            count.stopped.set()


def _render(place: FootageFolder, count: PictureCount, video: VideoFormat) -> None:
    sound = video.sound

    def fill(unfinished: Path) -> None:
        write_video(
            unfinished,
            count.watch(_pictures(video)),
            size=video.coded_size,
            rate=video.rate,
            time_base=video.unit,
            gop=video.gop,
            crf=CRF,
            bframes=video.bframes,
            codec=video.codec,
            pix_fmt=video.pix_fmt,
            turned=video.turned,
            pixel_aspect=video.pixel_aspect,
            sound=soundtrack(sound, video.hidden_ms) if sound else None,
            sound_rate=sound.rate_hz if sound else 0,
            sound_codec=sound.codec if sound else "",
            sound_start=video.begins_at_s + Fraction((sound.from_ms or -video.hidden_ms) if sound else 0, 1000),
        )

    place.appear(video.file, fill)


def _pictures(video: VideoFormat) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """The pictures as the camera held them: a player's turn makes them upright."""
    ahead = int(video.begins_at_s / video.unit)
    for number, begin in enumerate(video.begins):
        yield begin + ahead, np.ascontiguousarray(np.rot90(picture(number, float(begin * video.unit)), -video.turned // 90))


def _manifest(truth: FormatsTruth) -> str:
    rows = [f"{name},0,{each.duration_ms / 1000:g},train,{each.file}" for name, each in truth.videos.items()]
    return "\n".join(("id,start_time,end_time,split,uri", *rows, ""))
