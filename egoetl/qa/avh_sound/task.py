"""Two yes/no questions per clip with sound: one on a sound that is there, one on a plausible sound that is nowhere."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from egoetl.algorithms.wording import normalised
from egoetl.core.items import DraftedPair, NarratedSegment
from egoetl.core.prompt import Prompt
from egoetl.core.records import Drop
from egoetl.qa.avh_sound.schema import AvhSoundReply, SoundQuestion
from egoetl.qa.rules import ANSWER_IS_YES_OR_NO, SUBJECT_IS_ASKED_ABOUT
from egoetl.qa.scope import Scope
from egoetl.qa.soundscape import heard_sounds, is_heard, is_hinted_at
from egoetl.qa.task import MOST_PAIRS, Draft, PairsParams, QATask, Rule

ANSWERS = {"Factual": "Yes", "Hallucinated": "No"}


class AvhSoundParams(PairsParams):
    """`pairs`: questions about each clip; half of them have the answer yes."""

    pairs: Annotated[int, Field(ge=0, le=MOST_PAIRS, multiple_of=2)] = 2


def _prepare(scope: Scope, _params: AvhSoundParams) -> dict[str, Any] | Drop:
    if not heard_sounds(scope.segments):
        return Drop(reason="no_sound", detail=scope.scope_id)
    return {}


def _drafts(scope: Scope, _params: AvhSoundParams, reply: AvhSoundReply) -> tuple[Draft, ...]:
    with_it = tuple(each for each in scope.segments if _holds(each, reply.factual.sound))
    return (
        _draft(scope, reply.factual, "Factual", with_it),
        _draft(scope, reply.hallucinated, "Hallucinated", scope.segments),
    )


def _holds(segment: NarratedSegment, sound: str) -> bool:
    return any(normalised(each.sound) == normalised(sound) for each in segment.graph.sounds)


def _draft(scope: Scope, asked: SoundQuestion, variant: Literal["Factual", "Hallucinated"], segments: tuple[NarratedSegment, ...]) -> Draft:
    return Draft(
        start_ms=scope.start_ms,
        end_ms=scope.end_ms,
        question=asked.question,
        answer=ANSWERS[variant],
        variant=variant,
        about=asked.sound,
        evidence=tuple(each.segment.segment_id for each in segments),
    )


def _answer_fits_variant(item: DraftedPair) -> bool:
    wrong = {"Factual": "No", "Hallucinated": "Yes"}
    return item.pair.answer != wrong.get(item.pair.variant or "")


def _factual_sound_is_heard(item: DraftedPair) -> bool:
    return item.pair.variant != "Factual" or is_heard(item.pair.about or "", item.segments)


def _hallucinated_sound_is_nowhere(item: DraftedPair) -> bool:
    return item.pair.variant != "Hallucinated" or not is_hinted_at(item.pair.about or "", item.segments)


AVH_SOUND = QATask(
    name="avh_sound",
    version=1,
    asked={"clip": AvhSoundParams},
    prompt=Prompt.load(Path(__file__).with_name("prompt.md"), "qa_avh_sound"),
    schema=AvhSoundReply,
    prepare=_prepare,
    drafts=_drafts,
    rules=(
        ANSWER_IS_YES_OR_NO,
        Rule("answer_contradicts_variant", _answer_fits_variant),
        SUBJECT_IS_ASKED_ABOUT,
        Rule("factual_sound_absent", _factual_sound_is_heard),
        Rule("hallucinated_sound_present", _hallucinated_sound_is_nowhere),
    ),
)
