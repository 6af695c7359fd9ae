"""Go through a recipe's stages without running them: which results there are already, and which would be computed.

Content keys say it: the key of a result follows from the keys of its inputs, so a whole chain of keys is known before anything is
made. What a stage would make is taken to be as it was: it passes, and brings the same units into being.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field

from egoetl.core.backfill import PastResult
from egoetl.core.content_key import content_key, sha256_of
from egoetl.core.ledger import StoredResult, UnitStatus
from egoetl.core.recipe import Recipe
from egoetl.core.records import ManifestRow, QAPairs
from egoetl.core.stage import Stage
from egoetl.runner.inputs import Ready, ShardInputs
from egoetl.runner.loading import ReadRecord
from egoetl.runner.tools import Tools


@dataclass(frozen=True)
class Foreseen:
    """A unit that there would be. `key` is None where an input is not known before it is made."""

    stage: str
    unit_id: str
    clip_id: str | None
    key: str | None
    reused: bool
    was: UnitStatus | None
    """How it stood in the earlier build."""
    selected: bool

    @property
    def replaces(self) -> str | None:
        """The key of the earlier result, if this one takes its place."""
        return self.was.key if self.was is not None and self.key is not None and self.was.key not in (None, self.key) else None


@dataclass
class Rehearsal:
    """Some rows of a shard of an earlier build, as a build of `recipe` would go through them."""

    tools: Tools
    recipe: Recipe
    rows: tuple[ManifestRow, ...]
    past: Mapping[tuple[str, str], UnitStatus]
    """How the earlier build's units stand, by stage and unit id."""
    past_results: Mapping[str, PastResult]
    wanted: Set[tuple[str, str]]
    """Stage and unit id of what was asked for."""
    read: ReadRecord
    undrafted: int = 0
    """QA units whose pairs are not known before they are made."""
    _statuses: dict[tuple[str, str], UnitStatus] = field(default_factory=dict[tuple[str, str], UnitStatus])
    _results: dict[str, StoredResult] = field(default_factory=dict[str, StoredResult])
    _fresh: set[str] = field(default_factory=set[str])

    def run(self) -> Iterator[Foreseen]:
        """Every unit of every stage that is on."""
        for stage in self.recipe.stages:
            if not self.recipe.params_of(stage).off:
                yield from self._stage(stage)

    def _stage(self, stage: Stage) -> Iterator[Foreseen]:
        inputs = ShardInputs(self.recipe, stage, self._statuses, self._results, self.read, self.rows)
        config_sha = self._config_sha(stage)
        joined = list(inputs.joined())
        keys = {each.unit.unit_id: self._key(stage, config_sha, each) for each in joined if isinstance(each, Ready)}
        stored = self.tools.ledger.results(keys.values())
        for each in joined:
            unit = each.unit
            at = (stage.name, unit.unit_id)
            was, key = self.past.get(at), keys.get(unit.unit_id)
            if isinstance(each, Ready) and key is not None:
                self._settle(stage, each, key, stored.get(key), was)
            yield Foreseen(stage.name, unit.unit_id, unit.clip_id, key, key in stored, was, at in self.wanted)

    def _config_sha(self, stage: Stage) -> str:
        return sha256_of(self.tools.config_of(self.recipe, stage))

    def _key(self, stage: Stage, config_sha: str, ready: Ready) -> str:
        """The unit's key. What a stage reads of a file is not read now: the file is taken to be what it was, if it could be read."""
        if stage.fingerprint is None:
            return content_key(config_sha, ready.inputs)
        was = self.past.get((stage.name, ready.unit.unit_id))
        known = self.past_results.get(was.key) if was is not None and was.key is not None else None
        if known is not None and known.config_sha == config_sha and not self._fresh.intersection(ready.edges):
            return known.key
        return sha256_of({"not made yet": config_sha, "rows": [each.row for each in self.rows], "unit": ready.unit.unit_id})

    def _settle(self, stage: Stage, ready: Ready, key: str, stored: StoredResult | None, was: UnitStatus | None) -> None:
        """Take down what later stages would find."""
        unit = ready.unit
        if stored is not None:
            state = "dropped" if stored.drop_reason else "done"
            self._results[key] = stored
        else:
            self._fresh.add(key)
            state, known = "done", self.past_results.get(was.key) if was is not None and was.key is not None else None
            pointer = None if known is None else known.pointer
            self._results[key] = StoredResult(key=key, pointer=pointer)
            if pointer is None and self._emits(stage):
                self.undrafted += stage.output is QAPairs
                return
        self._statuses[stage.name, unit.unit_id] = UnitStatus(stage.name, unit.kind, unit.unit_id, state, key, 0)

    def _emits(self, stage: Stage) -> bool:
        return any(stage.name in self.recipe.emitters(kind) for kind in ("clip", "segment", "qa"))
