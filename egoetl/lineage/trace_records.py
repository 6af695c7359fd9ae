"""What a trace tells, as records and as lines for a person."""

from collections.abc import Iterable, Iterator
from typing import Any

from egoetl.core.records import QAPair, Record
from egoetl.lineage.reply_reports import SeenReply


class Hop(Record):
    """One result on the way to the source, hop 0 being what was asked about."""

    hop: int
    key: str
    stage: str
    version: int
    unit_id: str
    models: dict[str, str]
    """Role to `model id@revision`."""
    params: dict[str, Any]
    prompts: dict[str, str]
    """Prompt name to sha256."""
    decoder: str | None
    seed: int
    seconds: float
    """How long computing it took, in the build that did."""
    build_seq: int
    part: str | None
    part_row: int | None
    replies: tuple[SeenReply, ...] = ()
    """Of the build that computed it, until it is dropped."""

    def lines(self) -> Iterator[str]:
        """The result in a few lines."""
        yield f"{self.hop:>3} {self.stage} v{self.version}  {self.unit_id}"
        makers = [*sorted(set(self.models.values())), *filter(None, [self.decoder])]
        yield f"      by {', '.join(makers) or 'rules'} in {self.seconds:.3f} s, seed {self.seed}, params {self.params}"
        yield from _replies(self.replies)
        for name, sha256 in sorted(self.prompts.items()):
            yield f"      prompt {name} {sha256}"
        where = f"  {self.part} row {self.part_row}" if self.part else ""
        yield f"      key {self.key}{where}"


class Sighting(Record):
    """A manifest row that turned out to name a video."""

    build: str
    row_no: int
    video_id: str
    uri: str
    split: str
    start_ms: int
    end_ms: int


class Source(Record):
    """A source file by its bytes, and the names under which it was seen."""

    sha256: str
    size_bytes: int
    duration_ms: int
    sightings: tuple[Sighting, ...]

    def lines(self) -> Iterator[str]:
        """The file, and each name once with the newest build that used it."""
        yield f"source sha256 {self.sha256}  {self.size_bytes} bytes, {self.duration_ms / 1000:.3f} s"
        names = {(each.video_id, each.uri, each.split): each for each in reversed(self.sightings)}
        for each in names.values():
            yield f"      seen as {each.video_id} ({each.uri}), split {each.split}, build {each.build}, manifest line {each.row_no}"


class PairTrace(Record):
    """A pair and everything it was made from."""

    pair: QAPair
    versions: tuple[str, ...]
    """`dataset number` of each version that holds it."""
    hops: tuple[Hop, ...]
    source: Source

    def lines(self) -> Iterator[str]:
        """For a person."""
        yield f"{self.pair.qa_id}  {self.pair.task}  [{self.pair.start_ms}, {self.pair.end_ms}) ms"
        yield f"      Q {self.pair.question}"
        yield f"      A {self.pair.answer}"
        yield f"      in versions: {', '.join(self.versions) or 'none'}"
        yield from _chain(self.hops, self.source)


class UnitStanding(Record):
    """How a unit stands in one stage of a build."""

    stage: str
    state: str
    reason: str | None
    attempts: int
    key: str | None
    replies: tuple[SeenReply, ...] = ()


class UnitTrace(Record):
    """A segment or clip in its newest build, and everything that its results there were made from."""

    unit_id: str
    build: str
    stages: tuple[UnitStanding, ...]
    hops: tuple[Hop, ...]
    source: Source

    def lines(self) -> Iterator[str]:
        """For a person."""
        yield f"{self.unit_id} in build {self.build}"
        for each in self.stages:
            yield f"      {each.stage}: {each.state}{f' ({each.reason})' if each.reason else ''}, {each.attempts} attempts"
            yield from _replies(each.replies)
        if any(reply.status != "ok" for each in self.stages for reply in each.replies):
            yield f"      what was said: egoetl replies {self.build} --unit {self.unit_id}"
        yield from _chain(self.hops, self.source)


class ClipTrace(Record):
    """A clip, its segments, and its drafted pairs by task."""

    clip_id: str
    video_sha256: str
    start_ms: int
    end_ms: int
    segments: tuple[str, ...]
    pairs: dict[str, int]

    def lines(self) -> Iterator[str]:
        """For a person."""
        yield f"clip {self.clip_id}  [{self.start_ms}, {self.end_ms}) ms"
        for each in self.segments:
            yield f"      segment {each}"
        for task, count in self.pairs.items():
            yield f"      {count} drafted pairs of {task}"


class VideoTrace(Record):
    """The files that a name stands for, and what was made of them."""

    name: str
    sources: tuple[Source, ...]
    clips: tuple[ClipTrace, ...]

    def lines(self) -> Iterator[str]:
        """For a person."""
        for source in self.sources:
            yield from source.lines()
            for each in self.clips:
                if each.video_sha256 == source.sha256:
                    yield from each.lines()


def _replies(replies: Iterable[SeenReply]) -> Iterator[str]:
    """How the replies to each task went, in order: what was asked again stands after what it was asked again for."""
    by_task: dict[tuple[str, str], list[str]] = {}
    for each in replies:
        by_task.setdefault((each.task, each.model), []).append(each.status)
    for (task, model), statuses in by_task.items():
        yield f"      {task} asked of {model}: {', '.join(statuses)}"


def _chain(hops: Iterable[Hop], source: Source) -> Iterator[str]:
    for each in hops:
        yield from each.lines()
    yield from source.lines()
