"""One paragraph on a segment, in the past tense and in seconds of the source video: only what its graph holds."""

from typing import Any

from egoetl.core.errors import InternalError
from egoetl.core.items import GraphedSegment
from egoetl.core.ports import Request
from egoetl.core.records import GroundedSound, Interaction
from egoetl.engines.measured.words import a, listed, sentence

PAST = {"enters": "entered", "leaves": "left", "moves": "moved"}
SEEN = ("at {at} s {what}", "{what} at {at} s", "{at} s into the video, {what}")
HEARD_WITH = (" with {sound}", ", and {sound} came with it", " to {sound}")
HEARD = (
    "{sound} was heard from {at} to {until} s",
    "from {at} to {until} s there was {sound}",
    "{sound} came at {at} s and ended at {until} s",
)
UNSEEN = (", with nothing seen to cause it", "; its cause was not seen")
STILL = ("{names} stayed where {they}", "nothing was done to {names}")


def narration(request: Request) -> dict[str, Any]:
    """A `NarrationReply` for a GraphedSegment. The form of each sentence follows from its place, so equal graphs read alike."""
    item = request.item
    if not isinstance(item, GraphedSegment):
        raise InternalError(f"The measured engine needs a context graph for {request.task}.", reason="measured_needs_graph")
    graph, turn = item.graph, item.segment.index
    causes = {(each.source, each.grounding): each for each in graph.sounds if each.category == "action"}
    moments = [(each.start_ms, _seen(each, causes, turn + k)) for k, each in enumerate(graph.interacted_objects)]
    moments += [(each.start_ms, _heard(each, turn + k)) for k, each in enumerate(graph.sounds) if each.category != "action"]
    said = [text for _, text in sorted(moments)]
    if graph.non_interacted_objects:
        said.append(_still(graph.non_interacted_objects, turn))
    window = f"{_s(item.segment.start_ms)} and {_s(item.segment.end_ms)} s"
    return {
        "caption": " ".join(sentence(each) for each in said or [f"between {window} nothing was seen to be moved and nothing was heard"])
    }


def _s(ms: int) -> str:
    return f"{ms / 1000:.1f}"


def _past(action: str) -> str:
    verb, _, rest = action.partition(" ")
    return f"{PAST.get(verb, verb)} {rest}"


def _seen(event: Interaction, sounds: dict[tuple[str | None, str | None], GroundedSound], turn: int) -> str:
    what = f"the {event.object} {_past(event.action)}"
    sound = sounds.get((event.object, f"the {event.object} {event.action}"))
    if sound is not None:
        what += HEARD_WITH[turn % len(HEARD_WITH)].format(sound=a(sound.sound))
    return SEEN[turn % len(SEEN)].format(what=what, at=_s(event.start_ms))


def _heard(sound: GroundedSound, turn: int) -> str:
    text = HEARD[turn % len(HEARD)].format(sound=a(sound.sound), at=_s(sound.start_ms), until=_s(sound.end_ms))
    return text + UNSEEN[turn % len(UNSEEN)]


def _still(names: tuple[str, ...], turn: int) -> str:
    they = "they were" if len(names) > 1 else "it was"
    return STILL[turn % len(STILL)].format(names=listed([f"the {each}" for each in names]), they=they)
