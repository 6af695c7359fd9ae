"""Compare what a build said with the truth: precision and recall by kind of fact, and the same for shuffled truth."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import computed_field

from egoetl.core.errors import DataError
from egoetl.core.records import Record
from egoetl.footage.facts import WINDOW_MS, Fact, FactKind, facts_of
from egoetl.footage.truth import FootageTruth

EVENT_MS = 1_000
SOUND_MS = 300


class Counts(Record):
    """How many facts were said, are true, and agree, each with at most one of the other side."""

    matched: int = 0
    said: int = 0
    true: int = 0

    @computed_field
    @property
    def precision(self) -> float | None:
        """Share of what was said that is true; None if nothing was said."""
        return self.matched / self.said if self.said else None

    @computed_field
    @property
    def recall(self) -> float | None:
        """Share of what is true that was said; None if nothing is true."""
        return self.matched / self.true if self.true else None

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(matched=self.matched + other.matched, said=self.said + other.said, true=self.true + other.true)


class Score(Record):
    """Counts by measure, and in all. `overall` sums the measures by full name; those by colour stand beside them."""

    measures: dict[str, Counts]
    overall: Counts


class Comparison(Record):
    """The score against each video's own truth, and `chance`, against the truth of all other videos."""

    score: Score
    chance: Score


@dataclass(frozen=True)
class _Measure:
    """Two facts of a kind agree if their keys are equal and their beginnings within the tolerance."""

    kind: FactKind
    key: Callable[[Fact], Hashable]
    tolerance_ms: int
    counts_in_all: bool = True


def _window(fact: Fact) -> int:
    return fact.start_ms // WINDOW_MS


_MEASURES: dict[str, _Measure] = {
    "object": _Measure("object", lambda fact: (fact.name, _window(fact)), WINDOW_MS),
    "event": _Measure("event", lambda fact: (fact.name, fact.action), EVENT_MS),
    "sound": _Measure("sound", lambda fact: fact.sound_class, SOUND_MS),
    "link": _Measure("link", lambda fact: (fact.name, fact.sound_class), SOUND_MS),
    "object by colour": _Measure("object", lambda fact: (fact.colour, _window(fact)), WINDOW_MS, counts_in_all=False),
    "event by colour": _Measure("event", lambda fact: (fact.colour, fact.action), EVENT_MS, counts_in_all=False),
    "link by colour": _Measure("link", lambda fact: (fact.colour, fact.sound_class), SOUND_MS, counts_in_all=False),
}


def compare(truth: FootageTruth, said: Mapping[str, Iterable[Fact | Mapping[str, Any]]]) -> Comparison:
    """Score what was said of some videos, by video id. An empty list says nothing of its video, which lowers recall.

    Args:
        truth: the footage's `truth.json`.
        said: facts, or mappings with the fields of a fact. Saying the same twice counts once.

    Raises:
        DataError: a video id that the truth does not know.
        ValidationError: a mapping that is no fact.
    """
    if unknown := sorted(said.keys() - truth.videos.keys()):
        raise DataError(
            f"The truth knows nothing of video {unknown[0]}; name the truth.json of its footage.", reason="truth_of_video_missing"
        )
    told = {video: list(dict.fromkeys(Fact.model_validate(each) for each in facts)) for video, facts in said.items()}
    real = {video: facts_of(truth.videos[video]) for video in told}
    names = list(told)
    rotations = [(one, names[(i + turn) % len(names)]) for turn in range(1, len(names)) for i, one in enumerate(names)]
    return Comparison(
        score=_score((told[each], real[each]) for each in names),
        chance=_score((told[one], real[other]) for one, other in rotations),
    )


def _score(pairs: Iterable[tuple[list[Fact], list[Fact]]]) -> Score:
    pairs = list(pairs)
    measures = {name: sum((_count(measure, *pair) for pair in pairs), Counts()) for name, measure in _MEASURES.items()}
    overall = sum((measures[name] for name, measure in _MEASURES.items() if measure.counts_in_all), Counts())
    return Score(measures=measures, overall=overall)


def _count(measure: _Measure, said: list[Fact], true: list[Fact]) -> Counts:
    """Match greedily, the nearest beginnings first."""
    said = [each for each in said if each.kind == measure.kind]
    true = [each for each in true if each.kind == measure.kind]
    near = sorted(
        (away, i, j)
        for i, one in enumerate(said)
        for j, other in enumerate(true)
        if measure.key(one) == measure.key(other) and (away := abs(one.start_ms - other.start_ms)) <= measure.tolerance_ms
    )
    taken_said: set[int] = set()
    taken_true: set[int] = set()
    for _, i, j in near:
        if i not in taken_said and j not in taken_true:
            taken_said.add(i)
            taken_true.add(j)
    return Counts(matched=len(taken_said), said=len(said), true=len(true))
