"""A small recipe over tiny files, whose stages do as a test tells them, and tools to run it with nothing but fakes around."""

import secrets
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from egoetl.core.ids import clip_id, qa_id, segment_id
from egoetl.core.items import ClipItem, Item, RowItem
from egoetl.core.ledger import BuildSpec, Outcome, Pointer, RefusedRow, ShardRow, StoredResult, UnitStatus
from egoetl.core.ports import Engine, StageIO
from egoetl.core.recipe import Recipe, RoleBinding
from egoetl.core.records import (
    Captions,
    Clip,
    ClipSound,
    Drop,
    HumanNarrations,
    ManifestRow,
    QAPair,
    QAPairs,
    Record,
    Segment,
    SplitClip,
    Verdict,
)
from egoetl.core.settings import Settings
from egoetl.core.stage import Params, stage
from egoetl.lineage.open import open_ledger
from egoetl.lineage.postgres_ledger import PostgresLedger
from egoetl.recipes.index import load
from egoetl.runner.inputs import Blocked, Ready, ShardInputs
from egoetl.runner.shard import ShardReport, run_stage, silent
from egoetl.runner.tools import Tools
from egoetl.stages.register import fingerprint
from egoetl.testing.ledger import MemoryLedger
from egoetl.testing.samples import a_clip, a_kitchen_clip, a_row
from egoetl.testing.store import MemoryStore

CLIP_MS = 20_000
NO_VIDEOS = ("",)
NO_SOUND = ClipSound(sound=None, rate_hz=16_000, samples=0)
Behave = Callable[[Item], Awaitable[Record | None]]
BEHAVIOUR: dict[str, Behave] = {}
"""Stage to what a test has it do first; None means: as usual."""


class SegmentItem(Item):
    """A segment of a split clip."""

    unit = "segment"
    clip: Clip
    segment: Segment


class CaptionedItem(SegmentItem):
    """A segment with captions."""

    captions: Captions


class CaptionedClip(Item):
    """All captioned segments of a clip."""

    unit = "clip"
    clip: Clip
    segments: tuple[CaptionedItem, ...]


class PairItem(Item):
    """A drafted pair with its evidence."""

    unit = "qa"
    clip: Clip
    pair: QAPair
    segments: tuple[CaptionedItem, ...]


async def _told(name: str, item: Item) -> Any:
    return await BEHAVIOUR[name](item) if name in BEHAVIOUR else None


@stage("register", version=1, fingerprint=fingerprint)
async def register(item: RowItem, _params: Params, io: StageIO) -> Clip:
    """A clip of 20 s whose video is the file's bytes."""
    if (told := await _told("register", item)) is not None:
        return told
    sha256 = io.sha256_of(item.row.uri)
    known = a_clip(item.row.start_ms, item.row.end_ms)
    return known.model_copy(
        update={
            "clip_id": clip_id(sha256, item.row.start_ms, item.row.end_ms),
            "video": known.video.model_copy(update={"sha256": sha256}),
        }
    )


@stage("split", version=1)
async def split(item: ClipItem, _params: Params, _io: StageIO) -> SplitClip | Drop:
    """Two segments."""
    if (told := await _told("split", item)) is not None:
        return told
    half = item.clip.duration_ms // 2
    segments = tuple(
        Segment(
            segment_id=segment_id(item.clip.clip_id, start, start + half),
            index=index,
            start_ms=start,
            end_ms=start + half,
            partial=False,
        )
        for index, start in enumerate((item.clip.start_ms, item.clip.start_ms + half))
    )
    return SplitClip(sound=NO_SOUND, segments=segments)


@stage("caption", version=1)
async def caption(item: SegmentItem, _params: Params, _io: StageIO) -> Captions | Drop:
    """Captions that name the segment."""
    if (told := await _told("caption", item)) is not None:
        return told
    text = f"segment {item.segment.index}"
    return Captions(video_description=text, sound_description=text, object_description=text)


@stage("qa_tour", version=1)
async def qa_tour(item: CaptionedClip, _params: Params, io: StageIO) -> QAPairs | Drop:
    """One pair for each captioned segment."""
    if (told := await _told("qa_tour", item)) is not None:
        return told
    pairs = tuple(
        QAPair(
            qa_id=qa_id(io.key, index),
            task="tour",
            question=f"What is in {each.segment.segment_id}?",
            answer=each.captions.video_description,
            start_ms=each.segment.start_ms,
            end_ms=each.segment.end_ms,
        )
        for index, each in enumerate(item.segments)
    )
    return QAPairs(pairs=pairs)


