"""What can be heard in a clip according to all of its evidence."""

from collections.abc import Iterable, Iterator

from egoetl.algorithms.wording import content_stems, normalised, sentences
from egoetl.core.items import NarratedSegment


def heard_sounds(segments: Iterable[NarratedSegment]) -> tuple[str, ...]:
    """The names of the sounds in the context graphs, each once, in order of appearance."""
    named: dict[str, str] = {}
    for segment in segments:
        for each in segment.graph.sounds:
            named.setdefault(normalised(each.sound), each.sound)
    return tuple(named.values())


def is_heard(sound: str, segments: Iterable[NarratedSegment]) -> bool:
    """Whether a context graph holds a sound of that name."""
    return normalised(sound) in {normalised(name) for name in heard_sounds(segments)}


def is_hinted_at(sound: str, segments: Iterable[NarratedSegment]) -> bool:
    """Whether any piece of evidence says everything that the sound's words say, in whatever form (`dog barks`, `a barking dog`)."""
    said = content_stems(sound)
    return any(said <= content_stems(text) for segment in segments for text in _evidence(segment))


def _evidence(segment: NarratedSegment) -> Iterator[str]:
    for each in segment.graph.sounds:
        yield " ".join(part for part in (each.sound, each.source, each.grounding) if part)
    yield from (each.sound for each in segment.captions.sounds)
    yield from sentences(segment.captions.sound_description)
    yield from sentences(segment.narration.av_narration)
