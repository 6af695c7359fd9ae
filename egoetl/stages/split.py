"""split: a clip becomes consecutive windows of its source, and its sound is extracted in one pass."""

import asyncio
from typing import Annotated

from pydantic import Field

from egoetl.algorithms.windows import consecutive_windows
from egoetl.core.ids import segment_id
from egoetl.core.items import ClipItem
from egoetl.core.ports import StageIO
from egoetl.core.records import Clip, ClipSound, Segment, SplitClip
from egoetl.core.stage import Params, stage

SOUND_RATE_HZ = 16_000


class SplitParams(Params):
    """`segment_ms`: length of a segment; the last one of a clip keeps what is left."""

    segment_ms: Annotated[int, Field(ge=1000)] = 10_000


@stage("split", version=1, decodes=True, store_prefix="sound")
async def split(item: ClipItem, params: SplitParams, io: StageIO) -> SplitClip:
    """Cut the clip into segments, never none, and keep its 16 kHz mono sound as FLAC."""
    return SplitClip(sound=await _sound(item.clip, io), segments=_segments(item.clip, params.segment_ms))


def _segments(clip: Clip, segment_ms: int) -> tuple[Segment, ...]:
    windows = consecutive_windows(clip.start_ms, clip.end_ms, segment_ms)
    return tuple(
        Segment(
            segment_id=segment_id(clip.clip_id, start_ms, end_ms),
            index=index,
            start_ms=start_ms,
            end_ms=end_ms,
            partial=end_ms - start_ms < segment_ms,
        )
        for index, (start_ms, end_ms) in enumerate(windows)
    )


async def _sound(clip: Clip, io: StageIO) -> ClipSound:
    out = io.workspace() / "sound.flac"
    source = await asyncio.to_thread(io.source_of, clip.video)
    samples = await asyncio.to_thread(io.media.extract_sound, source, clip.start_ms, clip.end_ms, out, rate_hz=SOUND_RATE_HZ)
    kept = await asyncio.to_thread(io.store.put_file, "sound", out, suffix=".flac", media_type="audio/flac") if samples else None
    return ClipSound(sound=kept, rate_hz=SOUND_RATE_HZ, samples=samples)
