"""The ledger in memory: what a test of the runner needs, held to the same contract suite as PostgreSQL."""

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from egoetl.core.content_key import StageConfig
from egoetl.core.errors import CallerError, CancelledError, LeaseLostError, TryAgainError
from egoetl.core.ledger import (
    Build,
    BuildSpec,
    BuildState,
    Claimed,
    Lease,
    Outcome,
    Part,
    Pointer,
    RefusedRow,
    ShardRow,
    StoredResult,
    UnitStatus,
)
from egoetl.core.records import Artifact, Clip, ManifestRow, QAPairs, SplitClip, UnitRecord
from egoetl.core.sources import SourceDigest

Unit = tuple[int, str, int, str]
"""Build, stage, shard, unit id."""
FINISHED = frozenset({"done", "dropped"})


@dataclass
class _Held:
    token: int
    ends: float


@dataclass
class MemoryLedger:
    """`egoetl.core.ledger.Ledger` in dictionaries, which a test may read. Threads may share it; a process may not."""

    builds: dict[int, Build] = field(default_factory=dict[int, Build])
    shard_rows: dict[int, list[ShardRow]] = field(default_factory=dict[int, list[ShardRow]])
    refused: dict[int, list[RefusedRow]] = field(default_factory=dict[int, list[RefusedRow]])
    clips: dict[tuple[int, int], str] = field(default_factory=dict[tuple[int, int], str])
    """Build and row number to the clip that the row turned out to be."""
    units: dict[Unit, UnitStatus] = field(default_factory=dict[Unit, UnitStatus])
    attempts: list[tuple[Unit, Outcome]] = field(default_factory=list[tuple[Unit, Outcome]])
    reply_parts: list[Artifact] = field(default_factory=list[Artifact])
    stored: dict[str, StoredResult] = field(default_factory=dict[str, StoredResult])
    made: dict[str, Outcome] = field(default_factory=dict[str, Outcome])
    """Content key to the outcome that was committed first."""
    nights: dict[tuple[str, str, int, int], date] = field(default_factory=dict[tuple[str, str, int, int], date])
    configs: dict[str, StageConfig] = field(default_factory=dict[str, StageConfig])
    prompts: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    claims: dict[str, Lease] = field(default_factory=dict[str, Lease])
    """Content key to the lease under which somebody computes its result."""
    digests: dict[str, SourceDigest] = field(default_factory=dict[str, SourceDigest])
    """What was last read at each address of a source."""
    tombstones: set[str] = field(default_factory=set[str])
    """The sha256 of withdrawn videos."""
    _leases: dict[tuple[int, str, int], _Held] = field(default_factory=dict[tuple[int, str, int], _Held])
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def create_build(self, spec: BuildSpec, rows: Sequence[ShardRow], refused: Sequence[RefusedRow]) -> Build:
        with self._lock:
            for known in self.builds.values():
                if known.spec.name == spec.name:
                    return known
            seq = len(self.builds) + 1
            self.builds[seq] = Build(seq=seq, spec=spec, state="planned", shards=tuple(sorted({each.shard for each in rows})))
            self.shard_rows[seq], self.refused[seq] = list(rows), list(refused)
            for each in rows:
                unit_id = str(each.row.row)
                self.units[seq, "register", each.shard, unit_id] = UnitStatus(
                    stage="register", kind="row", unit_id=unit_id, state="pending", key=None, attempts=0
                )
            return self.builds[seq]

    def rows_of_night(self, dataset: str, rows: Sequence[ManifestRow], *, night: date, today: date) -> tuple[list[ManifestRow], bool]:
        with self._lock:
            newest = all(each <= night for (name, *_), each in self.nights.items() if name == dataset)
            for row in rows:
                self.nights.setdefault((dataset, row.video_id, row.start_ms, row.end_ms), night if newest else today)
            return [row for row in rows if self.nights[dataset, row.video_id, row.start_ms, row.end_ms] == night], newest

    def build(self, name: str) -> Build:
        for build in self.builds.values():
            if build.spec.name == name:
                return build
        raise CallerError(f"There is no build {name!r}.", reason="build_unknown")

    def set_state(self, build_seq: int, state: BuildState) -> None:
        with self._lock:
            if state not in ("planned", "running"):
                self._check_not_cancelled(build_seq)
            self.builds[build_seq] = self.builds[build_seq].model_copy(update={"state": state})

    def cancel(self, build_seq: int) -> None:
        with self._lock:
            state = self.builds[build_seq].state
            if state not in ("planned", "running"):
                known = {"cancelled": "build_cancelled", "dropped": "build_dropped"}
                raise CallerError(f"Build {build_seq} is {state}.", reason=known.get(state, "build_ended"))
            self.set_state(build_seq, "cancelled")

    def is_cancelled(self, build_seq: int) -> bool:
        return self.builds[build_seq].state == "cancelled"

    def rows(self, build_seq: int, shard: int) -> list[ManifestRow]:
        return sorted((each.row for each in self.shard_rows[build_seq] if each.shard == shard), key=lambda row: row.row)

    def statuses(self, build_seq: int, shard: int, stages: Iterable[str]) -> list[UnitStatus]:
        wanted = set(stages)
        with self._lock:
            return [
                status for (seq, stage, at, _), status in sorted(self.units.items()) if (seq, at) == (build_seq, shard) and stage in wanted
            ]

    def results(self, keys: Iterable[str]) -> dict[str, StoredResult]:
        return {key: self.stored[key] for key in set(keys) if key in self.stored}

    def acquire(self, build_seq: int, stage: str, shard: int, *, seconds: float) -> Lease:
        with self._lock:
            self._check_not_cancelled(build_seq)
            if self.builds[build_seq].state in ("planned", "failed"):
                self.set_state(build_seq, "running")
            held = self._leases.get((build_seq, stage, shard))
            if held is not None and held.ends > time.monotonic():
                raise TryAgainError(f"Shard {shard} of stage {stage} is held by another worker.", reason="lease_held")
            token = held.token + 1 if held else 1
            self._leases[build_seq, stage, shard] = _Held(token, time.monotonic() + seconds)
            return Lease(build_seq=build_seq, stage=stage, shard=shard, token=token, seconds=seconds)

    def renew(self, lease: Lease) -> None:
        with self._lock:
            self._mine(lease).ends = time.monotonic() + lease.seconds

    def release(self, lease: Lease) -> None:
        with self._lock:
            held = self._leases[lease.build_seq, lease.stage, lease.shard]
            if held.token == lease.token:
                held.ends = min(held.ends, time.monotonic())

    def claim(self, lease: Lease, keys: Iterable[str]) -> Claimed:
        with self._lock:
            self.renew(lease)
            wanted = set(keys)
            claimed = {key: self.claims[key] for key in wanted if key in self.claims}
            held = {key: holder for key, holder in claimed.items() if holder != lease and self._holds(holder)}
            self.claims.update(dict.fromkeys(wanted - held.keys(), lease))
            stored = self.results(wanted)
            holders = {f"{each.stage}, shard {each.shard} of build {each.build_seq}" for key, each in held.items() if key not in stored}
            return Claimed(mine=frozenset(wanted - held.keys() - stored.keys()), stored=stored, holders=tuple(sorted(holders)))

    def give_up(self, lease: Lease, keys: Iterable[str]) -> None:
        with self._lock:
            for key in keys:
                if self.claims.get(key) == lease:
                    del self.claims[key]

    def commit(
        self,
        lease: Lease,
        outcomes: Sequence[Outcome],
        part: Part | None,
        configs: Mapping[str, StageConfig],
        replies: Artifact | None = None,
    ) -> None:
        with self._lock:
            self.renew(lease)
            self.configs.update(configs)
            rows = {key: row for row, key in enumerate(part.keys)} if part else {}
            if replies is not None:
                self.reply_parts.append(replies)
            for each in outcomes:
                self._keep_result(each, part, rows)
                self._keep_unit(lease, each)

    def withdrawn(self) -> frozenset[str]:
        return frozenset(self.tombstones)

    def source_digest(self, address: str) -> SourceDigest | None:
        return self.digests.get(address)

    def keep_source_digest(self, digest: SourceDigest) -> None:
        self.digests[digest.address] = digest

    def register_configs(self, configs: Mapping[str, StageConfig], prompts: Mapping[str, tuple[str, str]]) -> None:
        self.configs.update(configs)
        self.prompts.update(prompts)

    def emitted(self) -> list[UnitRecord]:
        """All units that committed results brought into being."""
        payloads = (each.payload for each in self.made.values())
        return [unit for payload in payloads if isinstance(payload, Clip | SplitClip | QAPairs) for unit in payload.emitted()]

    def _check_not_cancelled(self, build_seq: int) -> None:
        if self.is_cancelled(build_seq):
            raise CancelledError.of(self.builds[build_seq].spec.name)

    def _holds(self, lease: Lease) -> bool:
        held = self._leases.get((lease.build_seq, lease.stage, lease.shard))
        return held is not None and held.token == lease.token and held.ends > time.monotonic()

    def _mine(self, lease: Lease) -> _Held:
        held = self._leases[lease.build_seq, lease.stage, lease.shard]
        if held.token != lease.token or held.ends <= time.monotonic():
            raise LeaseLostError(f"The lease for shard {lease.shard} of stage {lease.stage} is lost.", reason="lease_lost")
        return held

    def _keep_result(self, outcome: Outcome, part: Part | None, rows: Mapping[str, int]) -> None:
        key = outcome.key
        if key is None or not outcome.computed or outcome.state not in FINISHED or key in self.stored:
            return
        pointer = Pointer(part=part.path, row=rows[key]) if part and key in rows else None
        self.stored[key] = StoredResult(key=key, pointer=pointer, drop_reason=outcome.reason if outcome.state == "dropped" else None)
        self.made[key] = outcome

    def _keep_unit(self, lease: Lease, outcome: Outcome) -> None:
        at = (lease.build_seq, lease.stage, lease.shard, outcome.unit_id)
        old = self.units.get(at)
        tried = outcome.computed or outcome.state == "failed"
        if tried:
            self.attempts.append((at, outcome))
        attempts = (old.attempts if old else 0) + tried
        stays = old is not None and old.state in FINISHED and (outcome.state not in FINISHED or outcome.key == old.key)
        if old is not None and stays:
            self.units[at] = old._replace(attempts=attempts)
            return
        self.units[at] = UnitStatus(
            stage=lease.stage, kind=outcome.kind, unit_id=outcome.unit_id, state=outcome.state, key=outcome.key, attempts=attempts
        )
        payload = self.made[outcome.key].payload if outcome.key in self.made else None
        if outcome.kind == "row" and isinstance(payload, Clip):
            self.clips[lease.build_seq, int(outcome.unit_id)] = payload.clip_id
