"""register: a manifest row becomes a clip of a video that is known by its bytes."""

import asyncio

from egoetl.algorithms.digest import sha256_of_file
from egoetl.core.errors import DataError
from egoetl.core.ids import clip_id
from egoetl.core.items import RowItem
from egoetl.core.ports import StageIO
from egoetl.core.records import Clip, ManifestRow, Video
from egoetl.core.stage import Params, stage


class RegisterParams(Params):
    """`slack_ms`: how far a row's end may lie past the end of its video and still mean the end of the video."""

    slack_ms: int = 1000


def fingerprint(item: RowItem, io: StageIO) -> str:
    """The bytes of the row's file and its window: what a registration depends on, its name not being part of it."""
    return f"{sha256_of_file(io.source(item.row.uri))}:{item.row.start_ms}:{item.row.end_ms}"


@stage("register", version=1, decodes=True, store_prefix="videos", fingerprint=fingerprint)
async def register(item: RowItem, params: RegisterParams, io: StageIO) -> Clip:
    """Find the row's file, hash it, probe it, and fit the window to it.

    Raises:
        DataError: `window_past_end`, and whatever the source and the probe say of the file.
    """
    file = io.source(item.row.uri)
    sha256 = await asyncio.to_thread(sha256_of_file, file)
    video = await asyncio.to_thread(io.media.probe, file, sha256=sha256)
    end_ms = _end_within(item.row, video, params.slack_ms)
    return Clip(
        clip_id=clip_id(sha256, item.row.start_ms, end_ms),
        start_ms=item.row.start_ms,
        end_ms=end_ms,
        video=video,
    )


def _end_within(row: ManifestRow, video: Video, slack_ms: int) -> int:
    if row.start_ms >= video.duration_ms or row.end_ms > video.duration_ms + slack_ms:
        raise DataError(
            f"Manifest line {row.row}: the window [{row.start_ms}, {row.end_ms}) ms of {row.uri} runs past the video's end"
            f" at {video.duration_ms} ms; shorten the window.",
            reason="window_past_end",
        )
    return min(row.end_ms, video.duration_ms)
