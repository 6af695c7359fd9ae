"""The measured engine's answer: what it saw things do, and the same said of things that did not do it."""

from collections.abc import Iterator
from typing import Any

from egoetl.algorithms.shuffling import shuffled
from egoetl.core.ports import Request
from egoetl.core.records import Interaction
from egoetl.qa.asking import asked_alike, counterparts
from egoetl.qa.avh_action.task import actions, is_told
from egoetl.qa.avh_object.task import objects
from egoetl.qa.scope import Scope

# All that the engine sees things do.
ACTIONS = ("moves left", "moves right", "moves up", "moves down", "enters the view", "leaves the view")
QUESTIONS = (
    "Does it happen {where} that {it}?",
    "Can it be seen {where} that {it}?",
    "Is it true that {it} at some time {where}?",
)


def answer(request: Request) -> dict[str, Any]:
    """An `AvhActionReply` for a scope with at least one event."""
    scope: Scope = request.values["scope"]
    thing_of = {each.text: each.object for segment in scope.segments for each in segment.graph.interacted_objects}
    things = shuffled(objects(scope.segments), scope.scope_id)

    def alike(event: str) -> Iterator[str]:
        """The same of another thing, so that no action tells the answer; where there is none, whatever else things do."""
        yield from (event.replace(thing_of[event], thing) for thing in things)
        named = (Interaction(start_ms=0, end_ms=1, object=thing, action=action) for thing in things for action in ACTIONS)
        yield from shuffled([each.text for each in named], scope.scope_id)

    both = counterparts(shuffled(actions(scope.segments), scope.scope_id), alike, lambda text: is_told(text, scope.segments))
    return asked_alike(both, QUESTIONS, request)
