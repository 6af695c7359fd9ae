"""The port of the attempt ledger, and the records that pass through it. PostgreSQL implements it; tests have a fake."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Literal, NamedTuple, Protocol

from egoetl.core.content_key import StageConfig
from egoetl.core.exchanges import Exchange
from egoetl.core.records import Artifact, ManifestRow, Record, UnitKind
from egoetl.core.sources import SourceDigest

UnitState = Literal["pending", "done", "dropped", "failed", "blocked"]
BuildState = Literal["planned", "running", "succeeded", "failed", "cancelled", "dropped"]


class RefusedRow(Record):
    """A manifest line that egoetl will not build, and why."""

    row: int
    video_id: str
    reason: str
    message: str


class ShardRow(Record):
    """A manifest row and the shard that works on it."""

    row: ManifestRow
    shard: int


class BuildSpec(Record):
    """What a build is asked to do. `recipe_settings` are the `--set` pairs; `videos` is the root of relative uris."""

    name: str
    recipe: str
    dataset: str
    engine: str
    recipe_settings: dict[str, str]
    manifest: str
    videos: str
    night: str | None = None
    arrivals: bool = False
    """Whether it builds what has arrived for the dataset, beside the manifest or without one."""
    stages: tuple[str, ...]
    """The stages to compute; earlier ones are only reused."""


class Build(Record):
    """A build as the ledger knows it. `seq` orders builds and names their partition."""

    seq: int
    spec: BuildSpec
    state: BuildState
    shards: tuple[int, ...]


class AirflowTry(Record):
    """Where in Airflow an attempt ran."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    try_number: int

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "AirflowTry | None":
        """The task that runs this process, as the operator passed it on in EGOETL_AIRFLOW_*; None outside Airflow."""
        prefix = "EGOETL_AIRFLOW_"
        if prefix + "DAG_ID" not in environment:
            return None
        return cls(
            dag_id=environment[prefix + "DAG_ID"],
            run_id=environment[prefix + "RUN_ID"],
            task_id=environment[prefix + "TASK_ID"],
            map_index=int(environment.get(prefix + "MAP_INDEX", "-1")),
            try_number=int(environment.get(prefix + "TRY_NUMBER", "1")),
        )


class Usage(Record):
    """What an attempt asked of models."""

    requests: int = 0
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Pointer(NamedTuple):
    """Where a result's payload lies: a row of a part file."""

    part: str
    row: int


class StoredResult(NamedTuple):
    """The committed result under a content key: its payload, or the drop that it was."""

    key: str
    pointer: Pointer | None
    drop_reason: str | None = None


class UnitStatus(NamedTuple):
    """A unit's state in one stage of one build."""

    stage: str
    kind: UnitKind
    unit_id: str
    state: UnitState
    key: str | None
    attempts: int


class Outcome(Record):
    """What became of one unit in one stage.

    A computed outcome carries its attempt; a reused one only its key. `inputs` are bare content keys,
    `emitted` the JSON of the unit records that the result brings into being (with the result itself for a Clip).
    """

    kind: UnitKind
    unit_id: str
    clip_id: str | None
    state: UnitState
    computed: bool
    key: str | None = None
    config_sha: str | None = None
    inputs: tuple[str, ...] = ()
    reason: str | None = None
    error_class: str | None = None
    message: str | None = None
    model: str | None = None
    seconds: float = 0.0
    usage: Usage = Usage()
    exchanges: tuple[Exchange, ...] = ()
    """What was asked and answered, where replies are kept; also of an attempt that failed."""
    payload: Record | None = None


class Part(Record):
    """A part file about to be pointed at: its artifact and the keys of its rows, in order."""

    sha256: str
    path: str
    size_bytes: int
    keys: tuple[str, ...]


class Lease(Record):
    """The right to commit for one shard of one stage until it ends. A later lease has a larger token."""

    build_seq: int
    stage: str
    shard: int
    token: int
    seconds: float


