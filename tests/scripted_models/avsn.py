"""avsn: one part narrated in the past tense, or two parts compared."""

import re
from typing import Any

from scripted_models.reading import Evidence, Part, Told
from scripted_models.wording import a, in_any_order, in_the_past, one_of, sentence, the, together, without_repeating

HEARD = ("{sound} came from {thing}", "{thing} gave off {sound}", "{thing} was accompanied by {sound}")
UNSEEN = ("{sound} was heard without a visible cause", "somewhere out of sight there was {sound}")
BESIDES = ("{} lay untouched", "{} stayed where they were", "in view, but not touched: {}")


def answer(page: Evidence) -> dict[str, Any]:
    """An `AvsnReply`."""
    questions = re.findall(r"^Question \d+: (.*)$", page.asked.text.split("\nRules\n")[0], re.MULTILINE)
    return {"answers": [_answer(page, question) for question in questions]}


def _answer(page: Evidence, question: str) -> str:
    named = list(map(float, re.findall(r"(\d+(?:\.\d+)?) s\b", question)))
    parts = [next(part for part in page.parts if (part.start, part.end) == each) for each in zip(named[::2], named[1::2], strict=True)]
    return " ".join(map(sentence, _narrated(*parts, question) if len(parts) == 1 else _compared(*parts, question)))


def _narrated(part: Part, question: str) -> list[str]:
    said = [(each.start, in_the_past(each.text)) for each in part.actions]
    said += [(each.start, _heard(each, question)) for each in part.sounds]
    told = without_repeating((text for _, text in sorted(said, key=lambda each: each[0])), part.things)
    if part.untouched:
        told.append(one_of(BESIDES, question).format(together([the(each) for each in part.untouched])))
    return told


def _heard(sound: Told, question: str) -> str:
    if sound.source is None:
        return one_of(UNSEEN, sound, question).format(sound=a(sound.text))
    return one_of(HEARD, sound, question).format(sound=a(sound.text), thing=the(sound.source))


def _compared(one: Part, other: Part, question: str) -> list[str]:
    said = [f"in the {place} interval {together(_happens(part, question))}" for place, part in (("first", one), ("second", other))]
    shared = [each for each in one.things if each in other.things]
    said.append(f"{together([the(each) for each in shared])} can be seen in both" if shared else "they have no object in common")
    for place, part, rest in (("first", one, other), ("second", other, one)):
        alone = [a(each) for each in part.things if each not in rest.things]
        said += [f"only in the {place} interval there is {together(alone)}"] if alone else []
    return said


def _happens(part: Part, question: str) -> list[str]:
    sounds = [f"{a(each.text)} is heard" + (f" from {the(each.source)}" if each.source else "") for each in part.sounds]
    done = without_repeating((each.text for each in part.actions), part.things)
    return [*done, *in_any_order(dict.fromkeys(sounds), question)]
