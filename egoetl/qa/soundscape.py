"""What can be heard in a stretch of video according to its context graphs."""

from collections.abc import Iterable

from egoetl.algorithms.wording import normalised
from egoetl.core.items import NarratedSegment
from egoetl.core.records import GroundedSound


def distinct_sounds(segments: Iterable[NarratedSegment]) -> tuple[GroundedSound, ...]:
    """The first of each sound from each source, in order of appearance. The same sound without a source is one of its own."""
    found: dict[tuple[str, str], GroundedSound] = {}
    for segment in segments:
        for each in segment.graph.sounds:
            found.setdefault((normalised(each.sound), normalised(each.source or "")), each)
    return tuple(found.values())


def heard_sounds(segments: Iterable[NarratedSegment]) -> tuple[str, ...]:
    """The names of the sounds, each once, in order of appearance."""
    named: dict[str, str] = {}
    for each in distinct_sounds(segments):
        named.setdefault(normalised(each.sound), each.sound)
    return tuple(named.values())


def sourced_sounds(segments: Iterable[NarratedSegment]) -> tuple[str, ...]:
    """Each sound with each of its sources, as a question may name it: `dull knock of the red mug`."""
    return tuple(of_source(each.sound, each.source) for each in distinct_sounds(segments) if each.source)


def of_source(sound: str, source: str) -> str:
    """A sound and what makes it, as one name; a source keeps the article that it has."""
    return f"{sound} of {source}" if source.casefold().startswith(("the ", "a ", "an ")) else f"{sound} of the {source}"
