"""One pair per segment with evidence: the question names the interval in seconds of the source video."""

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from egoetl.algorithms.shuffling import shuffled
from egoetl.algorithms.timecodes import seconds
from egoetl.core.items import DraftedPair
from egoetl.core.prompt import Prompt
from egoetl.core.records import Drop, Segment
from egoetl.qa.avsn.schema import AvsnReply
from egoetl.qa.rules import ANSWER_SAYS_SOMETHING
from egoetl.qa.scope import Scope
from egoetl.qa.task import Draft, PairsParams, QATask, Rule

QUESTIONS = (
    "What can be seen and heard between {start} s and {end} s of the video? Answer with one audio-visual narration.",
    "Narrate the stretch from {start} s to {end} s of the video: what happens, and which sounds go with it?",
    "Give an audio-visual narration of the video from {start} s to {end} s.",
    "Describe in one paragraph what the camera wearer sees and hears from {start} s until {end} s.",
)
_SECONDS = re.compile(r"\d+(?:\.\d+)?(?= s\b)")


class AvsnParams(PairsParams):
    """`pairs`: questions about each segment, each put in another way."""

    pairs: Annotated[int, Field(ge=0, le=len(QUESTIONS))] = 1


def _prepare(scope: Scope, _params: AvsnParams) -> dict[str, Any] | Drop:
    (item,) = scope.segments
    if not item.graph.interacted_objects and not item.graph.sounds:
        return Drop(reason="nothing_happened", detail=item.segment.segment_id)
    return {"question": _question(item.segment)}


def _question(segment: Segment) -> str:
    template = shuffled(QUESTIONS, segment.segment_id)[0]
    return template.format(start=seconds(segment.start_ms), end=seconds(segment.end_ms))


def _drafts(scope: Scope, _params: AvsnParams, reply: AvsnReply) -> tuple[Draft, ...]:
    segment = scope.segments[0].segment
    return (
        Draft(
            start_ms=segment.start_ms,
            end_ms=segment.end_ms,
            question=_question(segment),
            answer=reply.answer,
            evidence=(segment.segment_id,),
        ),
    )


def _interval_is_the_segment(item: DraftedPair) -> bool:
    """The pair's window is its segment's, and the question names exactly that interval."""
    pair = item.pair
    windows = {(each.segment.start_ms, each.segment.end_ms) for each in item.segments if each.segment.segment_id in pair.evidence}
    named = _SECONDS.findall(pair.question)
    return windows == {(pair.start_ms, pair.end_ms)} and named == [seconds(pair.start_ms), seconds(pair.end_ms)]


AVSN = QATask(
    name="avsn",
    version=1,
    asked={"segment": AvsnParams},
    prompt=Prompt.load(Path(__file__).with_name("prompt.md"), "qa_avsn"),
    schema=AvsnReply,
    prepare=_prepare,
    drafts=_drafts,
    rules=(ANSWER_SAYS_SOMETHING, Rule("interval_not_the_segments", _interval_is_the_segment)),
)
