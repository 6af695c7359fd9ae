"""Join a shard's earlier results into the items of a stage: which units there are, and what each is given."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from typing import NamedTuple, cast

from egoetl.core.ids import clip_of
from egoetl.core.items import Item, RowItem
from egoetl.core.ledger import Ledger, StoredResult, UnitStatus
from egoetl.core.recipe import Recipe, Source
from egoetl.core.records import Clip, Gate, ManifestRow, Record, UnitKind, UnitRecord
from egoetl.core.stage import Stage
from egoetl.runner.loading import Gathered, ItemLoader, ReadRecord, Stored, Value


class Unit(NamedTuple):
    """One unit of work and the clip that it belongs to (None for a row, whose clip is not known yet)."""

    kind: UnitKind
    unit_id: str
    clip_id: str | None


class Ready(NamedTuple):
    """A unit whose inputs are all there. `inputs` enter the content key, `edges` are the bare keys among them."""

    unit: Unit
    load: Callable[[], Item]
    inputs: tuple[str, ...]
    edges: tuple[str, ...]

    @property
    def item(self) -> Item:
        """What the stage is given, read now: a unit whose result is reused never needs it. Raises as `ItemLoader.item` does."""
        return self.load()


class Blocked(NamedTuple):
    """A unit that cannot run because an input is missing; `message` says which."""

    unit: Unit
    message: str


class _Made(NamedTuple):
    """A unit record, the clip it belongs to, and the key of the result that brought it into being."""

    record: UnitRecord
    clip_id: str
    stage: str
    key: str


class _MissingInput(Exception):  # noqa: N818 - a signal within this file
    """An input's stage failed, is blocked, or has not run."""


class _DroppedInput(Exception):  # noqa: N818 - a signal within this file
    """An input was dropped, so the unit does not exist for this stage."""


