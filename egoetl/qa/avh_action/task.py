"""Yes/no questions on actions: half on ones that happen, half on plausible ones that never do."""

from collections.abc import Iterable
from pathlib import Path

from egoetl.algorithms.wording import words
from egoetl.core.items import DraftedPair, NarratedSegment
from egoetl.core.prompt import Prompt
from egoetl.qa.avh_action.schema import AvhActionReply
from egoetl.qa.evidence import is_said
from egoetl.qa.presence import Presence, presence_task
from egoetl.qa.task import Rule

# fmt: off
TRIVIAL = frozenset({
    "appears", "breathes", "exists", "lies", "looks", "remains", "rests", "seen", "shown", "sits", "stands", "stays", "visible",
    "watches",
})
# fmt: on
"""Verbs of being there: nothing is done."""


def actions(segments: Iterable[NarratedSegment]) -> tuple[str, ...]:
    """The events of the context graphs in which something is done, in words, each once."""
    told = (each.text for segment in segments for each in segment.graph.interacted_objects)
    return tuple(text for text in dict.fromkeys(told) if TRIVIAL.isdisjoint(words(text)))


def is_told(action: str, segments: Iterable[NarratedSegment]) -> bool:
    """Whether any evidence says that it happens, whoever does it: in a first-person video mostly the camera wearer, named or not."""
    return is_said(action, segments, beside=frozenset({"camera", "wearer"}))


def _something_is_done(item: DraftedPair) -> bool:
    return TRIVIAL.isdisjoint(words(item.pair.about or ""))


AVH_ACTION = presence_task(
    "avh_action",
    1,
    Presence("action", present=actions, hinted=is_told, rules=(Rule("action_trivial", _something_is_done),)),
    Prompt.load(Path(__file__).with_name("prompt.md"), "qa_avh_action"),
    AvhActionReply,
)
