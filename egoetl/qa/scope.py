"""What a question may be about: a whole clip, or one of its segments."""

from collections.abc import Iterable
from typing import Literal

from egoetl.algorithms.timecodes import seconds
from egoetl.core.items import DiverseClip, DiverseSegment, DraftedPair, Item, NarratedSegment
from egoetl.core.records import Window

ScopeKind = Literal["clip", "segment"]
ITEMS: dict[ScopeKind, type[DiverseClip] | type[DiverseSegment]] = {"clip": DiverseClip, "segment": DiverseSegment}
"""What a QA stage is given, by what its questions are about."""


class Scope(Window):
    """A stretch of source video and its narrated segments, in time order. Questions are asked within it.

    `scope_id` is the clip's or the segment's id: what draws a task's choices.
    """

    kind: ScopeKind
    scope_id: str
    segments: tuple[NarratedSegment, ...]

    @property
    def where(self) -> str:
        """The stretch as a question names it: `in this part of the video`, or `between 10 s and 20 s of the video`."""
        if self.kind == "clip":
            return "in this part of the video"
        return f"between {seconds(self.start_ms)} s and {seconds(self.end_ms)} s of the video"

    @property
    def evidence(self) -> tuple[str, ...]:
        """The ids of its segments."""
        return tuple(each.segment.segment_id for each in self.segments)

    def touched_by(self, windows: Iterable[Window]) -> tuple[str, ...]:
        """The ids of the segments that lie under any of these windows."""
        windows = tuple(windows)
        return tuple(each.segment.segment_id for each in self.segments if any(_overlap(each.segment, window) for window in windows))


def scope_of(item: Item) -> Scope:
    """The scope of a DiverseClip (the clip) or a DiverseSegment (the segment)."""
    # Not validated again: the segments of a long clip have been, one by one.
    if isinstance(item, DiverseClip):
        clip = item.clip
        return Scope.model_construct(kind="clip", scope_id=clip.clip_id, start_ms=clip.start_ms, end_ms=clip.end_ms, segments=item.segments)
    assert isinstance(item, DiverseSegment), f"{type(item).__name__} is nothing that questions are asked about"
    segment = item.segment
    return Scope.model_construct(
        kind="segment", scope_id=segment.segment_id, start_ms=segment.start_ms, end_ms=segment.end_ms, segments=(item,)
    )


def within(item: DraftedPair) -> tuple[NarratedSegment, ...]:
    """The segments of a pair's clip that its window touches: what a question about that stretch may rest on."""
    return tuple(each for each in item.segments if _overlap(each.segment, item.pair))


def _overlap(one: Window, other: Window) -> bool:
    return one.start_ms < other.end_ms and other.start_ms < one.end_ms
