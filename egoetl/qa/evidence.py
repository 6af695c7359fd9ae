"""What all evidence of a segment says, statement by statement: the context graph, the three captions and the narration."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from egoetl.algorithms.wording import content_stems, sentences
from egoetl.core.items import NarratedSegment

# `a red ball, a blue box and the green one`: what comes after each of these is another thing.
_NEXT_THING = re.compile(r"(?:,|;|\band\b|\bor\b|\bthen\b|\bwith\b|\bplus\b)\s+(?=(?:an?|the|another)\s)", re.IGNORECASE)


def is_said(subject: str, segments: Iterable[NarratedSegment], *, beside: frozenset[str] = frozenset()) -> bool:
    """Whether a statement says everything that the subject's words say, in whatever form (`dog barks`, `a barking dog`).

    Words may lie anywhere in a statement, so it errs towards yes. `beside` are word stems of the subject that tell nothing.
    """
    wanted = content_stems(subject) - beside
    return any(wanted <= said for segment in segments for text in texts(segment) for said in _statements(text))


def is_named(thing: str, segments: Iterable[NarratedSegment]) -> bool:
    """Whether the words of a thing's name stand together: `a red ball and a blue box` names no red box."""
    wanted = content_stems(thing)
    return any(wanted <= said for segment in segments for text in texts(segment) for said in _things(text))


def texts(segment: NarratedSegment) -> Iterator[str]:
    """Everything that is known of a segment, in words. Each entry of a list is a text of its own."""
    graph, captions = segment.graph, segment.captions
    yield from (f"{each.object}: {each.text}" for each in graph.interacted_objects)
    yield from graph.non_interacted_objects
    yield from (" ".join(part for part in (each.sound, each.source, each.grounding) if part) for each in graph.sounds)
    yield from (each.sound for each in captions.sounds)
    yield from (f"{each.object} {each.action}" for each in captions.events)
    yield from captions.objects
    yield captions.video_description
    yield captions.sound_description
    yield captions.object_description
    yield segment.narration.av_narration


# The pairs of a clip are held against the same texts, one after another.
@lru_cache(maxsize=1 << 12)
def _statements(text: str) -> tuple[frozenset[str], ...]:
    return tuple(map(content_stems, sentences(text)))


@lru_cache(maxsize=1 << 12)
def _things(text: str) -> tuple[frozenset[str], ...]:
    return tuple(content_stems(part) for each in sentences(text) for part in _NEXT_THING.split(each))
