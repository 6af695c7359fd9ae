"""The measured engine's answer: what was measured, moments close to each other in one span."""

from collections.abc import Sequence
from typing import Any

from egoetl.algorithms.phrasing import sentence
from egoetl.core.ports import Request
from egoetl.qa.avdn.schema import MOST_CHARACTERS, MOST_SPAN_CHARACTERS, MOST_SPANS, STAMP_CHARACTERS
from egoetl.qa.retelling import Moment, moments, rest
from egoetl.qa.scope import Scope
from egoetl.qa.timeline import happened

# A pause of more than this parts two spans, and so does a moment that begins longer than this after a span has begun.
PAUSE_MS, LONGEST_MS = 1_200, 10_000
# A clip that would have too many spans has longer ones, and so has a second narration of the same clip.
COARSER = (1, 2, 4, 8, 16, 32, 1_000)
# Times are given to a tenth of a second.
TENTH_MS = 100


def answer(request: Request) -> dict[str, Any]:
    """An `AvdnReply` for a scope in which something happened."""
    scope: Scope = request.values["scope"]
    return {"narrations": [{"spans": _spans(scope, turn)} for turn in range(request.values["pairs"])]}


def _spans(scope: Scope, turn: int) -> list[dict[str, Any]]:
    told = [*moments(scope.segments, turn=turn), *(rest(each) for each in scope.segments if not happened(each))]
    told.sort(key=lambda moment: (moment.start_ms, moment.end_ms))
    groups = next(groups for factor in COARSER[turn:] if len(groups := _grouped(told, factor)) <= MOST_SPANS)
    room = min(MOST_CHARACTERS // len(groups) - STAMP_CHARACTERS, MOST_SPAN_CHARACTERS)
    # What goes on for long ends, for the narration, where the next span begins.
    ends = [*(_tenths(group[0].start_ms) for group in groups[1:]), scope.end_ms]
    return [_span(group, max(_tenths(group[0].start_ms), scope.start_ms), end_ms, room) for group, end_ms in zip(groups, ends, strict=True)]


def _grouped(told: Sequence[Moment], factor: int) -> list[list[Moment]]:
    groups: list[list[Moment]] = []
    for moment in told:
        if groups and not _parted(groups[-1], moment, factor):
            groups[-1].append(moment)
        else:
            groups.append([moment])
    return groups


def _parted(group: Sequence[Moment], moment: Moment, factor: int) -> bool:
    if factor == 1 and (moment.resting or group[-1].resting):
        return True
    longest = LONGEST_MS * factor
    ends = max(min(each.end_ms, each.start_ms + longest) for each in group)
    return moment.start_ms >= ends + PAUSE_MS * factor or moment.start_ms >= group[0].start_ms + longest


def _span(group: Sequence[Moment], start_ms: int, end_ms: int, room: int) -> dict[str, Any]:
    """The group's sentences, as many as there is room for."""
    text = sentence(group[0].text)
    for moment in group[1:]:
        if len(text) + len(moment.text) + 2 <= room:
            text += f" {sentence(moment.text)}"
    until_ms = min(_tenths(max(each.end_ms for each in group) + TENTH_MS - 1), end_ms)
    return {"start_s": start_ms / 1000, "end_s": until_ms / 1000, "text": text}


def _tenths(ms: int) -> int:
    return ms // TENTH_MS * TENTH_MS
