"""look: one decode of a clip into the sampled container that all questions about it are asked with."""

import asyncio
from pathlib import Path
from typing import Annotated

from pydantic import Field

from egoetl.algorithms.sampling import sampling_grid
from egoetl.core.items import ClipItem
from egoetl.core.ports import StageIO
from egoetl.core.records import Clip, SampledClip
from egoetl.core.stage import Params, stage
from egoetl.stages.split import SOUND_RATE_HZ


class LookParams(Params):
    """`frames_per_second`: pictures a second; `max_side`: their longest side in pixels; `sound`: whether models may hear the clip."""

    frames_per_second: Annotated[float, Field(gt=0, le=60)] = 1.0
    max_side: Annotated[int, Field(ge=16)] = 256
    sound: bool = True


@stage("look", version=1, decodes=True, store_prefix="frames")
async def look(item: ClipItem, params: LookParams, io: StageIO) -> SampledClip:
    """Sample the clip's pictures from its start on, and put its sound beside them; each question is shown some of the pictures."""
    clip, folder = item.clip, io.workspace()
    source = await asyncio.to_thread(io.source_of, clip.video)
    sound = await _sound(clip, folder / "sound.flac", io) if params.sound else None
    grid_ms = sampling_grid(clip.start_ms, clip.end_ms, params.frames_per_second)
    out = folder / "clip.mkv"
    written = await asyncio.to_thread(
        io.media.sample, source, clip.start_ms, clip.end_ms, sound, out, grid_ms=grid_ms, max_side=params.max_side
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


async def _sound(clip: Clip, out: Path, io: StageIO) -> Path | None:
    """The clip's sound, or None for a silent source."""
    source = await asyncio.to_thread(io.source_of, clip.video)
    samples = await asyncio.to_thread(io.media.extract_sound, source, clip.start_ms, clip.end_ms, out, rate_hz=SOUND_RATE_HZ)
    return out if samples else None
