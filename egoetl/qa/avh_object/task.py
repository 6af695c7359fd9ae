"""Yes/no questions on objects that a hand could move: half on ones that are there, half on plausible ones that are nowhere."""

from collections.abc import Sequence
from pathlib import Path

from egoetl.algorithms.wording import words
from egoetl.core.items import DraftedPair, NarratedSegment
from egoetl.core.prompt import Prompt
from egoetl.qa.avh_object.schema import AvhObjectReply
from egoetl.qa.evidence import is_named
from egoetl.qa.presence import Presence, presence_task
from egoetl.qa.task import Rule

# fmt: off
NOT_HANDLED = frozenset({
    "area", "arm", "arms", "background", "building", "camera", "ceiling", "countertop", "environment", "finger", "fingers", "floor",
    "ground", "hand", "hands", "item", "items", "light", "lighting", "man", "object", "objects", "people", "person", "road", "room",
    "scene", "shadow", "sky", "something", "stuff", "surface", "thing", "things", "wall", "walls", "wearer", "woman",
})
# fmt: on
"""What such names end in is too vague to look for, or nothing that a hand could move."""


def objects(segments: Sequence[NarratedSegment]) -> tuple[str, ...]:
    """Objects of the context graphs, whether anybody acts on them or not."""
    graphs = [each.graph for each in segments]
    named = [name for graph in graphs for name in (*(each.object for each in graph.interacted_objects), *graph.non_interacted_objects)]
    return tuple(name for name in dict.fromkeys(named) if _can_be_handled(name))


def _can_be_handled(name: str) -> bool:
    said = words(name)
    return bool(said) and said[-1] not in NOT_HANDLED


def _subject_can_be_handled(item: DraftedPair) -> bool:
    return _can_be_handled(item.pair.about or "")


AVH_OBJECT = presence_task(
    "avh_object",
    1,
    Presence("object", present=objects, hinted=is_named, rules=(Rule("object_not_handled", _subject_can_be_handled),)),
    Prompt.load(Path(__file__).with_name("prompt.md"), "qa_avh_object"),
    AvhObjectReply,
)
