"""The context graph of a segment, from the timed evidence of its captions.

An object is interacted with if it does something: events are measured against the background, so a turn of the
camera makes none. A sound is of category `action` if its onset coincides with the start of an event: that object
is then its source. Each event explains at most one sound. What begins with the segment may have begun before, so
it coincides with nothing. All that can be said of any other sound is that it is `ambient`: no source was seen.
"""

from typing import Any

from egoetl.core.errors import InternalError
from egoetl.core.items import CaptionedSegment
from egoetl.core.ports import Request
from egoetl.core.records import HeardSound, VisibleEvent, Window

# Pictures are 250 ms apart, so an event's start is known to 125 ms, a sound's to 50 ms.
COINCIDENCE_MS = 350
UNSEEN_ONSET_MS = 60


def context_graph(request: Request) -> dict[str, Any]:
    """A `ContextGraphReply` for a CaptionedSegment."""
    item = request.item
    if not isinstance(item, CaptionedSegment):
        raise InternalError(f"The measured engine needs a captioned segment for {request.task}.", reason="measured_needs_captions")
    start = item.segment.start_ms
    acted = item.captions.events
    causes = _causes(item.captions.sounds, acted, start)
    touched = {each.object for each in acted}
    return {
        "interacted_objects": [{"object": each.object, "action": each.action} | _seconds(each, start) for each in acted],
        "non_interacted_objects": [each for each in item.captions.objects if each not in touched],
        "sounds": [_grounded(sound, causes.get(i)) | _seconds(sound, start) for i, sound in enumerate(item.captions.sounds)],
    }


def _causes(sounds: tuple[HeardSound, ...], events: tuple[VisibleEvent, ...], start_ms: int) -> dict[int, VisibleEvent]:
    """The event behind each sound, by the sound's place; the closest pairs first."""
    seen_onset = start_ms + UNSEEN_ONSET_MS
    pairs = sorted(
        (abs(sound.start_ms - event.start_ms), i, k)
        for i, sound in enumerate(sounds)
        for k, event in enumerate(events)
        if min(sound.start_ms, event.start_ms) > seen_onset
    )
    causes: dict[int, VisibleEvent] = {}
    for apart, i, k in pairs:
        if apart <= COINCIDENCE_MS and i not in causes and events[k] not in causes.values():
            causes[i] = events[k]
    return causes


def _grounded(sound: HeardSound, cause: VisibleEvent | None) -> dict[str, Any]:
    if cause is None:
        return {"sound": sound.sound, "category": "ambient"}
    return {"sound": sound.sound, "category": "action", "source": cause.object, "grounding": f"the {cause.object} {cause.action}"}


def _seconds(window: Window, start_ms: int) -> dict[str, float]:
    return {"start_s": (window.start_ms - start_ms) / 1000, "end_s": (window.end_ms - start_ms) / 1000}
