"""The measured engine's answer: actions, objects and sounds by their measured times, drawn by lot."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from egoetl.algorithms.shuffling import shuffled
from egoetl.core.ports import Request
from egoetl.qa.scope import Scope
from egoetl.qa.timeline import Event, Relation, anchors, apart, sides, timeline
from egoetl.qa.tr_before_after.asking import DISTRACTORS, holds_once, options_of
from egoetl.qa.tr_before_after.schema import Type

# Closer than this, order is hard to perceive.
CLEAR_MS = 1_000


def answer(request: Request) -> dict[str, Any]:
    """A `TrBeforeAfterReply` for a scope that bears the questions asked for."""
    drawing = _Drawing(cast("Scope", request.values["scope"]))
    return {"pairs": [pair for each in request.values["asked"] for pair in drawing.pairs(each["type"], each["relation"], each["count"])]}


class _Drawing:
    """Draws questions about one scope; what an earlier one has asked about or answered comes last."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._events = timeline(scope.segments)
        self._asked: set[str] = set()
        self._answered: set[str] = set()

    def pairs(self, kind: Type, relation: Relation, count: int) -> list[dict[str, Any]]:
        """Questions of one type, each on another action."""
        options = options_of(kind, self._events, self._scope.segments)
        fit = _drawn(
            anchors(self._events, options, relation, wrong=DISTRACTORS, once=holds_once(kind)), f"{self._scope.scope_id}:{kind}:{relation}"
        )
        fit.sort(key=lambda event: event.text in self._asked)
        return [self._pair(kind, relation, anchor, options) for anchor in fit[:count]]

    def _pair(self, kind: Type, relation: Relation, anchor: Event, options: Sequence[Event]) -> dict[str, Any]:
        right, wrong = (
            sorted(_drawn(side, f"{self._scope.scope_id}:{kind}:{anchor.text}"), key=lambda event: apart(event, anchor) < CLEAR_MS)
            for side in sides(options, anchor, relation, once=holds_once(kind))
        )
        right.sort(key=lambda event: event.text in self._answered)
        self._asked.add(anchor.text)
        self._answered.add(right[0].text)
        return {
            "type": kind,
            "relation": relation,
            "anchor": anchor.text,
            "answer": right[0].text,
            "distractors": [event.text for event in wrong[:DISTRACTORS]],
        }


def _drawn(events: Iterable[Event], seed: str) -> list[Event]:
    by_text = {event.text: event for event in events}
    return [by_text[text] for text in shuffled(tuple(by_text), seed)]
