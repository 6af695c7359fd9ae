"""Withdrawn videos: what is kept of them, and the files that are on their way out of the store."""

from sqlalchemy import Column, DateTime, Table, Text, func
from sqlalchemy.dialects.postgresql import ARRAY

from egoetl.lineage.tables.base import Id, Sha256, metadata

tombstone = Table(
    "tombstone",
    metadata,
    Column("video", Sha256, primary_key=True, comment="sha256 of the file's bytes."),
    Column("video_ids", ARRAY(Text), nullable=False, comment="The ids under which manifests named it."),
    Column(
        "qa_ids",
        ARRAY(Text),
        nullable=False,
        comment="Ids of its pairs, by which versions that hold any are found: their bytes never change.",
    ),
    Column("withdrawn_at", DateTime(timezone=True), nullable=False, server_default=func.now(), comment="When it was first withdrawn."),
    Column("withdrawn_by", Text, nullable=False, comment="Who withdrew it: user and host of the command."),
    Column("reason", Text, comment="Why, in the words of who withdrew it."),
    comment="A video that was withdrawn: nothing else is kept of it, and it is refused when it is registered again.",
)

doomed_file = Table(
    "doomed_file",
    metadata,
    Column("path", Id, primary_key=True, comment="Where it lies in the store, relative to its root."),
    comment="A file that a purge took out of lineage and has not deleted yet; the next purge deletes what an interrupted one left.",
)
