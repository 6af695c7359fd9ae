"""Stable ids made from content: equal content has equal ids on every machine and in every build."""

import hashlib


def clip_id(video_sha256: str, start_ms: int, end_ms: int) -> str:
    """The id of a window of a video, independent of file names."""
    return f"{video_sha256[:16]}_{start_ms}_{end_ms}"


def segment_id(clip: str, start_ms: int, end_ms: int) -> str:
    """The id of a window of a clip: segments of another length are other segments."""
    return f"{clip}.{start_ms}_{end_ms}"


def clip_of(unit_id: str) -> str:
    """The clip that a clip or segment id belongs to."""
    return unit_id.split(".", 1)[0]


def qa_id(result_key: str, index: int) -> str:
    """The id of the `index`-th pair of the result under `result_key`."""
    return "qa_" + hashlib.sha256(f"{result_key}:{index}".encode()).hexdigest()[:20]


def split_by_hash(video_id: str, test_percent: int) -> str:
    """The split of a video whose manifest names none: the same for ever, whatever else is in the manifest."""
    bucket = int.from_bytes(hashlib.sha256(video_id.encode()).digest()[:8], "big") % 100
    return "test" if bucket < test_percent else "train"
