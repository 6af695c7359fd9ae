"""One dense narration of a whole clip: what happened and was heard, span by span, in seconds of the source video."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from egoetl.algorithms.phrasing import capitalised
from egoetl.algorithms.shuffling import shuffled
from egoetl.algorithms.wording import content_stems, mentions, normalised, words
from egoetl.core.items import DraftedPair, NarratedSegment
from egoetl.core.prompt import Prompt
from egoetl.core.records import Drop
from egoetl.qa.avdn.schema import AvdnReply, Span
from egoetl.qa.avdn.told import Told, narration_of, spans_of
from egoetl.qa.evidence import texts
from egoetl.qa.rules import STRETCH_IS_NAMED
from egoetl.qa.scope import Scope, within
from egoetl.qa.task import Draft, PairsParams, QATask, Rule
from egoetl.qa.timeline import happened

QUESTIONS = (
    "Give a dense narration of what can be seen and heard {where}, with timestamps in seconds.",
    "What happens {where}, from beginning to end? Say when each part of it begins and ends, and what can be heard.",
    "Describe everything that is seen and heard {where}, in order, with the seconds at which it begins and ends.",
    "Write a timestamped audio-visual narration of everything that happens {where}.",
)
MOST_SPANS_ASKED, MOST_CHARACTERS_ASKED = 32, 4_000
"""What a model is asked to keep to."""
LEAST_SUPPORTED = 0.5
"""The least share of a span's words that the evidence has to contain: a good narration uses other verbs, but no other things."""
PLAIN = content_stems(
    "the camera wearer there it then while nothing moves stays rests in place, can be cannot be seen heard, in view without a visible "
    "cause whose unseen source, accompanied"
)
"""Words that may be in any narration and name no thing."""


class AvdnParams(PairsParams):
    """`pairs`: narrations of each clip, each asked for in another way."""

    pairs: Annotated[int, Field(ge=0, le=len(QUESTIONS))] = 1


class AvdnSegmentParams(AvdnParams):
    """`pairs`: narrations of each segment, each asked for in another way."""

    pairs: Annotated[int, Field(ge=0, le=len(QUESTIONS))] = 0


def _prepare(scope: Scope, params: AvdnParams) -> dict[str, Any] | Drop:
    if not any(happened(each) for each in scope.segments):
        return Drop(reason="nothing_happened", detail=scope.scope_id)
    # Long clips are told in broad strokes: a narration has to end well before the most tokens that a reply may have.
    return {"pairs": params.pairs, "spans": MOST_SPANS_ASKED, "characters": MOST_CHARACTERS_ASKED // params.pairs}


def _drafts(scope: Scope, params: AvdnParams, reply: AvdnReply) -> tuple[Draft, ...]:
    questions = shuffled(QUESTIONS, scope.scope_id)
    return tuple(
        Draft(
            start_ms=scope.start_ms,
            end_ms=scope.end_ms,
            question=question.format(where=scope.where),
            answer=narration_of(map(_told, narration.spans)),
            evidence=scope.evidence,
        )
        for question, narration in zip(questions[: params.pairs], reply.narrations, strict=False)
    )


def _told(span: Span) -> Told:
    text = capitalised(span.text)
    return Told(round(span.start_s * 1000), round(span.end_s * 1000), text if text.endswith((".", "!", "?")) else f"{text}.")


def _has_timestamps(item: DraftedPair) -> bool:
    return bool(spans_of(item.pair.answer))


def _every_span_says_something(item: DraftedPair) -> bool:
    return all(words(span.text) for span in spans_of(item.pair.answer))


def _spans_are_in_order(item: DraftedPair) -> bool:
    """Each ends after it has begun, and before the next one begins."""
    times = [ms for span in spans_of(item.pair.answer) for ms in (span.start_ms, span.end_ms)]
    forward = all(span.start_ms < span.end_ms for span in spans_of(item.pair.answer))
    return forward and times == sorted(times)


def _spans_are_within(item: DraftedPair) -> bool:
    pair = item.pair
    return all(pair.start_ms <= span.start_ms and span.end_ms <= pair.end_ms for span in spans_of(pair.answer))


def _every_segment_is_told(item: DraftedPair) -> bool:
    """A span touches each segment in which something happened."""
    spans = spans_of(item.pair.answer)
    return not spans or all(any(_touches(each, span) for span in spans) for each in within(item) if happened(each))


def _things_are_where_they_were(item: DraftedPair) -> bool:
    """Of all things and sounds that the clip's evidence names, a span names only those that the segments it touches speak of."""
    names = _names(item.segments)
    for span in spans_of(item.pair.answer):
        here = [text for each in item.segments if _touches(each, span) for text in texts(each)]
        if any(mentions(span.text, name) and not any(mentions(text, name) for text in here) for name in names):
            return False
    return True


def _words_are_supported(item: DraftedPair) -> bool:
    """At least half of what each span says is said by the evidence of the segments that it touches."""
    for span in spans_of(item.pair.answer):
        said = content_stems(span.text) - PLAIN
        known = content_stems(" ".join(text for each in item.segments if _touches(each, span) for text in texts(each)))
        if len(said & known) < LEAST_SUPPORTED * len(said):
            return False
    return True


def _touches(segment: NarratedSegment, span: Told) -> bool:
    return segment.segment.start_ms < span.end_ms and span.start_ms < segment.segment.end_ms


def _names(segments: Iterable[NarratedSegment]) -> frozenset[str]:
    """Normalised names of the things and sounds of some segments."""
    found: set[str] = set()
    for each in segments:
        graph = each.graph
        found.update(each.captions.objects, graph.non_interacted_objects, (event.object for event in graph.interacted_objects))
        found.update((sound.sound for sound in graph.sounds), (sound.source for sound in graph.sounds if sound.source))
    return frozenset(map(normalised, found)) - {""}


AVDN = QATask(
    name="avdn",
    version=1,
    asked={"clip": AvdnParams, "segment": AvdnSegmentParams},
    prompt=Prompt.load(Path(__file__).with_name("prompt.md"), "qa_avdn"),
    schema=AvdnReply,
    prepare=_prepare,
    drafts=_drafts,
    rules=(
        STRETCH_IS_NAMED,
        Rule("timestamps_missing", _has_timestamps),
        Rule("span_empty", _every_span_says_something),
        Rule("spans_out_of_order", _spans_are_in_order),
        Rule("span_outside", _spans_are_within),
        Rule("segment_untold", _every_segment_is_told),
        Rule("thing_elsewhere", _things_are_where_they_were),
        Rule("words_unsupported", _words_are_supported),
    ),
)
