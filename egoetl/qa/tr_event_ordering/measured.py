"""The measured engine's answer: events by their measured times, drawn by lot, as far as possible other ones each time."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from egoetl.algorithms.shuffling import shuffled
from egoetl.core.ports import Request
from egoetl.qa.scope import Scope
from egoetl.qa.timeline import Event, apart
from egoetl.qa.tr_event_ordering.moments import OTHERS, moments, placed
from egoetl.qa.tr_event_ordering.schema import Place

# Closer than this, order is hard to perceive.
CLEAR_MS = 1_000


def answer(request: Request) -> dict[str, Any]:
    """A `TrEventOrderingReply` for a scope with an event before or after three others."""
    scope: Scope = request.values["scope"]
    events, named, pairs = moments(scope.segments), Counter[str](), list[dict[str, Any]]()
    for place in request.values["places"]:
        chosen = _chosen(events, place, named, f"{scope.scope_id}:{len(pairs)}")
        # An answer counts as named by all questions: it answers another one last of all.
        named.update({chosen[0].text: len(request.values["places"]), **{event.text: 1 for event in chosen[1:]}})
        pairs.append({"place": place, "events": [event.text for event in chosen], "answer": chosen[0].text})
    return {"pairs": pairs}


def _chosen(events: Sequence[Event], place: Place, named: Counter[str], seed: str) -> list[Event]:
    """The answer and three others: what was named least, lies clear of the answer, and does not overlap another one."""
    lots = {text: lot for lot, text in enumerate(shuffled([event.text for event in events], seed))}
    right, others = min(placed(events, place), key=lambda each: (named[each[0].text], lots[each[0].text]))
    ranked = sorted(others, key=lambda event: (apart(event, right) < CLEAR_MS, named[event.text], lots[event.text]))
    chosen: list[Event] = []
    for event in ranked:
        if all(apart(event, each) for each in chosen):
            chosen.append(event)
    chosen += [event for event in ranked if event not in chosen]
    return [right, *chosen[:OTHERS]]
