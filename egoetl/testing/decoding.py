"""A real file decoded once, as the stages do, without a build."""

import hashlib
from pathlib import Path

from egoetl.core.ids import clip_id, segment_id
from egoetl.core.items import SampledSegment
from egoetl.core.media_port import SampledMedia
from egoetl.core.records import Artifact, Clip, SampledClip, Segment
from egoetl.media.pyav_media import PyAvMedia

SEGMENT_MS, STEP_MS = 10_000, 250


def decoded(file: Path, work: Path) -> list[tuple[SampledSegment, SampledMedia]]:
    """The segments of a file, which is one clip, and their media; `work` keeps what was decoded."""
    media, sha = PyAvMedia(), hashlib.sha256(file.read_bytes()).hexdigest()
    video = media.probe(file, sha256=sha)
    end_ms = video.duration_ms
    clip = Clip(start_ms=0, end_ms=end_ms, clip_id=clip_id(sha, 0, end_ms), video=video)
    samples = media.extract_sound(file, 0, end_ms, work / f"{sha}.flac", rate_hz=16_000)
    grid = tuple(range(0, end_ms, STEP_MS))
    container = work / f"{sha}.mkv"
    written = media.sample(file, 0, end_ms, work / f"{sha}.flac", container, grid_ms=grid, max_side=448)
    sampled = SampledClip(
        container=Artifact(sha256=sha, size_bytes=1, path=container.name, media_type="video/x-matroska"),
        width=written.width,
        height=written.height,
        frames_per_second=1000 / STEP_MS,
        frame_ms=grid,
        source_pts_ms=written.source_pts_ms,
        has_sound=samples > 0,
    )
    windows = enumerate((start_ms, min(start_ms + SEGMENT_MS, end_ms)) for start_ms in range(0, end_ms, SEGMENT_MS))
    segments = [
        Segment(segment_id=segment_id(clip.clip_id, a, b), index=index, start_ms=a, end_ms=b, partial=b - a < SEGMENT_MS)
        for index, (a, b) in windows
    ]
    return [
        (SampledSegment(clip=clip, segment=each, sampled=sampled), media.open(container, sampled, 0, each.start_ms, each.end_ms))
        for each in segments
    ]
