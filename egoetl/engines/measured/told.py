"""What people wrote about a segment, as things that happened: who acted, on what, and when."""

import re
from collections.abc import Iterable

from egoetl.algorithms.wording import mentions
from egoetl.core.records import HumanNarration, Interaction, Segment, VisibleEvent

# An annotator marks an action about when it happens, within a second or two; what lasts is not said.
NEAR_MS, LASTS_MS = 2000, 1000
_ACTOR = re.compile(
    r"^(?P<actor>the camera wearer|(?:the |a |an )?(?:man|woman|person|lady|boy|girl|child|dog|cat)(?: [A-Z])?) (?P<action>.+)$"
)
_OBJECT = re.compile(
    r"\b(?:the|a|an|some|his|her|their)\s+(?P<name>\w[\w'-]*(?:\s+\w[\w'-]*){0,3}?)"
    r"(?=\s+(?:from|on|in|into|onto|with|to|at|of|off|under|over|by|using|and|for|towards|out|up|down|away|around|through)\b|[,;]|$)"
)


def happenings(
    written: Iterable[HumanNarration], seen: tuple[VisibleEvent, ...], objects: Iterable[str], segment: Segment
) -> list[tuple[Interaction, VisibleEvent | None]]:
    """What happened, by time, each with the event that was seen of it.

    A narration that names the object of an event seen at about that time is about that event and takes its window;
    an event that nobody wrote about stands as it was seen.
    """
    found: list[tuple[Interaction, VisibleEvent | None]] = []
    left = list(seen)
    for each in written:
        parts = _ACTOR.match(each.text)
        if parts is None or (name := _object(parts["action"], objects)) is None:
            continue
        event = _about(each, name, left)
        if event is not None:
            left.remove(event)
        start_ms = event.start_ms if event else each.at_ms
        end_ms = event.end_ms if event else min(each.at_ms + LASTS_MS, segment.end_ms)
        told = Interaction(object=name, action=parts["action"], actor=parts["actor"], start_ms=start_ms, end_ms=end_ms)
        found.append((told, event))
    found += [(Interaction(**dict(each)), each) for each in left]
    return sorted(found, key=lambda each: (each[0].start_ms, each[0].end_ms))


def _object(action: str, objects: Iterable[str]) -> str | None:
    """What is acted on: a thing that is in view and named, or the first noun with an article."""
    named = next((each for each in objects if mentions(action, each)), None)
    found = _OBJECT.search(action)
    return named or (found["name"] if found else None)


def _about(narration: HumanNarration, name: str, seen: Iterable[VisibleEvent]) -> VisibleEvent | None:
    near = [each for each in seen if mentions(each.object, name) and abs(each.start_ms - narration.at_ms) <= NEAR_MS]
    return min(near, key=lambda each: abs(each.start_ms - narration.at_ms), default=None)
