"""frames: one decode of a clip into the sampled container that every later stage looks at and listens to."""

import asyncio
from typing import Annotated

from pydantic import Field

from egoetl.algorithms.sampling import sampling_grid
from egoetl.core.items import SplitClipItem
from egoetl.core.ports import StageIO
from egoetl.core.records import SampledClip
from egoetl.core.stage import Params, stage


class FramesParams(Params):
    """`frames_per_second`: pictures a second of source; `max_side`: their longest side in pixels."""

    frames_per_second: Annotated[float, Field(gt=0, le=60)] = 4.0
    max_side: Annotated[int, Field(ge=16)] = 448


@stage("frames", version=2, decodes=True)
async def frames(item: SplitClipItem, params: FramesParams, io: StageIO) -> SampledClip:
    """Sample the clip's pictures, the grid of every segment starting at its own start, and put its sound beside them."""
    clip, sound = item.clip, item.split.sound.sound
    grid_ms = tuple(
        instant for each in item.split.segments for instant in sampling_grid(each.start_ms, each.end_ms, params.frames_per_second)
    )
    out = io.workspace() / "clip.mkv"
    source = await asyncio.to_thread(io.source_of, clip.video)
    written = await asyncio.to_thread(
        io.media.sample,
        source,
        clip.start_ms,
        clip.end_ms,
        await asyncio.to_thread(io.store.local, sound) if sound else None,
        out,
        grid_ms=grid_ms,
        max_side=params.max_side,
    )
    return SampledClip(
        container=await asyncio.to_thread(io.store.put_file, "frames", out, suffix=".mkv", media_type="video/x-matroska"),
        width=written.width,
        height=written.height,
        frames_per_second=params.frames_per_second,
        frame_ms=grid_ms,
        source_pts_ms=written.source_pts_ms,
        has_sound=sound is not None,
    )
