"""The measured engine's answer: events by their measured times, the distractors those farthest on the anchor's other side."""

from typing import Any

from egoetl.algorithms.shuffling import shuffled
from egoetl.core.ports import Request
from egoetl.qa.scope import Scope
from egoetl.qa.timeline import Event, Relation, anchors, sides, timeline

DISTRACTORS = 3


def answer(request: Request) -> dict[str, Any]:
    """A `TrBeforeAfterReply` for a scope that has anchors of both types."""
    scope: Scope = request.values["scope"]
    events = timeline(scope.segments)
    return {"pairs": [_asked(events, "before", scope.scope_id), _asked(events, "after", scope.scope_id)]}


def _asked(events: tuple[Event, ...], relation: Relation, seed: str) -> dict[str, Any]:
    fit = {event.text: event for event in anchors(events, relation, wrong=DISTRACTORS)}
    anchor = fit[shuffled(tuple(fit), f"{seed}:{relation}")[0]]
    right, wrong = (sorted(side, key=lambda event: _apart(event, anchor)) for side in sides(events, anchor, relation))
    return {
        "type": relation,
        "anchor": anchor.text,
        "answer": right[0].text,
        "distractors": [event.text for event in wrong[-DISTRACTORS:]],
    }


def _apart(event: Event, anchor: Event) -> int:
    """Milliseconds between two events that do not overlap."""
    return max(event.start_ms - anchor.end_ms, anchor.start_ms - event.end_ms)
