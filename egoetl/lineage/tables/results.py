"""What stages made, by content key, and what each was made from. Global: dropping a build keeps these rows.

Integer ids stand for configurations and parts, whose sha256 would double the width of a result. Results, edges
and pairs carry no foreign keys: one transaction writes a result with all that it points to, and checking each
row again would cost more than writing it.
"""

from sqlalchemy import REAL, BigInteger, Column, DateTime, Identity, Index, Integer, SmallInteger, Table, Text, func
from sqlalchemy.dialects.postgresql import JSONB

from egoetl.lineage.tables.base import Id, Sha256, metadata, result_status, unit_kind

stage_config = Table(
    "stage_config",
    metadata,
    Column("id", Integer, Identity(always=True), primary_key=True, comment="Short name used by results."),
    Column("sha256", Sha256, nullable=False, unique=True, comment="sha256 of the configuration, part of every content key."),
    Column("stage", Id, nullable=False, comment="Name of the stage."),
    Column("version", SmallInteger, nullable=False, comment="Version of the stage's code."),
    Column("emits", unit_kind, comment="Kind of the units that its results bring into being; NULL where none has."),
    Column("params", JSONB, nullable=False, comment="Parameters."),
    Column("prompts", JSONB, nullable=False, comment="Prompt name to the sha256 of its template."),
    Column("schemas", JSONB, nullable=False, comment="Reply schema name to the sha256 of its JSON schema."),
    Column("models", JSONB, nullable=False, comment="Role to model id@revision."),
    Column("sampling", JSONB, nullable=False, comment="Role to sampling parameters."),
    Column("seed", BigInteger, nullable=False, comment="Seed of everything drawn by chance."),
    Column("decoder", Text, comment="Build of the decoder, for a stage that reads source bytes."),
    comment="Everything but its inputs that a stage's results depend on.",
)

prompt = Table(
    "prompt",
    metadata,
    Column("sha256", Sha256, primary_key=True, comment="sha256 of the whole prompt file."),
    Column("name", Text, nullable=False, comment="Name of the prompt."),
    Column("text", Text, nullable=False, comment="The file: front matter and template."),
    comment="A prompt as it was used, so that lineage can show it after the file has changed.",
)

part = Table(
    "part",
    metadata,
    Column("id", Integer, Identity(always=True), primary_key=True, comment="Short name used by results."),
    Column("sha256", Sha256, nullable=False, unique=True, comment="sha256 of the file's bytes."),
    Column("path", Text, nullable=False, comment="Where it lies in the store, relative to its root."),
    Column("size_bytes", BigInteger, nullable=False, comment="Size of the file."),
    Column("rows", Integer, nullable=False, comment="Number of records in it."),
    comment="A file of result records in the store.",
)

result = Table(
    "result",
    metadata,
    Column("key", Sha256, primary_key=True, comment="Content key: configuration, inputs and candidate."),
    Column("build_seq", BigInteger, nullable=False, comment="The build that computed it, which may have been dropped since."),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now(), comment="When it was committed."),
    Column("config_id", Integer, nullable=False, comment="The configuration it was made under (stage_config.id)."),
    Column("part_id", Integer, comment="The part file that holds its payload (part.id); NULL for a drop."),
    Column("part_row", Integer, comment="Its record's position in that part, from 0."),
    Column("seconds", REAL, nullable=False, comment="How long computing it took."),
    Column("status", result_status, nullable=False, comment="ok, or drop: a filter said no."),
    Column("unit_id", Id, nullable=False, comment="The unit it was made for; for a registered manifest row, the clip."),
    Column("drop_reason", Text, comment="Reason code of a drop."),
    Index(None, "config_id"),
    comment="What a stage made for a unit under a content key. The first one committed stays, and later builds reuse it.",
)

edge = Table(
    "edge",
    metadata,
    Column("child", Sha256, nullable=False, comment="Key of the result."),
    Column("parent", Sha256, nullable=False, comment="Key of a result that it was made from."),
    Index(None, "child", postgresql_using="hash"),
    Index(None, "parent", postgresql_using="hash"),
    comment="Which results a result was made from.",
)

artifact = Table(
    "artifact",
    metadata,
    Column("sha256", Sha256, primary_key=True, comment="sha256 of the bytes."),
    Column("size_bytes", BigInteger, nullable=False, comment="Size of the file."),
    Column("result", Sha256, nullable=False, comment="Key of the first result that points to it."),
    Column("path", Text, nullable=False, comment="Where it lies in the store, relative to its root."),
    Column("media_type", Text, nullable=False, comment="What it is: video/x-matroska, audio/flac."),
    comment="A file in the store that a result's payload points to: a sampled container, a clip's sound.",
)
