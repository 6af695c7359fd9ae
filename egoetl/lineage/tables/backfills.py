"""What backfills were asked to do, which builds they mend, and which results took the place of which."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table
from sqlalchemy.dialects.postgresql import JSONB

from egoetl.lineage.tables.base import Id, Sha256, metadata

backfill = Table(
    "backfill",
    metadata,
    Column("build_seq", BigInteger, ForeignKey("build.seq"), primary_key=True, autoincrement=False, comment="The build that it is."),
    Column("selection", JSONB, nullable=False, comment="What was asked: which units of which builds, with which settings."),
    Column("units", Integer, nullable=False, comment="How many units were selected."),
    comment="A build that makes units of earlier builds again.",
)

backfill_build = Table(
    "backfill_build",
    metadata,
    Column("build_seq", BigInteger, ForeignKey("backfill.build_seq"), primary_key=True, autoincrement=False, comment="The backfill."),
    Column("mends_seq", BigInteger, ForeignKey("build.seq"), primary_key=True, autoincrement=False, comment="A build that it mends."),
    Column(
        "whole",
        Boolean,
        nullable=False,
        server_default="false",
        comment="Whether that build reaches its floor with it, so that its pairs count once the backfill has succeeded.",
    ),
    Index(None, "mends_seq"),
    comment="Which builds a backfill mends: those that its units were selected from, and failed ones that share a clip with it.",
)

superseded_result = Table(
    "superseded_result",
    metadata,
    Column("build_seq", BigInteger, ForeignKey("backfill.build_seq"), primary_key=True, autoincrement=False, comment="The backfill."),
    Column("old", Sha256, primary_key=True, comment="Key of the result whose place was taken; its bytes stay."),
    Column("stage", Id, primary_key=True, comment="The stage."),
    Column("unit_id", Id, primary_key=True, comment="The unit, as the older build names it."),
    Column("new", Sha256, comment="Key of the result in its place; NULL where the unit is gone, as a pair whose QA result was replaced."),
    Column("clip_id", Id, comment="The clip that the unit belongs to."),
    Index(None, "old", postgresql_using="hash"),
    comment="Results that no longer speak for their units since a backfill has succeeded, and what took their place.",
)
