"""Videos that arrive: what was found where, and the videos and clips of a dataset that it made known."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    func,
)

from egoetl.lineage.tables.base import Id, Sha256, metadata

source_digest = Table(
    "source_digest",
    metadata,
    Column("address", Id, primary_key=True, comment="The object or file, s3://bucket/key or a path."),
    Column("stamp", Text, nullable=False, comment="S3's ETag, or a file's time of change: another one means other bytes."),
    Column("size_bytes", BigInteger, nullable=False, comment="Size of the file."),
    Column("sha256", Sha256, nullable=False, comment="sha256 of the file's bytes."),
    Column("read_at", DateTime(timezone=True), nullable=False, server_default=func.now(), comment="When they were read."),
    comment="What the bytes at an address were when somebody last read them all, so that an unchanged object is not read again.",
)

arrival = Table(
    "arrival",
    metadata,
    Column("dataset", Id, primary_key=True, comment="The dataset that it arrived for."),
    Column("address", Id, primary_key=True, comment="Where it lies, s3://bucket/key or a path."),
    Column("stamp", Text, nullable=False, comment="S3's ETag, or a file's time of change: another one means other bytes."),
    Column("size_bytes", BigInteger, nullable=False, comment="Size of the file."),
    Column(
        "state",
        Text,
        nullable=False,
        comment="registered: a video of its own; duplicate: bytes that another file brought; refused: see reason; waiting: may still be"
        " written.",
    ),
    Column("sha256", Sha256, comment="sha256 of its bytes; NULL where they were not read."),
    Column("reason", Text, comment="Why it was refused, or what it waits for."),
    Column("message", Text, comment="The same in words."),
    Column("seen_at", DateTime(timezone=True), nullable=False, server_default=func.now(), comment="When it was first seen like this."),
    CheckConstraint("state IN ('registered', 'duplicate', 'refused', 'waiting')", name="arrival_state_check"),
    Index(None, "dataset", "sha256"),
    comment="A file that was found in a source of a dataset, as it was when it was last looked at.",
)

arrival_video = Table(
    "arrival_video",
    metadata,
    Column("dataset", Id, primary_key=True, comment="The dataset."),
    Column("sha256", Sha256, primary_key=True, comment="sha256 of the file's bytes."),
    Column("number", BigInteger, Identity(always=True), nullable=False, comment="Orders videos as they arrived."),
    Column(
        "video_id",
        Id,
        nullable=False,
        comment="Its name in builds: that of its file, with ~ and eight digits of its sha256 where other bytes had that name before.",
    ),
    Column("address", Id, nullable=False, comment="Where it was first found."),
    Column("split", Text, nullable=False, comment="The split that it belongs to, by its name."),
    Column("duration_ms", Integer, nullable=False, comment="Length of the video in milliseconds."),
    Column("night", Date, nullable=False, comment="The day it was registered, whose nightly build takes it."),
    Column("arrived_at", DateTime(timezone=True), nullable=False, server_default=func.now(), comment="When it was registered."),
    UniqueConstraint("dataset", "video_id", name="arrival_video_dataset_video_id_key"),
    Index(None, "dataset", "night"),
    comment="A video that arrived for a dataset, once by its bytes.",
)

arrival_clip = Table(
    "arrival_clip",
    metadata,
    Column("dataset", Id, primary_key=True, comment="The dataset."),
    Column("sha256", Sha256, primary_key=True, comment="The video, by the sha256 of its bytes."),
    Column("start_ms", Integer, primary_key=True, autoincrement=False, comment="Start of the window."),
    Column("end_ms", Integer, nullable=False, comment="End of the window, exclusive; the video's last clip is shorter than the others."),
    ForeignKeyConstraint(["dataset", "sha256"], ["arrival_video.dataset", "arrival_video.sha256"], ondelete="CASCADE"),
    comment="A clip of an arrived video: a row of the builds that take it.",
)
