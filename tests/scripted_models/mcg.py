"""mcg: what acts and is acted on, what only lies there, and each sound with the event that it began with."""

from typing import Any

from scripted_models.reading import Page, Told
from scripted_models.wording import one_of, the

AT_ONCE = 0.15
"""Seconds between an event and the sound that it makes, at most."""


def answer(page: Page) -> dict[str, Any]:
    """A `ContextGraphReply`."""
    events = [_event(each) for each in page.listed("Events seen:")]
    acting = {each["object"] for each in events}
    told = " ".join(page.below("What is heard:"))
    return {
        "interacted_objects": [{**each, "actor": None} for each in events],
        "non_interacted_objects": [each for each in page.named("Objects seen:") if each not in acting],
        "sounds": [_grounded(each, events, told) for each in page.listed("Sounds heard:")],
    }


def _event(told: Told) -> dict[str, Any]:
    thing, _, action = told.text.partition(": ")
    return {"start_s": told.start, "end_s": told.end, "object": thing, "action": action}


def _grounded(sound: Told, events: list[dict[str, Any]], told: str) -> dict[str, Any]:
    """The sound with the event that began when it did; of several the one whose thing the description of the sound names."""
    begun = [each for each in events if abs(each["start_s"] - sound.start) <= AT_ONCE and each["object"] in told]
    cause = begun[0] if begun else None
    return {
        "start_s": sound.start,
        "end_s": sound.end,
        "sound": sound.text,
        "category": "action" if cause else "ambient",
        "source": cause and cause["object"],
        "grounding": cause and _explained(cause),
    }


def _explained(cause: dict[str, Any]) -> str:
    thing, action = the(cause["object"]), cause["action"]
    if action.startswith("moves"):
        return one_of((f"{thing} {action}", f"{thing} starts to move"), thing, cause["start_s"])
    return f"{thing} {action}"
