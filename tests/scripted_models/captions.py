"""The captioners: three descriptions of a segment, of which one is of its sound."""

from typing import Any

from egoetl.footage.script import SoundClass
from egoetl.footage.truth import Action, TrueEvent, TrueSound
from scripted_models.footage import Shown, seconds
from scripted_models.wording import a, in_any_order, one_of, sentence, the, together

BY_HAND: dict[Action, str] = {
    "enters the view": "is brought into view by the camera wearer",
    "leaves the view": "is taken out of view by the camera wearer",
    "moves left": "is pushed to the left by the camera wearer",
    "moves right": "is pushed to the right by the camera wearer",
    "moves up": "is pushed away by the camera wearer",
    "moves down": "is pulled closer by the camera wearer",
}
NAMES: dict[SoundClass, tuple[str, ...]] = {
    "impact": ("dull impact", "hard impact", "short impact thump"),
    "tonal": ("clear tonal beep", "tonal chime", "soft tonal hum"),
    "noise": ("rush of noise", "hissing noise", "burst of noise"),
    "speech-like": ("murmured speech", "muffled speech", "speech without clear words"),
}
FROM = ("{sound} comes from {thing}", "{thing} makes {sound}", "{thing} gives off {sound}")
UNSEEN = ("{sound} comes from somewhere out of sight", "{sound} can be heard, and nothing in view explains it")


def video_description(shown: Shown) -> dict[str, Any]:
    """A `VideoDescriptionReply`."""
    said = [one_of(("the camera wearer looks down at {}", "in front of the camera wearer there is {}"), *shown.things).format(_all(shown))]
    said += [f"the head turns, and the view {each}" for each in shown.turns]
    moved = list(dict.fromkeys(each.object for each in shown.events))
    said.append(f"{together([the(each) for each in moved])} change{'' if len(moved) > 1 else 's'} place" if moved else "nothing moves")
    events = [{**seconds(each), "object": each.object, "action": action(each)} for each in shown.events]
    return {"description": " ".join(map(sentence, said)), "events": events}


def sound_description(shown: Shown) -> dict[str, Any]:
    """A `SoundDescriptionReply`."""
    said = [_heard(shown, each) for each in shown.sounds] or [one_of(("it is silent", "nothing can be heard"), shown.window)]
    sounds = [{**seconds(each), "sound": name_of(shown, each)} for each in shown.sounds]
    return {"description": " ".join(map(sentence, said)), "sounds": sounds}


def object_description(shown: Shown) -> dict[str, Any]:
    """An `ObjectDescriptionReply`."""
    written = in_any_order(shown.things, shown.window)[:2]
    said = [f"{_all(shown)} can be seen", *(f'"{shown.label(each)}" is written on {the(each)}' for each in written)]
    return {"description": " ".join(map(sentence, said)), "objects": list(shown.things)}


def action(event: TrueEvent) -> str:
    """What the event's object does, or what the camera wearer does to it."""
    return BY_HAND[event.action] if event.by == "hand" else event.action


def name_of(shown: Shown, sound: TrueSound) -> str:
    """What the sound is called: by its kind, and otherwise for what makes it."""
    cause = shown.cause_of(sound)
    return one_of(NAMES[sound.sound], sound.sound, cause and cause.object)


def _heard(shown: Shown, sound: TrueSound) -> str:
    cause, name = shown.cause_of(sound), a(name_of(shown, sound))
    if cause is None:
        return one_of(UNSEEN, name, sound.start_ms).format(sound=name)
    return one_of(FROM, name, cause.object).format(sound=name, thing=the(cause.object))


def _all(shown: Shown) -> str:
    return together([a(each) for each in shown.things]) or "an empty surface"