@dataclass
class ShardInputs:
    """What earlier stages made for a shard, loaded once for one stage."""

    recipe: Recipe
    stage: Stage
    statuses: Mapping[tuple[str, str], UnitStatus]
    results: Mapping[str, StoredResult]
    read: ReadRecord
    rows: tuple[ManifestRow, ...]
    _gathers: dict[tuple[str, str], tuple[Gathered, dict[str, str]]] = field(
        default_factory=dict[tuple[str, str], tuple[Gathered, dict[str, str]]]
    )

    def joined(self) -> Iterator[Ready | Blocked]:
        """Each unit of the stage with its item, or with the reason why it has none; dropped ones are left out."""
        if self.stage.unit == "row":
            yield from (Ready(Unit("row", str(row.row), None), partial(RowItem, row=row), (), ()) for row in self.rows)
            return
        for made in self._made.values():
            if made.record.kind != self.stage.unit:
                continue
            unit = Unit(made.record.kind, made.record.unit_id, made.clip_id)
            try:
                yield self._join(unit)
            except _DroppedInput:
                continue
            except _MissingInput as missing:
                yield Blocked(unit, str(missing))

    def videos(self) -> dict[str, ManifestRow]:
        """The first manifest row of each registered video of the shard, by the video's sha256."""
        found: dict[str, ManifestRow] = {}
        for clip, row in self._registered:
            found.setdefault(clip.video.sha256, row)
        return found

    def until_ms(self) -> dict[str, int]:
        """Up to which time the shard's clips need each registered video, by the video's sha256."""
        found: dict[str, int] = {}
        for clip, _ in self._registered:
            found[clip.video.sha256] = max(found.get(clip.video.sha256, 0), clip.end_ms)
        return found

    def narrations(self) -> dict[str, str]:
        """The address of each clip's human narrations, by clip id: that of its first manifest row which names one."""
        found: dict[str, str] = {}
        for clip, row in self._registered:
            if row.narrations:
                found.setdefault(clip.clip_id, row.narrations)
        return found

    def questions(self) -> dict[str, tuple[str, ...]]:
        """Where the questions about each clip lie, by clip id: of all manifest rows that turned out to be it."""
        found: dict[str, tuple[str, ...]] = {}
        for clip, row in self._registered:
            if row.questions:
                found[clip.clip_id] = (*found.get(clip.clip_id, ()), row.questions)
        return found

    @cached_property
    def _registered(self) -> list[tuple[Clip, ManifestRow]]:
        """The shard's clips with the rows that they were registered from, in manifest order."""
        found: list[tuple[Clip, ManifestRow]] = []
        for stage in self.recipe.stages:
            for row in self.rows if stage.unit == "row" else ():
                status = self.statuses.get((stage.name, str(row.row)))
                if status is not None and status.state == "done":
                    clip = self._record(stage.name, self._key(stage.name, status))
                    found.append((cast("Clip", clip), row))
        return found

    @cached_property
    def _sources(self) -> tuple[Source, ...]:
        return self.recipe.sources(self.stage)

    @cached_property
    def _nearest(self) -> set[str]:
        """The stages whose keys name everything that a unit is given: the others are inputs of these."""
        passed = [each for each in self._sources if not issubclass(each.record, Gate)]
        of_unit = self.recipe.nearest({name for source in passed for name in source.stages if source.relation != "gather"})
        return of_unit.union(*(self.recipe.nearest(source.stages) for source in self._sources if source.relation == "gather"))

    @cached_property
    def _made(self) -> dict[str, _Made]:
        """Every unit of the shard by id, in a stable order."""
        made: dict[str, _Made] = {}
        for kind in ("clip", "segment", "qa"):
            for stage in self.recipe.emitters(kind):
                for maker, record, key in self._done(stage):
                    for each in _emitted(record):
                        clip = each.unit_id if each.kind == "clip" else clip_of(maker)
                        made.setdefault(each.unit_id, _Made(each, clip, stage, key))
        return made

    def _done(self, stage: str) -> Iterator[tuple[str, Record, str]]:
        """Unit id, result and key of each unit that the stage made something of; rows in manifest order."""
        units = [unit_id for name, unit_id in self.statuses if name == stage]
        for unit_id in sorted(units, key=lambda each: (len(each), each) if each.isdecimal() else (0, each)):
            status = self.statuses[stage, unit_id]
            if status.state == "done":
                try:
                    key = self._key(stage, status)
                except _DroppedInput:
                    continue
                yield unit_id, self._record(stage, key), key

    @cached_property
    def _segments(self) -> dict[str, list[Unit]]:
        """The segments of each clip, in time order."""
        segments: dict[str, list[Unit]] = {}
        for made in sorted(self._made.values(), key=lambda each: each.record.start_ms):
            if made.record.kind == "segment":
                segments.setdefault(made.clip_id, []).append(Unit("segment", made.record.unit_id, made.clip_id))
        return segments

    @cached_property
    def _loader(self) -> ItemLoader:
        return ItemLoader(self.results, self.read)

    def _join(self, unit: Unit) -> Ready:
        keys: dict[str, str] = {}
        fields = {source.field: self._value(unit, source, keys) for source in self._sources}
        load = partial(self._loader.item, self.stage.given(self.recipe.params_of(self.stage)), fields)
        return Ready(unit, load, tuple(sorted(keys)), tuple(sorted(set(keys.values()))))

    def _value(self, unit: Unit, source: Source, keys: dict[str, str]) -> Value:
        """Where the value of one field lies; `keys` gets its key where no other input of the stage depends on it already."""
        assert unit.clip_id is not None
        if source.relation == "gather":
            gathered, found = self._gathered(unit.clip_id, source)
            if source.record not in self._given[self._made[unit.unit_id].stage]:
                # What a pair's own stage gathered already lies in the pair's key.
                keys.update(found)
            return gathered
        unit_id = unit.unit_id if source.relation == "own" else unit.clip_id
        if _is_unit(source.record):
            made = self._made[unit_id]
            if source.relation == "own" or made.stage in self._nearest:
                # The maker's result may hold several units, so this one's id belongs to the input.
                keys[made.record.own_content or f"{made.key}#{unit_id}"] = made.key
            return made.record
        (stage,) = source.stages
        key = self._key(stage, self.statuses.get((stage, unit_id)))
        if stage in self._nearest:
            keys[key] = key
        return Stored(key, source.record)

    @cached_property
    def _given(self) -> dict[str, set[type[Record]]]:
        """The types that each stage is given."""
        return {each.name: {source.record for source in self.recipe.sources(each)} for each in self.recipe.stages}

    def _gathered(self, clip_id: str, source: Source) -> tuple[Gathered, dict[str, str]]:
        """All members of a clip, and their keys; the same for every unit of the clip."""
        if (clip_id, source.field) not in self._gathers:
            keys: dict[str, str] = {}
            members = tuple(self._members(clip_id, source, keys))
            self._gathers[clip_id, source.field] = Gathered(cast("type[Item]", source.record), members), keys
        return self._gathers[clip_id, source.field]

    def _members(self, clip_id: str, source: Source, keys: dict[str, str]) -> Iterator[dict[str, Value]]:
        gathered = cast("type[Item]", source.record)
        for stage in source.stages.intersection(self.recipe.emitters(gathered.unit)):
            # Without its maker's result the clip has no segments yet, which is not the same as none.
            self._key(stage, self.statuses.get((stage, clip_id)))
        for member in self._segments.get(clip_id, []):
            try:
                yield {each.field: self._value(member, each, keys) for each in source.fields}
            except _DroppedInput:
                continue

    def _key(self, stage: str, status: UnitStatus | None) -> str:
        """The key of a stage's result for a unit. Raises _MissingInput or _DroppedInput."""
        if status is None:
            raise _MissingInput(f"{stage} has not run for it")
        if status.state == "dropped":
            raise _DroppedInput
        if status.state != "done" or status.key is None:
            raise _MissingInput(f"{stage} of {status.unit_id} is {status.state}")
        if self.results[status.key].drop_reason is not None:
            raise _DroppedInput  # another worker's result for the same key came first, and it was a drop
        return status.key

    def _record(self, stage: str, key: str) -> Record:
        return self._loader.record(Stored(key, self.recipe.stage(stage).output))


@cache
def _is_unit(kind: type[Record]) -> bool:
    return issubclass(kind, UnitRecord)


def _emitted(record: Record) -> tuple[UnitRecord, ...]:
    """The units in a result of a stage that the recipe knows as an emitter."""
    emitted = cast("Callable[[], tuple[UnitRecord, ...]]", record.emitted)  # pyright: ignore[reportAttributeAccessIssue]
    return emitted()


def load_inputs(
    ledger: Ledger, read: ReadRecord, recipe: Recipe, stage: Stage, build_seq: int, shard: int
) -> tuple[ShardInputs, dict[str, UnitStatus]]:
    """Load what `stage` needs for a shard, and the statuses of its own units by unit id."""
    needed = {stage.name, *recipe.upstream(stage)}
    known = ledger.statuses(build_seq, shard, needed)
    upstream = {(each.stage, each.unit_id): each for each in known if each.stage != stage.name}
    keys = {each.key for each in upstream.values() if each.state == "done" and each.key}
    inputs = ShardInputs(recipe, stage, upstream, ledger.results(keys), read, tuple(ledger.rows(build_seq, shard)))
    return inputs, {each.unit_id: each for each in known if each.stage == stage.name}
