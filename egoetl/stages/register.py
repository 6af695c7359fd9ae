"""register: a manifest row becomes a clip of a video that is known by its bytes."""

import asyncio
from typing import Annotated

from pydantic import Field

from egoetl.core.errors import DataError
from egoetl.core.ids import clip_id
from egoetl.core.items import RowItem
from egoetl.core.ports import StageIO
from egoetl.core.records import Clip, ManifestRow, Video
from egoetl.core.stage import Params, stage


class RegisterParams(Params):
    """`slack_ms`: how far a row's end may lie past the end of its video and still mean the end of the video.

    `longest_ms`: the longest clip; it bounds the memory and the time that one takes.
    """

    slack_ms: int = 1000
    longest_ms: Annotated[int, Field(ge=1000)] = 60 * 60 * 1000


def fingerprint(item: RowItem, io: StageIO) -> str:
    """The bytes of the row's file and its window: what a registration depends on, its name not being part of it.

    A row that knows its bytes has them whatever lies at its address by now: what was made of them stays theirs.
    """
    return f"{item.row.sha256 or io.sha256_of(item.row.uri)}:{item.row.start_ms}:{item.row.end_ms}"


@stage("register", version=2, decodes=True, store_prefix="videos", fingerprint=fingerprint)
async def register(item: RowItem, params: RegisterParams, io: StageIO) -> Clip:
    """Find the row's file, hash it, probe it, and fit the window to it.

    Raises:
        DataError: `video_changed`, `window_past_end`, `duration_lies`, `window_too_long`, and
            whatever the source and the probe say of the file.
    """
    sha256 = await asyncio.to_thread(io.sha256_of, item.row.uri)
    if item.row.sha256 not in (None, sha256):
        raise DataError(
            f"{item.row.uri} holds other bytes than when it arrived; put the old file back, or look for the new ones: `egoetl ingest`.",
            reason="video_changed",
        )
    file = await asyncio.to_thread(io.source, item.row.uri)
    video = await asyncio.to_thread(io.media.probe, file, sha256=sha256)
    if not _fits(item.row, video, params.slack_ms):
        raise _past_end(item.row, video, await asyncio.to_thread(io.media.claimed_duration_ms, file))
    end_ms = min(item.row.end_ms, video.duration_ms)
    if end_ms - item.row.start_ms > params.longest_ms:
        raise DataError(
            f"Manifest line {item.row.row}: the window of {item.row.uri} lasts {(end_ms - item.row.start_ms) / 1000:g} s, the longest clip"
            f" {params.longest_ms / 1000:g} s; cut it into several rows, or set register.longest_ms.",
            reason="window_too_long",
        )
    return Clip(
        clip_id=clip_id(sha256, item.row.start_ms, end_ms),
        start_ms=item.row.start_ms,
        end_ms=end_ms,
        video=video,
    )


def _fits(row: ManifestRow, video: Video, slack_ms: int) -> bool:
    return row.start_ms < video.duration_ms and row.end_ms <= video.duration_ms + slack_ms


def _past_end(row: ManifestRow, video: Video, claimed_ms: int) -> DataError:
    """Why a window does not fit: the row asks too much, or the file's header has promised it."""
    window, end_s = f"Manifest line {row.row}: the window from {row.start_ms / 1000:g} to {row.end_ms / 1000:g} s", video.duration_ms / 1000
    if _fits(row, video.model_copy(update={"duration_ms": claimed_ms}), 0):
        return DataError(
            f"{window} is what the header of {row.uri} claims, {claimed_ms / 1000:g} s, but its pictures end at {end_s:g} s;"
            " shorten the window, or copy the file again if it is cut off.",
            reason="duration_lies",
        )
    return DataError(f"{window} runs past the end of {row.uri} at {end_s:g} s; shorten the window.", reason="window_past_end")
