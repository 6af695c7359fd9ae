"""What of a video a question at an instant may be answered from: the one rule for training, prediction and scoring."""

from egoetl.core.records import Window

LEGACY_EXTRA_MS = 1000


def window_before(timestamp_ms: int, duration_ms: int | None = None) -> Window | None:
    """The video before a question: [0, min(t, duration)) in milliseconds; None where nothing comes before it.

    EgoTextVQA asks for an answer from the video before the question's timestamp. `duration_ms` is the video's length, where it is
    known; whoever opens the video holds a window that is not cut to its length to the same bound.
    """
    return _until(timestamp_ms, duration_ms)


def legacy_window_before(timestamp_ms: int, duration_ms: int | None = None) -> Window | None:
    """What petkokp/EgoTextVQA's `predict.py` shows: one second of the future too, [0, min(t + 1 s, duration)); its training shows all."""
    return _until(timestamp_ms + LEGACY_EXTRA_MS, duration_ms)


def _until(end_ms: int, duration_ms: int | None) -> Window | None:
    end_ms = end_ms if duration_ms is None else min(end_ms, duration_ms)
    return Window(start_ms=0, end_ms=end_ms) if end_ms > 0 else None
