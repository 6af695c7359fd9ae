"""Narrations of single segments, and comparisons of two: each question names its intervals in seconds of the source video."""

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from egoetl.algorithms.timecodes import seconds
from egoetl.algorithms.wording import words
from egoetl.core.items import DraftedPair
from egoetl.core.prompt import Prompt
from egoetl.core.records import Drop
from egoetl.qa.avsn.questions import SINGLE, Asked, questions
from egoetl.qa.avsn.schema import AvsnReply
from egoetl.qa.rules import ANSWER_SAYS_SOMETHING
from egoetl.qa.scope import Scope
from egoetl.qa.task import MOST_PAIRS, Draft, PairsParams, QATask, Rule

_SECONDS = re.compile(r"\d+(?:\.\d+)?(?= s\b)")


class AvsnParams(PairsParams):
    """`pairs`: questions about each segment, each put in another way."""

    pairs: Annotated[int, Field(ge=0, le=len(SINGLE))] = 1


class AvsnClipParams(PairsParams):
    """`pairs`: comparisons of two segments of each clip."""

    pairs: Annotated[int, Field(ge=0, le=MOST_PAIRS)] = 1


def _prepare(scope: Scope, params: PairsParams) -> dict[str, Any] | Drop:
    asked = questions(scope, params.pairs)
    if not asked:
        return Drop(reason="nothing_happened" if scope.kind == "segment" else "nothing_to_compare", detail=scope.scope_id)
    return {"pairs": len(asked), "asked": asked, "compare": scope.kind == "clip"}


def _drafts(scope: Scope, params: PairsParams, reply: AvsnReply) -> tuple[Draft, ...]:
    return tuple(_draft(*each) for each in zip(questions(scope, params.pairs), reply.answers, strict=False))


def _draft(asked: Asked, answer: str) -> Draft:
    return Draft(
        start_ms=asked.segments[0].segment.start_ms,
        end_ms=asked.segments[-1].segment.end_ms,
        question=asked.question,
        answer=answer,
        variant=asked.variant,
        evidence=tuple(each.segment.segment_id for each in asked.segments),
    )


def _intervals_are_the_segments(item: DraftedPair) -> bool:
    """The question names exactly the segments of the evidence, in order, and the pair's window reaches from the first to the last."""
    pair = item.pair
    segments = [each.segment for each in item.segments if each.segment.segment_id in pair.evidence]
    named = [seconds(ms) for each in segments for ms in (each.start_ms, each.end_ms)]
    if not segments or len(segments) != (2 if pair.variant == "compare" else 1):
        return False
    in_order = tuple(each.segment_id for each in segments) == pair.evidence
    windowed = (segments[0].start_ms, segments[-1].end_ms) == (pair.start_ms, pair.end_ms)
    return in_order and windowed and _SECONDS.findall(pair.question) == named


def _answer_speaks_of_both(item: DraftedPair) -> bool:
    """A comparison speaks of the first and of the second interval, or of both at once."""
    said = set(words(item.pair.answer))
    return item.pair.variant != "compare" or not said or "both" in said or {"first", "second"} <= said


AVSN = QATask(
    name="avsn",
    version=2,
    asked={"segment": AvsnParams, "clip": AvsnClipParams},
    prompt=Prompt.load(Path(__file__).with_name("prompt.md"), "qa_avsn"),
    schema=AvsnReply,
    prepare=_prepare,
    drafts=_drafts,
    rules=(
        ANSWER_SAYS_SOMETHING,
        Rule("interval_not_the_segments", _intervals_are_the_segments),
        Rule("interval_left_out", _answer_speaks_of_both),
    ),
)
