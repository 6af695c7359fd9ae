"""What avh_action, avh_object and avh_sound share: yes/no questions, half of them on what is there, half on what only could be."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, StringConstraints

from egoetl.algorithms.wording import normalised
from egoetl.core.items import DraftedPair, NarratedSegment
from egoetl.core.prompt import Prompt
from egoetl.core.records import Drop, Record
from egoetl.qa.rules import ANSWER_IS_YES_OR_NO, STRETCH_IS_NAMED, SUBJECT_IS_ASKED_ABOUT
from egoetl.qa.scope import Scope, within
from egoetl.qa.task import MOST_PAIRS, Draft, PairsParams, QATask, Rule

Variant = Literal["Factual", "Hallucinated"]
ANSWERS: dict[str | None, str] = {"Factual": "Yes", "Hallucinated": "No"}
Subject = Annotated[str, StringConstraints(min_length=1, max_length=410, strip_whitespace=True)]
"""An object's name and its action are two `Name`s."""
Question = Annotated[str, StringConstraints(min_length=1, max_length=600, strip_whitespace=True)]


class PresenceParams(PairsParams):
    """`pairs`: questions about each clip; half of them have the answer yes."""

    pairs: Annotated[int, Field(ge=0, le=MOST_PAIRS, multiple_of=2)] = 2


class SegmentPresenceParams(PresenceParams):
    """`pairs`: questions about each segment; half of them have the answer yes."""

    pairs: Annotated[int, Field(ge=0, le=MOST_PAIRS, multiple_of=2)] = 0


class PresenceQuestion(Record):
    """A yes/no question, and what it asks about in the question's own words."""

    about: Subject
    question: Question


Questions = Annotated[tuple[PresenceQuestion, ...], Field(max_length=MOST_PAIRS // 2)]


class PresenceReply(Record):
    """Questions whose answer is yes, and as many whose answer is no: the list says which, so no answer can contradict it."""

    factual: Questions
    hallucinated: Questions


ReplyT = TypeVar("ReplyT", bound=PresenceReply)


@dataclass(frozen=True)
class Presence:
    """What a task's questions are about.

    Attributes:
        noun: `sound`, as reasons of drops name it.
        present: what is there, as questions name it, each once, in order of appearance.
        hinted: whether any evidence says, in whatever words, that it is there.
        rules: what else a subject has to be.
    """

    noun: str
    present: Callable[[Sequence[NarratedSegment]], tuple[str, ...]]
    hinted: Callable[[str, Sequence[NarratedSegment]], bool]
    rules: tuple[Rule, ...] = ()

    def holds(self, segments: Sequence[NarratedSegment], subject: str | None) -> bool:
        """Whether the subject is among what is there."""
        return normalised(subject or "") in map(normalised, self.present(segments))


def presence_task(name: str, version: int, presence: Presence, prompt: Prompt, schema: type[ReplyT]) -> QATask[PresenceParams, ReplyT]:
    """A task that asks whether things of one kind are there."""

    def prepare(scope: Scope, params: PresenceParams) -> dict[str, Any] | Drop:
        if not presence.present(scope.segments):
            return Drop(reason=f"no_{presence.noun}", detail=scope.scope_id)
        return {"pairs": params.pairs}

    def drafts(scope: Scope, params: PresenceParams, reply: ReplyT) -> tuple[Draft, ...]:
        each_of_both = zip(_distinct(reply.factual), _distinct(reply.hallucinated), strict=False)
        both = [
            (_draft(scope, true, "Factual", [each for each in scope.segments if presence.holds([each], true.about)]), _no(scope, untrue))
            for true, untrue in each_of_both
        ]
        return tuple(draft for pair in both[: params.pairs // 2] for draft in pair)

    return QATask(
        name=name,
        version=version,
        asked={"clip": PresenceParams, "segment": SegmentPresenceParams},
        prompt=prompt,
        schema=schema,
        prepare=prepare,
        drafts=drafts,
        rules=_rules(presence),
    )


def _distinct(questions: Iterable[PresenceQuestion]) -> tuple[PresenceQuestion, ...]:
    """The first question about each subject."""
    found: dict[str, PresenceQuestion] = {}
    for each in questions:
        found.setdefault(normalised(each.about), each)
    return tuple(found.values())


def _no(scope: Scope, asked: PresenceQuestion) -> Draft:
    return _draft(scope, asked, "Hallucinated", scope.segments)


def _draft(scope: Scope, asked: PresenceQuestion, variant: Variant, segments: Iterable[NarratedSegment]) -> Draft:
    return Draft(
        start_ms=scope.start_ms,
        end_ms=scope.end_ms,
        question=asked.question,
        answer=ANSWERS[variant],
        variant=variant,
        about=asked.about,
        evidence=tuple(each.segment.segment_id for each in segments),
    )


def _rules(presence: Presence) -> tuple[Rule, ...]:
    def factual_is_there(item: DraftedPair) -> bool:
        return item.pair.variant != "Factual" or presence.holds(within(item), item.pair.about)

    def hallucinated_is_nowhere(item: DraftedPair) -> bool:
        return item.pair.variant != "Hallucinated" or not presence.hinted(item.pair.about or "", item.segments)

    return (
        ANSWER_IS_YES_OR_NO,
        Rule("answer_contradicts_variant", _answer_fits_variant),
        SUBJECT_IS_ASKED_ABOUT,
        STRETCH_IS_NAMED,
        *presence.rules,
        Rule(f"factual_{presence.noun}_absent", factual_is_there),
        Rule(f"hallucinated_{presence.noun}_present", hallucinated_is_nowhere),
    )


def _answer_fits_variant(item: DraftedPair) -> bool:
    pair = item.pair
    return pair.answer not in ANSWERS.values() or pair.answer == ANSWERS.get(pair.variant)
