"""Versions of datasets: what each build published, and which pairs each version holds."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.engine import Connection

from egoetl.core.errors import TryAgainError
from egoetl.lineage import bulk
from egoetl.lineage.tables.builds import build
from egoetl.lineage.tables.versions import dataset_version

_CLOSE = text(
    """
    UPDATE version_pair AS held SET until = :number
    WHERE held.dataset = :dataset AND held.until IS NULL
      AND NOT EXISTS (SELECT FROM incoming_pairs WHERE incoming_pairs.qa_id = held.qa_id)
    """
)
_OPEN = text(
    """
    INSERT INTO version_pair (qa_id, dataset, since)
    SELECT qa_id, :dataset, :number FROM incoming_pairs
    WHERE NOT EXISTS (
        SELECT FROM version_pair AS held WHERE held.dataset = :dataset AND held.until IS NULL AND held.qa_id = incoming_pairs.qa_id
    )
    """
)
_WITHDRAWN = text(
    "SELECT EXISTS (SELECT FROM incoming_pairs JOIN (SELECT unnest(qa_ids) AS qa_id FROM tombstone) AS withdrawn USING (qa_id))"
)
_MENDS = text(
    "SELECT max(old.version) FROM backfill_build AS link JOIN build AS old ON old.seq = link.mends_seq WHERE link.build_seq = :build_seq"
)
# Publishing the latest version again says anew what it leaves out.
_LEFT_OUT = (
    text(
        """
        DELETE FROM version_left_out AS known
        WHERE dataset = :dataset AND until IS NULL AND since = :number
          AND NOT EXISTS (SELECT FROM incoming_left_out AS new WHERE new.qa_id = known.qa_id AND new.reason = known.reason)
        """
    ),
    text(
        """
        UPDATE version_left_out AS known SET until = :number
        WHERE dataset = :dataset AND until IS NULL
          AND NOT EXISTS (SELECT FROM incoming_left_out AS new WHERE new.qa_id = known.qa_id AND new.reason = known.reason)
        """
    ),
    text(
        """
        INSERT INTO version_left_out (qa_id, dataset, since, reason)
        SELECT qa_id, :dataset, :number, reason FROM incoming_left_out AS new
        WHERE NOT EXISTS (
            SELECT FROM version_left_out AS known WHERE known.dataset = :dataset AND known.until IS NULL AND known.qa_id = new.qa_id
        )
        """
    ),
)
_COLUMNS = (
    dataset_version.c.dataset,
    dataset_version.c.number,
    dataset_version.c.path,
    dataset_version.c.state,
    dataset_version.c.manifest_sha256,
    dataset_version.c.counts,
    dataset_version.c.left_out,
    dataset_version.c.mends,
)


@dataclass(frozen=True)
class Published:
    """What a build published."""

    build_seq: int
    dataset: str
    manifest_sha256: str
    path: str
    counts: dict[str, Any]
    qa_ids: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    """Accepted pairs that the rules over the whole version left out of it, each with the rule's reason."""


def record(connection: Connection, version: Published) -> int:
    """Note a version as a candidate and as the build's; returns its number. A set equal to the latest version is that version."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('lineage.version'), hashtext(:dataset))"), {"dataset": version.dataset})
    latest = next(iter(of_dataset(connection, version.dataset)), None)
    if latest is not None and latest["manifest_sha256"] == version.manifest_sha256:
        number = int(latest["number"])
    else:
        number = 1 if latest is None else int(latest["number"]) + 1
        _insert(connection, version, number)
    _leave_out(connection, version, number)
    connection.execute(update(build).where(build.c.seq == version.build_seq).values(version=number))
    return number


def begin_publishing(connection: Connection) -> None:
    """Keep videos from being withdrawn until the connection is given back; waits for one that is being withdrawn."""
    connection.execute(text("SELECT pg_advisory_xact_lock_shared(hashtext('lineage.publishing'))"))


def is_nobody_publishing(connection: Connection) -> bool:
    """Whether no version is being written; if so, none will be until the transaction ends."""
    return connection.execute(text("SELECT pg_try_advisory_xact_lock(hashtext('lineage.publishing'))")).scalar_one()


def publish(connection: Connection, build_seq: int) -> None:
    """Make a build's version public and the public one before it superseded. An older version never takes a newer one's place."""
    if (version := version_of(connection, build_seq)) is None:
        return
    table = dataset_version.c
    of_this_dataset = table.dataset == version["dataset"]
    newest = connection.execute(select(func.max(table.number)).where(of_this_dataset, table.state == "published")).scalar()
    if newest is not None and newest >= version["number"]:
        return
    connection.execute(update(dataset_version).where(of_this_dataset, table.state == "published").values(state="superseded"))
    connection.execute(update(dataset_version).where(of_this_dataset, table.number == version["number"]).values(state="published"))


def version_of(connection: Connection, build_seq: int) -> dict[str, Any] | None:
    """The version that a build published."""
    found = connection.execute(
        select(*_COLUMNS)
        .join(build, (build.c.dataset == dataset_version.c.dataset) & (build.c.version == dataset_version.c.number))
        .where(build.c.seq == build_seq)
    ).mappings()
    return next((dict(row) for row in found), None)


def latest_published(connection: Connection, dataset: str) -> dict[str, Any] | None:
    """The version of a dataset that is public now."""
    public = (dataset_version.c.dataset == dataset, dataset_version.c.state == "published")
    newest_first = dataset_version.c.number.desc()
    found = connection.execute(select(*_COLUMNS).where(*public).order_by(newest_first).limit(1)).mappings()
    return next((dict(row) for row in found), None)


def of_dataset(connection: Connection, dataset: str) -> list[dict[str, Any]]:
    """A dataset's versions, newest first."""
    found = connection.execute(select(*_COLUMNS).where(dataset_version.c.dataset == dataset).order_by(dataset_version.c.number.desc()))
    names = tuple(found.keys())
    return [dict(zip(names, row, strict=True)) for row in found]


def _insert(connection: Connection, version: Published, number: int) -> None:
    connection.execute(
        insert(dataset_version).values(
            mends=connection.execute(_MENDS, {"build_seq": version.build_seq}).scalar(),
            dataset=version.dataset,
            number=number,
            build_seq=version.build_seq,
            manifest_sha256=version.manifest_sha256,
            path=version.path,
            state="candidate",
            counts=version.counts,
        )
    )
    bulk.stage(connection, "incoming_pairs", '(qa_id text COLLATE "C")')
    bulk.copy(connection, "incoming_pairs", ("qa_id",), [(qa_id,) for qa_id in version.qa_ids])
    if connection.execute(_WITHDRAWN).scalar_one():
        raise TryAgainError("A video was withdrawn while its version was being written; publish again.", reason="pairs_withdrawn")
    values = {"dataset": version.dataset, "number": number}
    connection.execute(_CLOSE, values)
    connection.execute(_OPEN, values)


def _leave_out(connection: Connection, version: Published, number: int) -> None:
    bulk.stage(connection, "incoming_left_out", '(qa_id text COLLATE "C", reason text COLLATE "C")')
    bulk.copy(connection, "incoming_left_out", ("qa_id", "reason"), version.left_out)
    values = {"dataset": version.dataset, "number": number}
    for statement in _LEFT_OUT:
        connection.execute(statement, values)
    table, counts = dataset_version.c, dict(Counter(reason for _, reason in version.left_out).most_common())
    connection.execute(update(dataset_version).where(table.dataset == version.dataset, table.number == number).values(left_out=counts))
