"""tr_event_ordering: four listed events, of which one ends before the others begin, or begins after they have ended."""

import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from scripted_models.reading import Evidence, Told
from scripted_models.wording import in_any_order, one_of


def answer(page: Evidence) -> dict[str, Any]:
    """A `TrEventOrderingReply`."""
    places = re.findall(r"^- which of four events happens (first|last)$", page.asked.text, re.MULTILINE)
    pairs: list[dict[str, Any]] = []
    for place in places:
        used = {frozenset(each["events"]) for each in pairs}
        pairs += [next(each for each in _questions(page, place) if frozenset(each["events"]) not in used)]
    return {"pairs": pairs}


def _questions(page: Evidence, place: str) -> Iterator[dict[str, Any]]:
    events = _events(page)
    for one in in_any_order(events, place):
        beyond = [each for each in events if (one.end <= each.start if place == "first" else one.start >= each.end)]
        for others in combinations(in_any_order(beyond, one)[:5], 3):
            texts = [one.text, *(each.text for each in others)]
            yield {"place": place, "events": in_any_order(texts, one_of((1, 2, 3), one)), "answer": one.text}


def _events(page: Evidence) -> tuple[Told, ...]:
    """The numbered list; an empty line follows its heading."""
    heading = page.asked.words(r"(These are the events to choose from[^\n]*)")
    return page.asked.listed(f"{heading}\n")
