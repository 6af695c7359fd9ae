"""The context graph of a segment, from the timed evidence of its captions and what people wrote.

An object is interacted with if it does something (events are measured against the background, so a turn of the
camera makes none), or if people wrote that somebody acts on it. A sound is of category `action` if its onset
coincides with the start of an event: that object is then its source. Each event explains at most one sound. What
begins with the segment may have begun before, so it coincides with nothing. All that can be said of any other sound
is that it is `ambient`: no source was seen.
"""

from typing import Any

from egoetl.algorithms.pairing import closest_pairs
from egoetl.core.items import AnnotatedSegment
from egoetl.core.ports import Request
from egoetl.core.records import Captions, HeardSound, Interaction, VisibleEvent, Window
from egoetl.engines.measured.told import happenings

# Pictures are 250 ms apart, so an event's start is known to 125 ms, a sound's to 50 ms.
COINCIDENCE_MS = 350
UNSEEN_ONSET_MS = 60
MOST = 32  # as many as a reply holds


def context_graph(request: Request) -> dict[str, Any]:
    """A `ContextGraphReply` for an AnnotatedSegment."""
    item = request.item
    assert isinstance(item, AnnotatedSegment)
    start, captions = item.segment.start_ms, item.captions
    happened = happenings(item.human.within(item.segment), captions.events, captions.objects, item.segment)[:MOST]
    causes, told = _causes(captions, start + UNSEEN_ONSET_MS), {event: interaction for interaction, event in happened if event}
    sounds = enumerate(captions.sounds)
    acting = {each.object for each, _ in happened} | {each.object for each in captions.events}
    return {
        "interacted_objects": [
            {"object": each.object, "action": each.action, "actor": each.actor} | _seconds(each, start) for each, _ in happened
        ],
        "non_interacted_objects": [each for each in captions.objects if each not in acting],
        "sounds": [_grounded(each, told.get(causes[i]) if i in causes else None) | _seconds(each, start) for i, each in sounds],
    }


def _causes(captions: Captions, seen_from_ms: int) -> dict[int, VisibleEvent]:
    """The event behind each sound, by the sound's place; the closest first."""
    apart = (
        (abs(sound.start_ms - event.start_ms), i, k)
        for i, sound in enumerate(captions.sounds)
        for k, event in enumerate(captions.events)
        if min(sound.start_ms, event.start_ms) > seen_from_ms
    )
    return {i: captions.events[k] for i, k in closest_pairs(apart, COINCIDENCE_MS).items()}


def _grounded(sound: HeardSound, cause: Interaction | None) -> dict[str, Any]:
    if cause is None:
        return {"sound": sound.sound, "category": "ambient", "source": None, "grounding": None}
    return {"sound": sound.sound, "category": "action", "source": cause.object, "grounding": cause.text}


def _seconds(window: Window, start_ms: int) -> dict[str, float]:
    return {"start_s": (window.start_ms - start_ms) / 1000, "end_s": (window.end_ms - start_ms) / 1000}
