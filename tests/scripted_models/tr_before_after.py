"""tr_before_after: what ended before an action began, and what began after it had ended, by the seconds that are listed."""

import re
from collections.abc import Iterator
from typing import Any

from scripted_models.reading import Evidence, Told
from scripted_models.wording import in_any_order

LISTS = {"Action-Action": "Actions", "Action-Object": "Objects", "Action-Sound": "Sounds"}
_ASKED = re.compile(r'^- (\d+) of type "([^"]+)" and relation "([^"]+)"$', re.MULTILINE)


def answer(page: Evidence) -> dict[str, Any]:
    """A `TrBeforeAfterReply`."""
    pairs: list[dict[str, Any]] = []
    for count, kind, relation in _ASKED.findall(page.asked.text):
        pairs += list(_questions(page, kind, relation))[: int(count)]
    return {"pairs": pairs}


def _questions(page: Evidence, kind: str, relation: str) -> Iterator[dict[str, Any]]:
    """Every action that has an answer on the asked side and three others on the other one."""
    options = page.asked.listed(LISTS[kind])
    for anchor in in_any_order(page.asked.listed("Actions"), kind, relation):
        right = [each for each in options if _is_right(page, each, anchor, kind, relation)]
        wrong = [each for each in options if _lies(each, anchor, _other(relation))]
        for each in in_any_order(right, anchor)[:1]:
            others = [other.text for other in in_any_order(wrong, anchor, each) if other.text != each.text][:3]
            if len(others) == 3:
                yield {"type": kind, "relation": relation, "anchor": anchor.text, "answer": each.text, "distractors": others}


def _is_right(page: Evidence, option: Told, anchor: Told, kind: str, relation: str) -> bool:
    if kind != "Action-Object":
        return _lies(option, anchor, relation)
    # An object need not be moved on the asked side each time, but never during the anchor.
    name = option.text.removeprefix("the ")
    times = [each for each in page.actions if name in each.text]
    clear = all(_lies(each, anchor, relation) or _lies(each, anchor, _other(relation)) for each in times)
    return clear and any(_lies(each, anchor, relation) for each in times)


def _lies(one: Told, other: Told, relation: str) -> bool:
    return one.end <= other.start if relation == "before" else one.start >= other.end


def _other(relation: str) -> str:
    return "after" if relation == "before" else "before"
