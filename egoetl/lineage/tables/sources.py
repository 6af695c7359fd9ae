"""What is known of the footage and what was asked about it. Global: no build owns these rows."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, ForeignKey, Index, Integer, SmallInteger, Table, Text, func
from sqlalchemy.dialects.postgresql import ARRAY

from egoetl.lineage.tables.base import Id, Sha256, metadata

video = Table(
    "video",
    metadata,
    Column("sha256", Sha256, primary_key=True, comment="sha256 of the file's bytes."),
    Column("size_bytes", BigInteger, nullable=False, comment="Size of the file."),
    Column("duration_ms", Integer, nullable=False, comment="Length of the video in milliseconds."),
    Column("width", Integer, nullable=False, comment="Width of the first picture stream in pixels."),
    Column("height", Integer, nullable=False, comment="Height of the first picture stream in pixels."),
    Column("rate_num", Integer, nullable=False, comment="Average frames a second, numerator."),
    Column("rate_den", Integer, nullable=False, comment="Average frames a second, denominator."),
    Column("picture_codec", Text, nullable=False, comment="Codec of the first picture stream."),
    Column("sound_codec", Text, comment="Codec of the first sound stream; NULL for a silent file."),
    Column("sound_rate_hz", Integer, comment="Samples a second of the first sound stream."),
    Column("sound_channels", SmallInteger, comment="Channels of the first sound stream."),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now(), comment="When it was first registered."),
    comment="One source file, known by its bytes: a renamed copy is the same video.",
)

clip = Table(
    "clip",
    metadata,
    Column("clip_id", Id, primary_key=True, comment="First 16 digits of the video's sha256, start and end."),
    Column("video", Sha256, ForeignKey("video.sha256"), nullable=False, comment="The video that it is a window of."),
    Column("start_ms", Integer, nullable=False, comment="Start in the video, inclusive."),
    Column("end_ms", Integer, nullable=False, comment="End in the video, exclusive."),
    Index(None, "video"),
    comment="A window of a video: the unit that question-answer pairs are made for.",
)

segment = Table(
    "segment",
    metadata,
    Column("segment_id", Id, primary_key=True, comment="The clip's id and the index."),
    Column("clip_id", Id, ForeignKey("clip.clip_id"), nullable=False, comment="The clip that it is a window of."),
    Column("index", SmallInteger, nullable=False, comment="Position within the clip, from 0."),
    Column("start_ms", Integer, nullable=False, comment="Start in the video, inclusive."),
    Column("end_ms", Integer, nullable=False, comment="End in the video, exclusive."),
    Column("partial", Boolean, nullable=False, comment="Whether it is the last, shorter one."),
    Index(None, "clip_id"),
    comment="One window of up to 10 s of a clip: the unit of captions, context graphs and narrations.",
)

qa_pair = Table(
    "qa_pair",
    metadata,
    Column("qa_id", Id, primary_key=True, comment="Made from the result's key and the pair's position in it."),
    Column("result", Sha256, nullable=False, comment="Key of the result that the pair is part of."),
    Column("clip_id", Id, ForeignKey("clip.clip_id"), nullable=False, comment="The clip that the pair is about."),
    Column("start_ms", Integer, nullable=False, comment="Start of the stretch of video that the question is about."),
    Column("end_ms", Integer, nullable=False, comment="Its end, exclusive."),
    Column("task", Id, nullable=False, comment="The QA task."),
    Column("variant", Text, comment="The task's own subtype, where it has one."),
    Column("about", Text, comment="What the question asks about, in the evidence's own words."),
    Column("question", Text, nullable=False, comment="The question."),
    Column("answer", Text, nullable=False, comment="The answer."),
    Column("options", ARRAY(Text), nullable=False, comment="Answers to choose from; empty for an open question."),
    Column("evidence", ARRAY(Text), nullable=False, comment="Ids of the segments that the pair was made from."),
    Index(None, "clip_id"),
    comment="A question and its answer, as drafted; whether it was accepted is what its verify unit says in a build.",
)
