"""Where a reply's seconds, counted from the start of the segment shown, lie in the source video."""

from egoetl.core.records import Segment, Window
from egoetl.core.replies import TimedReply


def on_source(reply: TimedReply, segment: Segment) -> Window | None:
    """The reply's window in the source, clipped to the segment; an instant lasts a millisecond.

    None where it lies outside the segment or ends before it starts: a model that miscounts has seen nothing there.
    """
    start_ms = segment.start_ms + round(reply.start_s * 1000)
    end_ms = min(segment.start_ms + round(reply.end_s * 1000), segment.end_ms)
    if start_ms >= segment.end_ms or end_ms < start_ms:
        return None
    return Window(start_ms=start_ms, end_ms=max(end_ms, start_ms + 1))
