"""What is asked: to narrate one interval, or to compare two. Intervals are named in seconds of the source video."""

from itertools import combinations

from egoetl.algorithms.shuffling import shuffled
from egoetl.algorithms.timecodes import seconds
from egoetl.core.items import NarratedSegment
from egoetl.core.records import Record
from egoetl.qa.scope import Scope
from egoetl.qa.timeline import happened

SINGLE = (
    "What can be seen and heard between {0} s and {1} s of the video? Answer with one audio-visual narration.",
    "Narrate the stretch from {0} s to {1} s of the video: what happens, and which sounds go with it?",
    "Give an audio-visual narration of the video from {0} s to {1} s.",
    "Describe in one paragraph what the camera wearer sees and hears from {0} s until {1} s.",
)
COMPARE = (
    "Compare what can be seen and heard between {0} s and {1} s of the video with what can be seen and heard between {2} s and {3} s.",
    "What do the stretches from {0} s to {1} s and from {2} s to {3} s of the video have in common, and what has only one of them?",
    "Describe the video from {0} s to {1} s and from {2} s to {3} s, and say how the two differ.",
    "How does what happens and is heard from {0} s to {1} s of the video differ from what happens and is heard from {2} s to {3} s?",
)


class Asked(Record):
    """A question about one segment, or about two in time order."""

    question: str
    segments: tuple[NarratedSegment, ...]

    @property
    def variant(self) -> str:
        """`single` or `compare`."""
        return "compare" if len(self.segments) == 2 else "single"


def questions(scope: Scope, pairs: int) -> tuple[Asked, ...]:
    """As many questions about a scope as its evidence bears: about a segment each in another way, about a clip on other intervals."""
    eventful = {each.segment.segment_id: each for each in scope.segments if happened(each)}
    if scope.kind == "segment":
        ways = shuffled(SINGLE, scope.scope_id)[:pairs] if eventful else ()
        return tuple(_asked(way, scope.segments) for way in ways)
    couples = {f"{one} {other}": (eventful[one], eventful[other]) for one, other in combinations(eventful, 2)}
    drawn = shuffled(tuple(couples), scope.scope_id)[:pairs]
    return tuple(_asked(shuffled(COMPARE, couple)[0], couples[couple]) for couple in drawn)


def _asked(way: str, segments: tuple[NarratedSegment, ...]) -> Asked:
    times = [seconds(ms) for each in segments for ms in (each.segment.start_ms, each.segment.end_ms)]
    return Asked.model_construct(question=way.format(*times), segments=segments)
