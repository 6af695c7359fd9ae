"""The quick way of a commit: what the ledger has not seen is copied straight into its tables, without reading or merging.

Almost every batch of a build is such a batch, and costs half of a merge. Only the lease's holder writes the units, so that
they are new can be asked beforehand. That a result is new cannot: one that another worker has just committed breaks its
unique key, which takes everything back, and then the batch is merged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import psycopg2.errors
from sqlalchemy import text
from sqlalchemy.engine import Connection

from egoetl.core.ledger import Outcome
from egoetl.lineage import bulk, emitted

_FINISHED = ("done", "dropped")
_MESSAGE_LENGTH = 2000
_UNIT = (
    "build_seq", "stage", "shard", "unit_id", "unit_kind", "state", "reason", "error_class", "message", "attempts", "computed", "key",
    "clip_id",
)  # fmt: skip
_ATTEMPT = (
    "build_seq", "stage", "shard", "unit_id", "unit_kind", "state", "reason", "error_class", "message", "number", "worker_id", "seconds",
    "requests", "prompt_tokens", "completion_tokens", "model",
)  # fmt: skip
_RESULT = ("key", "build_seq", "config_id", "part_id", "part_row", "seconds", "status", "unit_id", "drop_reason")
_KNOWN = text(
    """
    SELECT EXISTS (
        SELECT FROM build_unit
        WHERE build_seq = :build_seq AND stage = :stage AND shard = :shard AND unit_id = ANY(string_to_array(:units, chr(10)))
    )
    """
)


@dataclass(frozen=True)
class Place:
    """Where a batch belongs, and the short ids of what its rows refer to."""

    build_seq: int
    stage: str
    shard: int
    worker_id: int
    part_id: int | None
    part_rows: Mapping[str, int]
    config_ids: Mapping[str, int]


@dataclass
class _Lines:
    """A batch in COPY's text format, by table. Formatted by hand: it is half of what a commit costs its worker."""

    units: list[str] = field(default_factory=list[str])
    attempts: list[str] = field(default_factory=list[str])
    results: list[str] = field(default_factory=list[str])

    def add(self, place: Place, each: Outcome) -> None:
        """The rows of one outcome."""
        unit_id, tried = bulk.field(each.unit_id), was_tried(each)
        begin = f"{place.build_seq}\t{place.stage}\t{place.shard}\t{unit_id}\t{each.kind}\t{each.state}\t{why(each)}"
        self.units.append(f"{begin}\t{tried:d}\t{each.computed:d}\t{bulk.key(each.key)}\t{bulk.field(each.clip_id)}\n")
        if tried:
            self.attempts.append(f"{begin}\t1\t{place.worker_id}\t{each.seconds!r}\t{usage(each)}\t{bulk.field(each.model)}\n")
        if _is_made(each):
            self._add_result(place, each, unit_id)

    def _add_result(self, place: Place, each: Outcome, unit_id: str) -> None:
        key, row = bulk.key(each.key), place.part_rows.get(each.key or "")
        config = "\\N" if each.config_sha is None else place.config_ids[each.config_sha]
        where = "\\N\t\\N" if row is None else f"{place.part_id}\t{row}"
        status = f"drop\t{unit_id}\t{bulk.field(each.reason)}" if each.state == "dropped" else f"ok\t{unit_id}\t\\N"
        self.results.append(f"{key}\t{place.build_seq}\t{config}\t{where}\t{each.seconds!r}\t{status}\n")


def keep(connection: Connection, place: Place, outcomes: Sequence[Outcome]) -> bool:
    """Record outcomes of units that the build's stage does not know; False, and nothing recorded, if anything of it is known."""
    made = [each for each in outcomes if _is_made(each)]
    if not _may_be_new(outcomes, made) or _knows_some(connection, place, outcomes):
        return False
    lines = _Lines()
    for each in outcomes:
        lines.add(place, each)
    try:
        with connection.begin_nested():
            _copy(connection, lines)
            copy_edges(connection, made)
    except psycopg2.errors.UniqueViolation:
        return False
    emitted.keep(connection, made)
    return True


def copy_edges(connection: Connection, made: Sequence[Outcome]) -> None:
    """What new results were made from: no edge of theirs is there yet."""
    edges = {f"{bulk.key(each.key)}\t{bulk.key(parent)}\n" for each in made for parent in each.inputs}
    bulk.copy_lines(connection, "edge", ("child", "parent"), edges)


def was_tried(outcome: Outcome) -> bool:
    """Whether an outcome is that of an attempt: not of a reused result, nor of a unit that waits for others."""
    return outcome.computed or outcome.state == "failed"


def why(outcome: Outcome) -> str:
    """Reason, error class and message in COPY's text format."""
    message = None if outcome.message is None else outcome.message[:_MESSAGE_LENGTH]
    return f"{bulk.field(outcome.reason)}\t{bulk.field(outcome.error_class)}\t{bulk.field(message)}"


def usage(outcome: Outcome) -> str:
    """Requests, prompt tokens and completion tokens in COPY's text format."""
    used = outcome.usage
    prompt, completion = (count if count is not None else "\\N" for count in (used.prompt_tokens, used.completion_tokens))
    return f"{used.requests}\t{prompt}\t{completion}"


def _is_made(outcome: Outcome) -> bool:
    return outcome.computed and outcome.key is not None and outcome.state in _FINISHED


def _may_be_new(outcomes: Sequence[Outcome], made: Sequence[Outcome]) -> bool:
    """Manifest rows are known since their build was planned; whatever stands in the batch twice is known the second time."""
    if any(each.kind == "row" for each in outcomes):
        return False
    return len({each.unit_id for each in outcomes}) == len(outcomes) and len({each.key for each in made}) == len(made)


def _knows_some(connection: Connection, place: Place, outcomes: Sequence[Outcome]) -> bool:
    values = {
        "build_seq": place.build_seq,
        "stage": place.stage,
        "shard": place.shard,
        "units": "\n".join([each.unit_id for each in outcomes]),
    }
    return connection.execute(_KNOWN, values).scalar_one()


def _copy(connection: Connection, lines: _Lines) -> None:
    # In the order of their keys, with which they begin, so that two workers with the same results never deadlock.
    bulk.copy_lines(connection, "result", _RESULT, sorted(lines.results))
    bulk.copy_lines(connection, "build_unit", _UNIT, sorted(lines.units))
    bulk.copy_lines(connection, "attempt", _ATTEMPT, lines.attempts)