@stage("verify", version=1)
async def verify(item: PairItem, _params: Params, _io: StageIO) -> Verdict | Drop:
    """Accepts everything."""
    if (told := await _told("verify", item)) is not None:
        return told
    return Verdict(passed=("any",))


TOY = Recipe(name="toy", version=1, stages=(register, split, caption, qa_tour, verify), roles={"text": RoleBinding()}, dataset="toy")


@dataclass
class ToyTools(Tools):
    """The toy recipe, no engine, no decoder."""

    recipe: Recipe = TOY
    raised: dict[str, int] = field(default_factory=dict[str, int])
    """Stage to how much its version is raised."""

    def recipe_of(self, spec: BuildSpec) -> Recipe:
        stages = tuple(replace(each, version=each.version + self.raised.get(each.name, 0)) for each in self.recipe.stages)
        return replace(self.recipe, stages=stages).with_settings(spec.recipe_settings)

    def engines(self, recipe: Recipe) -> dict[str, Engine]:
        return {}


@dataclass
class Toy:
    """An installation in memory with a build of two clips in one shard."""

    tools: ToyTools
    folder: Path
    token: str = ""
    """Part of all names and bytes, so that tests may share a database and nothing of each other."""

    @property
    def ledger(self) -> MemoryLedger:
        """The ledger, to look into."""
        assert isinstance(self.tools.ledger, MemoryLedger)
        return self.tools.ledger

    def named(self, name: str) -> str:
        """A name of this test's own."""
        return name + self.token

    def film(self, name: str, text: str | None = None) -> Path:
        """A file that stands for a video."""
        file = self.folder / f"{name}.mp4"
        file.write_text(f"{text or name} {self.token}")
        return file

    def plan(self, name: str = "night", *videos: str, shards: int = 1, refused: int = 0, split: str = "train", **spec: Any) -> Any:
        """Plan a build of these videos, `a` and `b` if none are named, and of some refused lines."""
        chosen = videos or ("a", "b")
        rows = [
            ShardRow(row=ManifestRow(row=line, video_id=video, uri=video, split=split, start_ms=0, end_ms=CLIP_MS), shard=line % shards)
            for line, video in enumerate(chosen if chosen != NO_VIDEOS else (), start=2)
        ]
        bad = [RefusedRow(row=100 + line, video_id="bad", reason="window_inverted", message="It ends first.") for line in range(refused)]
        values: dict[str, Any] = {
            "name": self.named(name), "recipe": "toy", "dataset": self.named("toy"), "engine": "measured", "recipe_settings": {},
            "manifest": "m.csv",
            "videos": str(self.folder), "stages": (*(each.name for each in TOY.stages), *TOY.folds), **spec,
        }  # fmt: skip
        return self.tools.ledger.create_build(BuildSpec(**values), rows, bad)

    async def run(self, build: Any, *stages: str, given_up: set[str] | None = None) -> dict[str, ShardReport]:
        """Run stages, or all of them, over every shard; returns the last shard's reports."""
        names = stages or tuple(each.name for each in TOY.stages)
        return {name: await run_stage(self.tools, build, name, shard, silent, given_up) for shard in build.shards for name in names}

    def states(self, build: Any, stage_name: str) -> dict[str, str]:
        """Unit to state."""
        return {unit: status.state for (seq, at, _, unit), status in self.ledger.units.items() if (seq, at) == (build.seq, stage_name)}

    def attempts(self, build: Any) -> list[tuple[str, Outcome]]:
        """Stage and outcome of every attempt of a build."""
        return [(at[1], outcome) for at, outcome in self.ledger.attempts if at[0] == build.seq]


@pytest.fixture
def behave() -> Any:
    """Have a stage do something first: `behave("caption", coroutine function of the item)`."""
    yield BEHAVIOUR.__setitem__
    BEHAVIOUR.clear()


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    """Two videos `a` and `b`, and tools over memory."""
    folder = tmp_path / "videos"
    folder.mkdir()
    tools = ToyTools(Settings(patience_seconds=0, lease_seconds=30, commit_seconds=0.01))
    tools.ledger = MemoryLedger()
    tools.store = MemoryStore(tmp_path / "store")
    tools.media = SimpleNamespace(decoder="none")
    made = Toy(tools, folder)
    made.film("a")
    made.film("b")
    return made


