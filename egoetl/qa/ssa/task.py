"""An open question on every sound and its source. The answer is put together from a typed reply; silence has one fixed answer."""

from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import Field

from egoetl.algorithms.phrasing import sentence
from egoetl.algorithms.shuffling import shuffled
from egoetl.algorithms.wording import content_stems, mentions, sentences
from egoetl.core.items import DraftedPair
from egoetl.core.prompt import Prompt
from egoetl.core.records import Drop, GroundedSound
from egoetl.qa.evidence import texts
from egoetl.qa.rules import STRETCH_IS_NAMED
from egoetl.qa.scope import Scope, within
from egoetl.qa.soundscape import distinct_sounds
from egoetl.qa.ssa.schema import MOST_SOUNDS, Quality, SsaReply
from egoetl.qa.ssa.wording import QUESTIONS, SILENCE, UNEXPLAINED, answer_of, count_of
from egoetl.qa.task import Draft, PairsParams, QATask, Rule

LONGEST = 8000
"""Characters of an answer."""
# Words of the task's own sentences, besides function words.
_OWN_STEMS = content_stems(f"{SILENCE} {UNEXPLAINED} can be heard when there are different").union(
    *(content_stems(count_of(count)) for count in range(1, MOST_SOUNDS + 1)), *map(content_stems, get_args(Quality))
)


class SsaParams(PairsParams):
    """`pairs`: questions about each clip, each put in another way."""

    pairs: Annotated[int, Field(ge=0, le=len(QUESTIONS))] = 1


class SegmentSsaParams(SsaParams):
    """`pairs`: questions about each segment, each put in another way."""

    pairs: Annotated[int, Field(ge=0, le=len(QUESTIONS))] = 0


def _prepare(scope: Scope, _params: SsaParams) -> dict[str, Any] | Drop:
    sounds = distinct_sounds(scope.segments)
    if len(sounds) > MOST_SOUNDS:
        return Drop(reason="too_many_sounds", detail=f"{len(sounds)} distinct sounds")
    return {"sounds": sounds, "qualities": get_args(Quality)}


def _drafts(scope: Scope, params: SsaParams, reply: SsaReply) -> tuple[Draft, ...]:
    answer = answer_of(reply.sounds)
    if len(answer) > LONGEST:
        return ()
    audible = tuple(each for each in scope.segments if each.graph.sounds) or scope.segments
    return tuple(
        Draft(
            start_ms=scope.start_ms,
            end_ms=scope.end_ms,
            question=wording.format(where=scope.where),
            answer=answer,
            variant="sounds" if reply.sounds else "silence",
            evidence=tuple(each.segment.segment_id for each in audible),
        )
        for wording in shuffled(QUESTIONS, scope.scope_id)[: params.pairs]
    )


def _silence_is_true(item: DraftedPair) -> bool:
    return (item.pair.answer == SILENCE) == (not distinct_sounds(within(item)))


def _count_is_true(item: DraftedPair) -> bool:
    """The stated number is that of the sounds in the evidence, and there are as many sentences."""
    sounds, said = distinct_sounds(within(item)), sentences(item.pair.answer)
    if not sounds or item.pair.answer == SILENCE:
        return True
    return said[0] == sentence(count_of(len(sounds))).rstrip(".") and len(said) == len(sounds) + 1


def _association_is_true(item: DraftedPair) -> bool:
    """Each sentence tells of a sound and its source in the evidence, and each sound is told of."""
    if item.pair.answer == SILENCE:
        return True
    sounds, told = distinct_sounds(within(item)), sentences(item.pair.answer)[1:]
    return all(any(_tells(each, sound) for sound in sounds) for each in told) and all(
        any(_tells(each, sound) for each in told) for sound in sounds
    )


def _tells(told: str, sound: GroundedSound) -> bool:
    if not mentions(told, sound.sound):
        return False
    if sound.source:
        return mentions(told, sound.source)
    return sound.grounding is not None or mentions(told, UNEXPLAINED)


def _words_are_of_the_evidence(item: DraftedPair) -> bool:
    """The answer says nothing that is neither in the evidence of its window nor a word on how sounds sound."""
    known = _OWN_STEMS.union(*(content_stems(text) for segment in within(item) for text in texts(segment)))
    return content_stems(item.pair.answer) <= known


SSA = QATask(
    name="ssa",
    version=1,
    asked={"clip": SsaParams, "segment": SegmentSsaParams},
    prompt=Prompt.load(Path(__file__).with_name("prompt.md"), "qa_ssa"),
    schema=SsaReply,
    prepare=_prepare,
    drafts=_drafts,
    rules=(
        STRETCH_IS_NAMED,
        Rule("silence_untrue", _silence_is_true),
        Rule("sound_count_untrue", _count_is_true),
        Rule("association_untrue", _association_is_true),
        Rule("word_of_no_evidence", _words_are_of_the_evidence),
    ),
)
