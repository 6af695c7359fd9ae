"""The measured engine's answer: of one segment its narration, of two what only one has and what both have. Nothing but measurements."""

from collections.abc import Sequence
from typing import Any

from egoetl.algorithms.phrasing import listed, paragraph, sentence
from egoetl.algorithms.timecodes import seconds
from egoetl.algorithms.wording import with_article
from egoetl.core.items import NarratedSegment
from egoetl.core.ports import Request
from egoetl.qa.avsn.questions import Asked
from egoetl.qa.avsn.schema import LONGEST
from egoetl.qa.retelling import Moment, moments
from egoetl.qa.soundscape import heard_sounds


def answer(request: Request) -> dict[str, Any]:
    """An `AvsnReply` for the questions that were asked."""
    asked: tuple[Asked, ...] = request.values["asked"]
    return {"answers": [_answer(each, turn) for turn, each in enumerate(asked)]}


def _answer(asked: Asked, turn: int) -> str:
    if asked.variant == "compare":
        return paragraph(_compared(*asked.segments), LONGEST)
    (segment,) = asked.segments
    if turn == 0:
        return segment.narration.av_narration
    # A second narration of the same segment is told anew.
    return paragraph((sentence(each.text) for each in moments([segment], turn=turn)), LONGEST)


def _compared(first: NarratedSegment, second: NarratedSegment) -> list[str]:
    """What happens in each, what in both; then how sounds and things are shared out between them."""
    told = (moments([first]), moments([second]))
    said = [_told("first", first, told[0]), _told("second", second, told[1])]
    acts = [tuple(act for moment in each for act in moment.acts) for each in told]
    if shared := [act for act in acts[0] if act in acts[1]]:
        said.append(f"In both intervals {listed(shared)}.")
    said.append(_shared_out("can be heard", *(tuple(map(with_article, heard_sounds([each]))) for each in (first, second))))
    said.append(_shared_out("can be seen", *(tuple(f"the {name}" for name in each.captions.objects) for each in (first, second))))
    return said


def _told(place: str, item: NarratedSegment, told: Sequence[Moment]) -> str:
    window = item.segment
    happened = "; ".join(each.text for each in told)
    return f"In the {place} interval, from {seconds(window.start_ms)} s to {seconds(window.end_ms)} s, {happened}."


def _shared_out(verb: str, first: Sequence[str], second: Sequence[str]) -> str:
    """`An impact sound can be heard in both; a tonal sound only in the first.`"""
    both = [each for each in first if each in second]
    parts = [
        (both, "in both"),
        ([each for each in first if each not in both], "only in the first"),
        ([each for each in second if each not in both], "only in the second"),
    ]
    said = [f"{listed(names)} {where}" for names, where in parts if names]
    if not said:
        return f"Nothing {verb} in either."
    # The verb is said once.
    names, where = next((names, where) for names, where in parts if names)
    return sentence("; ".join([f"{listed(names)} {verb} {where}", *said[1:]]))