@dataclass
class Shelf:
    """Results of one shard, each under a key that says what it is unless a test gives one: `caption:CLIP.001`."""

    recipe: Recipe
    rows: tuple[ManifestRow, ...] = ()
    statuses: dict[tuple[str, str], UnitStatus] = field(default_factory=dict[tuple[str, str], UnitStatus])
    stored: dict[str, StoredResult] = field(default_factory=dict[str, StoredResult])
    records: dict[str, Record] = field(default_factory=dict[str, Record])

    def put(self, stage_name: str, unit_id: str, made: Record | None = None, *, state: str = "done", key: str | None = None) -> None:
        """Note a unit's state, and its result: a record, or for a dropped one that it was a drop."""
        key = (key or f"{stage_name}:{unit_id}") if state in ("done", "dropped") else None
        kind = self.recipe.stage(stage_name).unit
        self.statuses[stage_name, unit_id] = UnitStatus(stage=stage_name, kind=kind, unit_id=unit_id, state=state, key=key, attempts=1)
        if key is not None:
            pointer = Pointer(part=key, row=0) if made else None
            self.stored[key] = StoredResult(key=key, pointer=pointer, drop_reason=None if made else "too_dark")
        if key is not None and made is not None:
            self.records[key] = made

    def inputs(self, stage_name: str) -> ShardInputs:
        """What the stage is given."""
        wanted = self.recipe.stage(stage_name)
        upstream = self.recipe.upstream(wanted)
        statuses = {at: status for at, status in self.statuses.items() if at[0] in upstream}
        return ShardInputs(self.recipe, wanted, statuses, self.stored, lambda at, _: self.records[at.part], self.rows)

    def joined(self, stage_name: str) -> dict[str, Ready | Blocked]:
        """Unit to what the stage is given for it."""
        return {each.unit.unit_id: each for each in self.inputs(stage_name).joined()}


@pytest.fixture
def new_shelf() -> Callable[..., Shelf]:
    """Make an empty Shelf of a recipe, with manifest rows."""
    return Shelf


@pytest.fixture
def shelf() -> Shelf:
    """Everything that recipe egoavu makes of the kitchen clip, from registration to one pair of each task."""
    kitchen = a_kitchen_clip()
    clip, first = kitchen.clip, kitchen.segments[0].segment.segment_id
    made = Shelf(load("egoavu"), (a_row(clip.start_ms, clip.end_ms),))
    made.put("register", "2", clip)
    made.put("split", clip.clip_id, SplitClip(sound=NO_SOUND, segments=tuple(each.segment for each in kitchen.segments)))
    made.put("diversity", clip.clip_id, kitchen.diversity)
    made.put("narrations", clip.clip_id, HumanNarrations())
    made.put("frames", clip.clip_id, kitchen.segments[0].sampled)
    for each in kitchen.segments:
        for name, record in (("caption", each.captions), ("mcg", each.graph), ("av_narration", each.narration)):
            made.put(name, each.segment.segment_id, record)
    for task, unit in (("avsn", first), ("avh_sound", clip.clip_id), ("tr_before_after", clip.clip_id)):
        pair = QAPair(qa_id=f"qa_{task}", task=task, question="Is it?", answer="Yes", start_ms=clip.start_ms, end_ms=clip.end_ms)
        made.put(f"qa_{task}", unit, QAPairs(pairs=(pair,)))
    return made


@pytest.fixture(scope="module")
def shared_ledger(postgres_server: Any, migrated_template: str, database_names: Iterator[str]) -> Iterator[PostgresLedger]:
    """A real lineage database for all tests of a module."""
    name = next(database_names)
    postgres_server.create_database(name, template=migrated_template)
    ledger = open_ledger(postgres_server.url(name), patience_seconds=5)
    yield ledger
    ledger.close()
    postgres_server.drop_database(name)


@pytest.fixture
def recorded(toy: Toy, shared_ledger: PostgresLedger, monkeypatch: pytest.MonkeyPatch) -> Toy:
    """The toy installation over a real lineage database, which it shares with other tests."""
    monkeypatch.setattr("egoetl.runner.build._PAUSE_SECONDS", 0.0)
    toy.tools.ledger = shared_ledger
    toy.token = f"-{secrets.token_hex(4)}"
    toy.film("a")
    toy.film("b")
    return toy
