"""avdn: spans of what belongs together, told in the present tense in the words of the facts."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from scripted_models.reading import Evidence, Part, Told
from scripted_models.wording import a, one_of, sentence, the, together, without_repeating

PAUSE = 1.5
"""Seconds without anything after which another activity begins."""
HEARD = ("{sound} can be heard from {thing}", "{thing} makes {sound}", "with it goes {sound} of {thing}")
UNSEEN = ("{sound} can be heard, its cause unseen", "there is {sound} from an unseen source")


def answer(page: Evidence) -> dict[str, Any]:
    """An `AvdnReply`."""
    wanted = int(page.asked.words(r"list of (\d+) object"))
    return {"narrations": [{"spans": [_span(*each, turn) for each in _activities(page)]} for turn in range(wanted)]}


def _activities(page: Evidence) -> Iterator[tuple[Part, list[Told]]]:
    """What happens in a part without a longer pause."""
    for part in page.parts:
        group: list[Told] = []
        for each in sorted(chain(part.actions, part.sounds), key=lambda told: told.start):
            if group and each.start > max(told.end for told in group) + PAUSE:
                yield part, group
                group = []
            group.append(each)
        if group:
            yield part, group


def _span(part: Part, group: list[Told], turn: int) -> dict[str, Any]:
    said = without_repeating(dict.fromkeys(_told(part, each, turn) for each in group), part.things)
    text = " ".join(map(sentence, (together(said[at : at + 2]) for at in range(0, len(said), 2))))
    return {"start_s": min(each.start for each in group), "end_s": max(each.end for each in group), "text": text}


def _told(part: Part, told: Told, turn: int) -> str:
    if told not in part.sounds:
        return told.text
    if told.source is None:
        return one_of(UNSEEN, told, turn).format(sound=a(told.text))
    return one_of(HEARD, told, turn).format(sound=a(told.text), thing=the(told.source))