class Claimed(Record):
    """What became of the keys that a worker asked to compute; those in neither field are being computed by `holders`."""

    mine: frozenset[str]
    """Ours to compute for as long as the lease lasts."""
    stored: dict[str, StoredResult]
    """Computed by somebody meanwhile."""
    holders: tuple[str, ...] = ()
    """Who computes the others, in words."""


class Ledger(Protocol):
    """The truth about what happened. Every call is one transaction and may be repeated after a lost connection."""

    def create_build(self, spec: BuildSpec, rows: Sequence[ShardRow], refused: Sequence[RefusedRow]) -> Build:
        """Plan a build, with every row pending. A build of that name is returned as it is."""
        ...

    def rows_of_night(self, dataset: str, rows: Sequence[ManifestRow], *, night: date, today: date) -> tuple[list[ManifestRow], bool]:
        """The rows that belong to a night, and whether it is the newest one.

        A row (video id and window) that the dataset has not seen is registered on `night` if no row was registered
        later, else on `today`: what a past night contained never changes.
        """
        ...

    def build(self, name: str) -> Build:
        """The build of that name. Raises CallerError `build_unknown`."""
        ...

    def set_state(self, build_seq: int, state: BuildState) -> None:
        """Record how a build stands. A cancelled one may only be `planned` or `running` again: raises CancelledError."""
        ...

    def cancel(self, build_seq: int) -> None:
        """Cancel a build that has not ended. Raises CallerError `build_cancelled`, `build_ended` or `build_dropped`."""
        ...

    def is_cancelled(self, build_seq: int) -> bool:
        """Whether somebody has cancelled the build."""
        ...

    def rows(self, build_seq: int, shard: int) -> list[ManifestRow]:
        """The shard's accepted rows, in manifest order."""
        ...

    def statuses(self, build_seq: int, shard: int, stages: Iterable[str]) -> list[UnitStatus]:
        """All known units of the shard in these stages."""
        ...

    def results(self, keys: Iterable[str]) -> dict[str, StoredResult]:
        """The committed results among these content keys, from whichever build."""
        ...

    def acquire(self, build_seq: int, stage: str, shard: int, *, seconds: float) -> Lease:
        """Take the shard's lease: free, run out, or left by a process of this machine that is gone.

        A build that was planned or had failed runs from now on. Raises TryAgainError `lease_held` while another worker
        holds it, CancelledError for a cancelled build.
        """
        ...

    def renew(self, lease: Lease) -> None:
        """Hold the lease for its full time again. Raises LeaseLostError if it ran out or went to another."""
        ...

    def release(self, lease: Lease) -> None:
        """Give the lease back; one that was lost is left alone."""
        ...

    def claim(self, lease: Lease, keys: Iterable[str]) -> Claimed:
        """Take the right to compute the results under these content keys, until they are given up or the lease ends.

        Of several workers that ask for a key, of one build or of several, one gets it; that of a worker whose lease ended
        goes to the next. Raises LeaseLostError.
        """
        ...

    def give_up(self, lease: Lease, keys: Iterable[str]) -> None:
        """End claims of this lease: their results are committed, or others may try."""
        ...

    def commit(
        self,
        lease: Lease,
        outcomes: Sequence[Outcome],
        part: Part | None,
        configs: Mapping[str, StageConfig],
        replies: Artifact | None = None,
    ) -> None:
        """Record outcomes, results, edges, attempts, replies and emitted units in one transaction, if the lease still holds.

        `replies` is the part file that holds the exchanges of these outcomes, in their order; None where there are none.
        The first result committed under a key stays. Raises LeaseLostError, and then records nothing.
        """
        ...

    def withdrawn(self) -> frozenset[str]:
        """The sha256 of every video that was withdrawn: none is registered again."""
        ...

    def source_digest(self, address: str) -> SourceDigest | None:
        """What was last read at an address of a source, if anybody read it whole."""
        ...

    def keep_source_digest(self, digest: SourceDigest) -> None:
        """Remember what was read at an address, in place of what was read there before."""
        ...

    def register_configs(self, configs: Mapping[str, StageConfig], prompts: Mapping[str, tuple[str, str]]) -> None:
        """Keep stage configurations by sha, and prompts as sha to (name, text), so that lineage can show both."""
        ...
