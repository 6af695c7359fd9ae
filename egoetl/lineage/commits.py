"""One batch into the ledger: results, edges, attempts and emitted units, in one transaction under a lease."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from egoetl.core.content_key import StageConfig
from egoetl.core.ledger import Lease, Outcome, Part
from egoetl.core.records import Artifact, Clip
from egoetl.lineage import bulk, configs, emitted, fresh, leases, replies, usage
from egoetl.lineage.commit_statements import (
    INCOMING,
    INCOMING_COLUMNS,
    INSERT_PART,
    INSERT_RESULTS,
    KEEP_UNITS,
    SELECT_PART,
    SET_CLIPS,
)


@dataclass(frozen=True)
class Batch:
    """What is to be committed. `commit_id` marks repeats of one commit after a lost connection."""

    commit_id: uuid.UUID
    worker_id: int
    lease: Lease
    outcomes: Sequence[Outcome]
    part: Part | None
    configs: Mapping[str, StageConfig]
    replies: Artifact | None = None
    """The part file with the exchanges of the outcomes."""


def commit(connection: Connection, batch: Batch) -> None:
    """Record the batch. A repeat does nothing. Raises LeaseLostError, and then nothing is recorded."""
    if not leases.enter_commit(connection, batch.lease, batch.commit_id):
        return
    place = fresh.Place(
        build_seq=batch.lease.build_seq,
        stage=batch.lease.stage,
        shard=batch.lease.shard,
        worker_id=batch.worker_id,
        part_id=_keep_part(connection, batch.part),
        part_rows={key: row for row, key in enumerate(batch.part.keys)} if batch.part else {},
        config_ids=configs.ids(connection, batch.configs, batch.outcomes),
    )
    if not fresh.keep(connection, place, batch.outcomes):
        _merge(connection, place, batch.outcomes)
    usage.add(connection, place, batch.outcomes)
    if batch.replies is not None:
        replies.keep(connection, place, batch.outcomes, batch.replies)


def _merge(connection: Connection, place: fresh.Place, outcomes: Sequence[Outcome]) -> None:
    """Record outcomes some of which are known already: attempts count on, first results stay."""
    values = {name: getattr(place, name) for name in ("build_seq", "stage", "shard", "worker_id", "part_id")}
    bulk.stage(connection, "incoming", INCOMING)
    bulk.copy_lines(connection, "incoming", INCOMING_COLUMNS, [_line(position, each, place) for position, each in enumerate(outcomes)])
    new = set(connection.execute(INSERT_RESULTS, values).scalars())
    made = [each for each in outcomes if each.key in new]
    fresh.copy_edges(connection, made)
    emitted.keep(connection, made)
    connection.execute(KEEP_UNITS, values)
    if any(each.kind == "row" for each in outcomes):
        connection.execute(SET_CLIPS, values)


def _keep_part(connection: Connection, part: Part | None) -> int | None:
    if part is None:
        return None
    values = {"sha256": part.sha256, "path": part.path, "size_bytes": part.size_bytes, "rows": len(part.keys)}
    connection.execute(INSERT_PART, values)
    return connection.execute(SELECT_PART, values).scalar_one()


def _line(position: int, each: Outcome, place: fresh.Place) -> str:
    """The outcome in COPY's text format, with the columns of `incoming`."""
    config = "\\N" if each.config_sha is None else place.config_ids[each.config_sha]
    row = place.part_rows.get(each.key or "", "\\N")
    # A row number means something within one build only; the clip that it turned out to be, everywhere.
    made_for = each.payload.clip_id if isinstance(each.payload, Clip) else each.unit_id
    unit = f"{position}\t{each.kind}\t{bulk.field(each.unit_id)}\t{bulk.field(each.clip_id)}\t{each.state}\t{each.computed:d}"
    result = f"{bulk.key(each.key)}\t{config}\t{row}\t{bulk.field(made_for)}"
    return f"{unit}\t{result}\t{fresh.why(each)}\t{bulk.field(each.model)}\t{each.seconds!r}\t{fresh.usage(each)}\n"
