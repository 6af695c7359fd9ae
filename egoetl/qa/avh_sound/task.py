"""Two yes/no questions per clip with sound: one on a sound that is there, one on a plausible sound that is nowhere."""

from pathlib import Path
from typing import Any, Literal

from egoetl.algorithms.wording import normalised
from egoetl.core.items import DraftedPair, NarratedClip, NarratedSegment
from egoetl.core.prompt import Prompt
from egoetl.core.records import Drop
from egoetl.qa.avh_sound.schema import AvhSoundReply, SoundQuestion
from egoetl.qa.rules import ANSWER_IS_YES_OR_NO, SUBJECT_IS_ASKED_ABOUT
from egoetl.qa.soundscape import heard_sounds, is_heard, is_hinted_at
from egoetl.qa.task import Draft, QATask, Rule

ANSWERS = {"Factual": "Yes", "Hallucinated": "No"}


def _prepare(item: NarratedClip) -> dict[str, Any] | Drop:
    if not heard_sounds(item.segments):
        return Drop(reason="no_sound", detail=item.clip.clip_id)
    return {}


def _drafts(item: NarratedClip, reply: AvhSoundReply) -> tuple[Draft, ...]:
    with_it = tuple(each for each in item.segments if _holds(each, reply.factual.sound))
    return (
        _draft(item, reply.factual, "Factual", with_it),
        _draft(item, reply.hallucinated, "Hallucinated", item.segments),
    )


def _holds(segment: NarratedSegment, sound: str) -> bool:
    return any(normalised(each.sound) == normalised(sound) for each in segment.graph.sounds)


def _draft(
    item: NarratedClip, asked: SoundQuestion, variant: Literal["Factual", "Hallucinated"], segments: tuple[NarratedSegment, ...]
) -> Draft:
    return Draft(
        start_ms=item.clip.start_ms,
        end_ms=item.clip.end_ms,
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
    item=NarratedClip,
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
