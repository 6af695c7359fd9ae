"""What a stage is given: earlier results of one unit, joined by type.

Each field's type names the stage that makes it, so a recipe can check that its stages join. A field
`tuple[SomeSegmentItem, ...]` gathers all segments of a clip.
"""

from typing import ClassVar

from egoetl.core.records import (
    Captions,
    Clip,
    ContextGraph,
    Diversity,
    HumanNarrations,
    ManifestRow,
    Narration,
    QAPair,
    Record,
    SampledClip,
    Segment,
    SplitClip,
    UnitKind,
)


class Item(Record):
    """The input of a stage for one unit of `unit`'s kind."""

    unit: ClassVar[UnitKind]


class RowItem(Item):
    """A manifest row, before anything is known of its file."""

    unit = "row"
    row: ManifestRow


class ClipItem(Item):
    """A registered clip."""

    unit = "clip"
    clip: Clip


class SplitClipItem(ClipItem):
    """A clip and its windows."""

    split: SplitClip


class SampledSegment(Item):
    """A segment and the sampled container that holds its pictures and sound."""

    unit = "segment"
    clip: Clip
    segment: Segment
    sampled: SampledClip


class ToldSegment(SampledSegment):
    """A segment with what people wrote about its clip, to be captioned."""

    human: HumanNarrations


class CaptionedSegment(SampledSegment):
    """A segment with its captions."""

    captions: Captions


class AnnotatedSegment(CaptionedSegment):
    """A captioned segment with what people wrote about its clip."""

    human: HumanNarrations


class GraphedSegment(CaptionedSegment):
    """A captioned segment with its context graph."""

    graph: ContextGraph


class NarratedSegment(GraphedSegment):
    """A segment with everything that was found out about it."""

    narration: Narration


class DiverseSegment(NarratedSegment):
    """A narrated segment of a clip that is varied enough to be asked about."""

    diversity: Diversity


class NarratedClip(Item):
    """All narrated segments of a clip, in time order; segments that a filter dropped are absent."""

    unit = "clip"
    clip: Clip
    segments: tuple[NarratedSegment, ...]


class DiverseClip(NarratedClip):
    """A narrated clip that is varied enough to be asked about."""

    diversity: Diversity


class DraftedPair(Item):
    """A QA pair and all the evidence of its clip, for verification."""

    unit = "qa"
    clip: Clip
    pair: QAPair
    segments: tuple[NarratedSegment, ...]
