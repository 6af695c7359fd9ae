"""Published versions of datasets, and which pairs each holds."""

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, ForeignKeyConstraint, Index, Integer, Table, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB

from egoetl.lineage.tables.base import Id, Sha256, metadata, version_state

dataset_version = Table(
    "dataset_version",
    metadata,
    Column("dataset", Id, primary_key=True, comment="The dataset."),
    Column("number", Integer, primary_key=True, autoincrement=False, comment="1, 2, 3 and so on."),
    Column("build_seq", BigInteger, ForeignKey("build.seq"), nullable=False, comment="The build after which it was made."),
    Column("manifest_sha256", Sha256, nullable=False, comment="sha256 of the version's manifest: equal sets have equal ones."),
    Column("path", Text, nullable=False, comment="Where it lies in the store, relative to its root."),
    Column("state", version_state, nullable=False, comment="candidate until the gate lets it pass; superseded by a later one."),
    Column("counts", JSONB, nullable=False, comment="Pairs by split and task."),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now(), comment="When it was recorded."),
    Column(
        "left_out",
        JSONB,
        nullable=False,
        server_default=text("'{}'"),
        comment="Accepted pairs that rules over the whole left out, by reason.",
    ),
    Column("mends", Integer, comment="The newest version of the builds that it mends, for one that a backfill made; NULL for any other."),
    Index(None, "build_seq"),
    comment="The cumulative accepted set of a dataset after a build.",
)

version_pair = Table(
    "version_pair",
    metadata,
    Column("qa_id", Id, primary_key=True, comment="The pair."),
    Column("dataset", Id, primary_key=True, comment="The dataset."),
    Column("since", Integer, primary_key=True, autoincrement=False, comment="First version that holds it."),
    Column("until", Integer, comment="First later version that no longer holds it; NULL while it is held."),
    ForeignKeyConstraint(["dataset", "since"], ["dataset_version.dataset", "dataset_version.number"]),
    Index(None, "dataset", postgresql_where=text("until IS NULL")),
    comment="Which versions hold a pair, as intervals: versions are cumulative, so a row per version and pair would repeat itself.",
)

version_left_out = Table(
    "version_left_out",
    metadata,
    Column("qa_id", Id, primary_key=True, comment="The pair."),
    Column("dataset", Id, primary_key=True, comment="The dataset."),
    Column("since", Integer, primary_key=True, autoincrement=False, comment="First version that leaves it out for this reason."),
    Column("until", Integer, comment="First later version that no longer does; NULL while it is left out."),
    Column("reason", Id, nullable=False, comment="Reason code of the rule that left it out."),
    ForeignKeyConstraint(["dataset", "since"], ["dataset_version.dataset", "dataset_version.number"]),
    Index(None, "dataset", postgresql_where=text("until IS NULL")),
    comment="Accepted pairs that the rules over a whole version (balance, near duplicates) left out of it, as intervals of versions.",
)
