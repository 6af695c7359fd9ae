"""What builds were asked to do and how far they are."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from egoetl.lineage.tables.base import Id, Sha256, build_state, metadata, unit_kind, unit_state

build = Table(
    "build",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True, comment="Orders builds, and names their partitions."),
    Column("name", Id, nullable=False, comment="Name of the build, unique among those not dropped."),
    Column("recipe", Text, nullable=False, comment="Name of the recipe."),
    Column("dataset", Id, nullable=False, comment="The dataset it adds to."),
    Column("engine", Text, nullable=False, comment="Engine that answers for the recipe's model roles."),
    Column("night", Text, comment="The day whose manifest rows it builds, for a scheduled build."),
    Column("state", build_state, nullable=False, comment="How the build stands."),
    Column("version", Integer, comment="The version of the dataset that it published, which an earlier build may have made."),
    Column("manifest", Text, nullable=False, comment="Where its manifest was read from."),
    Column("videos", Text, nullable=False, comment="Root of the manifest's relative addresses."),
    Column("stages", ARRAY(Text), nullable=False, comment="The stages to compute; earlier ones are only reused."),
    Column("recipe_settings", JSONB, nullable=False, comment="Settings that replace the recipe's own."),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now(), comment="When it was planned."),
    Column("finished_at", DateTime(timezone=True), comment="When it last came to an end."),
    Column(
        "arrivals",
        Boolean,
        nullable=False,
        server_default="false",
        comment="Whether it builds what has arrived for its dataset, beside the manifest or without one.",
    ),
    Index("build_name_key", "name", unique=True, postgresql_where=text("state <> 'dropped'")),
    Index(None, "dataset", "seq"),
    comment="One run of a recipe over manifest rows.",
)

build_row = Table(
    "build_row",
    metadata,
    Column("build_seq", BigInteger, ForeignKey("build.seq"), primary_key=True, comment="The build."),
    Column("row_no", Integer, primary_key=True, autoincrement=False, comment="Line of the manifest, the header being line 1."),
    Column("start_ms", Integer, comment="Start of the window in the video; NULL for a refused row."),
    Column("end_ms", Integer, comment="End of the window, exclusive."),
    Column("shard", SmallInteger, comment="The shard that works on it."),
    Column("video_id", Id, nullable=False, comment="The video's name in the manifest."),
    Column("uri", Text, comment="Where the manifest says that the file is."),
    Column("split", Text, comment="The split that it belongs to."),
    Column("clip_id", Id, comment="The clip that it turned out to be, once registered."),
    Column("reason", Text, comment="Why the row was refused; NULL for an accepted one."),
    Column("message", Text, comment="The refusal in words."),
    Column("narrations", Text, comment="Where the manifest says that the row's human narrations are; NULL where there are none."),
    Column("sha256", Sha256, comment="sha256 of the bytes that the row is about, where it was known before: of a video that arrived."),
    Column(
        "questions", Text, comment="Where a benchmark's questions about the video lie in the store, as part#row; NULL outside evaluations."
    ),
    Index(None, "clip_id"),
    Index(None, "video_id"),
    Index("build_row_sha256_idx", "sha256", postgresql_where=text("sha256 IS NOT NULL")),
    comment="A manifest row of a build, refused ones included.",
)

registered_row = Table(
    "registered_row",
    metadata,
    Column("dataset", Id, primary_key=True, comment="The dataset."),
    Column("video_id", Id, primary_key=True, comment="The video's name in the manifest."),
    Column("start_ms", Integer, primary_key=True, autoincrement=False, comment="Start of the window."),
    Column("end_ms", Integer, primary_key=True, autoincrement=False, comment="End of the window, exclusive."),
    Column("night", Date, nullable=False, comment="The day it was registered, whose nightly build takes it."),
    Index(None, "dataset", "night"),
    comment="The day on which a dataset first saw a manifest row, so that a past night can be built again as it was.",
)

build_unit = Table(
    "build_unit",
    metadata,
    Column("build_seq", BigInteger, nullable=False, comment="The build."),
    Column("shard", SmallInteger, nullable=False, comment="The shard; -1 for a refused manifest row, which is in none."),
    Column("attempts", SmallInteger, nullable=False, server_default="0", comment="How often this build tried it."),
    Column("unit_kind", unit_kind, nullable=False, comment="Kind of the unit."),
    Column("state", unit_state, nullable=False, comment="How the unit stands in this stage."),
    Column("computed", Boolean, nullable=False, server_default="false", comment="Whether this build computed it; false: reused."),
    Column("stage", Id, nullable=False, comment="The stage."),
    Column("unit_id", Id, nullable=False, comment="The unit: a row number, clip, segment or qa id."),
    Column("key", Sha256, comment="Content key of its result."),
    Column("clip_id", Id, comment="The clip that the unit belongs to, where known."),
    Column("reason", Text, comment="Reason code of a drop, a failure or a block."),
    Column("error_class", Text, comment="Who must act on a failure: data, caller, config, try_again, internal."),
    Column("message", Text, comment="A failure in words."),
    PrimaryKeyConstraint("build_seq", "stage", "shard", "unit_id"),
    Index(
        "build_unit_reason_idx",
        "build_seq",
        "state",
        "stage",
        "reason",
        postgresql_where=text("state IN ('dropped', 'failed', 'blocked')"),
    ),
    Index("build_unit_pair_idx", "unit_id", postgresql_where=text("stage = 'verify' AND state = 'done'")),
    comment="What a build did with one unit in one stage. One partition a build, narrow columns first.",
    postgresql_partition_by="RANGE (build_seq)",
)
