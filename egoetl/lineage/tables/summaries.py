"""Summaries of what builds have done, so that no question about a build reads all its units or attempts.

All are kept by shard: two shards never wait for each other's row.
"""

from sqlalchemy import BigInteger, Column, Double, Integer, SmallInteger, Table

from egoetl.lineage.tables.base import Id, metadata, unit_state

_ROOM_FOR_UPDATES = {"fillfactor": "50"}

stage_count = Table(
    "stage_count",
    metadata,
    Column("build_seq", BigInteger, primary_key=True, autoincrement=False, comment="The build."),
    Column("stage", Id, primary_key=True, comment="The stage."),
    Column("shard", SmallInteger, primary_key=True, autoincrement=False, comment="The shard."),
    Column("state", unit_state, primary_key=True, comment="The state."),
    Column("units", Integer, nullable=False, comment="How many build_unit rows are in that state."),
    Column("computed", Integer, nullable=False, comment="How many of them this build computed."),
    comment="Rows of build_unit by state, kept by a trigger. By shard, so that two shards never wait for each other's row.",
    postgresql_with=_ROOM_FOR_UPDATES,
)

shard_count = Table(
    "shard_count",
    metadata,
    Column("build_seq", BigInteger, primary_key=True, autoincrement=False, comment="The build."),
    Column("shard", SmallInteger, primary_key=True, autoincrement=False, comment="The shard; -1 for refused manifest rows."),
    Column("units", Integer, nullable=False, comment="How many build_unit rows it has."),
    Column("failed", Integer, nullable=False, comment="How many of them have failed."),
    Column("pending", Integer, nullable=False, comment="How many of them are pending."),
    comment="Units of all stages of a shard, kept by a trigger: what a list of builds shows.",
    postgresql_with=_ROOM_FOR_UPDATES,
)

clip_pairs = Table(
    "clip_pairs",
    metadata,
    Column("build_seq", BigInteger, primary_key=True, autoincrement=False, comment="The build."),
    Column("shard", SmallInteger, primary_key=True, autoincrement=False, comment="The shard."),
    Column("pairs", Integer, nullable=False, comment="How many pairs."),
    Column("clip_id", Id, primary_key=True, comment="The clip."),
    Column("task", Id, primary_key=True, comment="The QA task."),
    comment="Pairs that a build accepted, by clip and task, kept by a trigger.",
    postgresql_with=_ROOM_FOR_UPDATES,
)

usage_total = Table(
    "usage_total",
    metadata,
    Column("build_seq", BigInteger, primary_key=True, autoincrement=False, comment="The build."),
    Column("shard", SmallInteger, primary_key=True, autoincrement=False, comment="The shard."),
    Column("attempts", Integer, nullable=False, comment="Number of attempts."),
    Column("failed", Integer, nullable=False, comment="How many of them failed."),
    Column("requests", BigInteger, nullable=False, comment="Requests made of models."),
    Column("prompt_tokens", BigInteger, comment="Tokens of the prompts; NULL where nobody counted."),
    Column("completion_tokens", BigInteger, comment="Tokens of the replies; NULL where nobody counted."),
    Column("seconds", Double, nullable=False, comment="How long the attempts took together."),
    Column("stage", Id, primary_key=True, comment="The stage."),
    Column("model", Id, primary_key=True, comment="The models asked, id@revision; empty for a stage that asks none."),
    comment="What the attempts of a shard's stage asked of a model, kept by every commit.",
    postgresql_with=_ROOM_FOR_UPDATES,
)
