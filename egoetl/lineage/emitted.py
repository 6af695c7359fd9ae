"""What results bring into being: videos, clips, segments, pairs, and files in the store."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from sqlalchemy.engine import Connection

from egoetl.core.ids import clip_of
from egoetl.core.ledger import Outcome
from egoetl.core.records import Artifact, Clip, QAPair, QAPairs, Record, Segment, SplitClip, Video
from egoetl.lineage import bulk
from egoetl.lineage.tables.results import artifact
from egoetl.lineage.tables.sources import clip, qa_pair, segment, video

_VIDEO = (
    "sha256",
    "size_bytes",
    "duration_ms",
    "width",
    "height",
    "rate_num",
    "rate_den",
    "picture_codec",
    "sound_codec",
    "sound_rate_hz",
    "sound_channels",
)
_CLIP = ("clip_id", "video", "start_ms", "end_ms")
_SEGMENT = ("segment_id", "clip_id", "index", "start_ms", "end_ms", "partial")
_PAIR = ("qa_id", "result", "clip_id", "start_ms", "end_ms", "task", "variant", "about", "question", "answer", "options", "evidence")


_ARTIFACT = ("sha256", "size_bytes", "result", "path", "media_type")


def keep(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    """Keep the units of results that are new. Units already known stay as they are."""
    clips = [each.payload for each in outcomes if isinstance(each.payload, Clip)]
    segments = [unit for each in outcomes if isinstance(each.payload, SplitClip) for unit in each.payload.emitted()]
    pairs = [(each, pair) for each in outcomes if isinstance(each.payload, QAPairs) for pair in each.payload.emitted()]
    files = {file.sha256: (each, file) for each in reversed(outcomes) for file in _artifacts(each.payload)}
    bulk.merge(connection, artifact, _ARTIFACT, [_artifact(outcome, file) for outcome, file in files.values()])
    bulk.merge(connection, video, _VIDEO, [_video(each.video) for each in clips])
    bulk.merge(connection, clip, _CLIP, [_clip(each) for each in clips])
    bulk.merge(connection, segment, _SEGMENT, [_segment(each) for each in segments])
    bulk.merge(connection, qa_pair, _PAIR, [_pair(outcome, pair) for outcome, pair in pairs])


def _video(video: Video) -> tuple[Any, ...]:
    picture, sound = video.picture, video.sound
    sounds = (None, None, None) if sound is None else (sound.codec, sound.rate_hz, sound.channels)
    return (
        bytes.fromhex(video.sha256),
        video.size_bytes,
        video.duration_ms,
        picture.width,
        picture.height,
        picture.rate_num,
        picture.rate_den,
        picture.codec,
        *sounds,
    )


def _clip(each: Clip) -> tuple[Any, ...]:
    return (each.clip_id, bytes.fromhex(each.video.sha256), each.start_ms, each.end_ms)


def _segment(each: Segment) -> tuple[Any, ...]:
    return (each.segment_id, clip_of(each.segment_id), each.index, each.start_ms, each.end_ms, each.partial)


def _pair(outcome: Outcome, pair: QAPair) -> tuple[Any, ...]:
    return (
        pair.qa_id,
        bytes.fromhex(outcome.key or ""),
        outcome.clip_id or clip_of(outcome.unit_id),
        pair.start_ms,
        pair.end_ms,
        pair.task,
        pair.variant,
        pair.about,
        pair.question,
        pair.answer,
        pair.options,
        pair.evidence,
    )


def _artifacts(value: Any) -> Iterator[Artifact]:
    """All artifacts within a record."""
    match value:
        case Artifact():
            yield value
        case Record():
            for name in type(value).model_fields:
                yield from _artifacts(getattr(value, name))
        case tuple():
            for each in cast("tuple[object, ...]", value):
                yield from _artifacts(each)
        case _:
            pass


def _artifact(outcome: Outcome, file: Artifact) -> tuple[Any, ...]:
    return (bytes.fromhex(file.sha256), file.size_bytes, bytes.fromhex(outcome.key or ""), file.path, file.media_type)
