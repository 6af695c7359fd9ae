"""One paragraph on a segment, in the past tense and in seconds of the source video: only what its graph holds."""

import math
from typing import Any

from egoetl.algorithms.pairing import closest_pairs
from egoetl.algorithms.phrasing import listed, paragraph, sentence
from egoetl.algorithms.wording import with_article
from egoetl.core.items import GraphedSegment
from egoetl.core.ports import Request
from egoetl.core.records import GroundedSound, Interaction
from egoetl.core.replies import LONGEST_NARRATION

PAST = {"enters": "entered", "leaves": "left", "moves": "moved"}
SEEN = ("at {at:.1f} s {what}", "{what} at {at:.1f} s", "{at:.1f} s into the video, {what}")
HEARD_WITH = (" with {sound}", ", and {sound} came with it", " to {sound}")
HEARD = (
    "{sound} was heard from {at:.1f} to {until:.1f} s, with nothing seen to cause it",
    "from {at:.1f} to {until:.1f} s there was {sound}; its cause was not seen",
)
STILL = ("{names} stayed in place", "nothing was done to {names}")
NOTHING = "between {at:.1f} and {until:.1f} s nothing was seen to be moved and nothing was heard"


def narration(request: Request) -> dict[str, Any]:
    """A `NarrationReply` for a GraphedSegment. The form of each sentence follows from its place, so equal graphs read alike."""
    item = request.item
    assert isinstance(item, GraphedSegment)
    graph, turn = item.graph, item.segment.index
    # Where the same was done twice, the time tells which of them a sound came with.
    apart = (
        (abs(event.start_ms - sound.start_ms), k, i)
        for k, event in enumerate(graph.interacted_objects)
        for i, sound in enumerate(graph.sounds)
        if sound.grounding == event.text
    )
    joined = {k: graph.sounds[i] for k, i in closest_pairs(apart, math.inf).items()}
    moments = [(each.start_ms, _seen(each, joined.get(k), turn + k)) for k, each in enumerate(graph.interacted_objects)]
    moments += [(each.start_ms, _heard(each, turn + k)) for k, each in enumerate(graph.sounds) if each not in joined.values()]
    said = [text for _, text in sorted(moments, key=lambda each: each[0])]
    if graph.non_interacted_objects:
        said.append(STILL[turn % len(STILL)].format(names=listed([f"the {each}" for each in graph.non_interacted_objects])))
    said = said or [NOTHING.format(at=item.segment.start_ms / 1000, until=item.segment.end_ms / 1000)]
    return {"caption": paragraph(map(sentence, said), LONGEST_NARRATION)}


def _seen(event: Interaction, sound: GroundedSound | None, turn: int) -> str:
    verb, _, rest = event.action.partition(" ")
    what = event.text if event.actor else f"the {event.object} {PAST.get(verb, verb)} {rest}"
    if sound is not None:
        what += HEARD_WITH[turn % len(HEARD_WITH)].format(sound=with_article(sound.sound))
    return SEEN[turn % len(SEEN)].format(what=what, at=event.start_ms / 1000)


def _heard(sound: GroundedSound, turn: int) -> str:
    return HEARD[turn % len(HEARD)].format(sound=with_article(sound.sound), at=sound.start_ms / 1000, until=sound.end_ms / 1000)
