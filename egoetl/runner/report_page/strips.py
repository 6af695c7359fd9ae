"""A strip of small pictures of what a question is about, decoded from its video."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from egoetl.core.errors import DataError, TryAgainError
from egoetl.core.evaluation import ScoredItem
from egoetl.core.media_port import Media
from egoetl.core.records import Artifact, SampledClip
from egoetl.core.sources import MediaFile
from egoetl.runner.evaluation_videos import EvaluationVideos

PICTURES = 4
LONGEST_SIDE = 240
_SUFFIX = ".mkv"


class Picture(NamedTuple):
    """A JPEG, and the second of the video that it shows."""

    second: float
    jpeg: bytes


class Strip(NamedTuple):
    """Pictures in order of time; where there are none, why, as a code: a page that is passed on must not tell folders of this machine."""

    pictures: tuple[Picture, ...]
    reason: str = ""


def strip_of(item: ScoredItem, videos: EvaluationVideos, media: Media) -> Strip:
    """Pictures spread evenly over the stretch that the question is about, or over the part of it that the video has."""
    try:
        with videos.open(videos.find(item)) as file, tempfile.TemporaryDirectory(prefix="egoetl-") as folder:
            times = _times(item.question.start_ms, item.question.end_ms, media.claimed_duration_ms(file))
            return Strip(tuple(_picture(media, file, time, Path(folder) / f"{number}{_SUFFIX}") for number, time in enumerate(times)))
    except (DataError, TryAgainError) as error:
        return Strip((), error.reason)


def _times(start_ms: int, end_ms: int, duration_ms: int) -> Sequence[int]:
    """The middles of equal parts. A header that says no duration is 0."""
    if 0 < duration_ms < end_ms:
        if duration_ms <= start_ms:
            raise DataError(f"The question is about {start_ms / 1000:g} s on, and the video ends before.", reason="window_beyond_video")
        end_ms = duration_ms
    count = min(PICTURES, end_ms - start_ms)
    return [start_ms + (end_ms - start_ms) * (2 * number + 1) // (2 * count) for number in range(count)]


def _picture(media: Media, file: MediaFile, time_ms: int, out: Path) -> Picture:
    """Each from a container of its own: the decoder jumps to it, and what lies between is not decoded."""
    made = media.sample(file, time_ms, time_ms + 1, None, out, grid_ms=(time_ms,), max_side=LONGEST_SIDE)
    container = Artifact(sha256="0" * 64, size_bytes=out.stat().st_size, path=out.name, media_type="video/x-matroska")
    clip = SampledClip(
        container=container, width=made.width, height=made.height, frames_per_second=1.0, frame_ms=(time_ms,),
        source_pts_ms=made.source_pts_ms, has_sound=False,
    )  # fmt: skip
    (jpeg,) = media.open(out, clip, time_ms, time_ms, time_ms + 1).jpegs((time_ms,), made.width, made.height)
    return Picture(time_ms / 1000, jpeg)
