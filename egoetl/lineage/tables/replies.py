"""Raw replies of models: where each lies, and how it was judged."""

from sqlalchemy import REAL, BigInteger, Column, Identity, Index, Integer, SmallInteger, Table, Text

from egoetl.lineage.tables.base import Id, Sha256, metadata, reply_status, unit_kind

reply_part = Table(
    "reply_part",
    metadata,
    Column("id", Integer, Identity(always=True), primary_key=True, comment="Short name used by replies."),
    Column("build_seq", BigInteger, nullable=False, comment="The build whose replies it holds: dropping the build forgets the file."),
    Column("sha256", Sha256, nullable=False, comment="sha256 of the file's bytes."),
    Column("path", Text, nullable=False, comment="Where it lies in the store, relative to its root."),
    Column("size_bytes", BigInteger, nullable=False, comment="Size of the file."),
    Column("rows", Integer, nullable=False, comment="Number of exchanges in it."),
    Index(None, "build_seq"),
    comment="A file of raw replies in the store.",
)

reply = Table(
    "reply",
    metadata,
    Column("build_seq", BigInteger, nullable=False, comment="The build."),
    Column(
        "reply_part_id",
        Integer,
        comment="The part file that holds the exchange (reply_part.id); NULL where its words were withdrawn or lost.",
    ),
    Column("part_row", Integer, comment="Its position in that part, from 0."),
    Column("seconds", REAL, nullable=False, comment="How long the request took, all tries of the engine together."),
    Column("prompt_tokens", Integer, comment="Tokens of the prompt; NULL where nobody counted."),
    Column("completion_tokens", Integer, comment="Tokens of the reply, thinking included; NULL where nobody counted."),
    Column(
        "cached_tokens", Integer, comment="Of the prompt's tokens, those that the server had computed already; NULL where it does not say."
    ),
    Column("thinking_length", Integer, nullable=False, comment="Characters of the block of thinking that was cut off."),
    Column("unit_kind", unit_kind, nullable=False, comment="Kind of the unit."),
    Column("status", reply_status, nullable=False, comment="How the reply was judged: ok and repaired are answers."),
    Column("shard", SmallInteger, nullable=False, comment="The shard."),
    Column("number", SmallInteger, nullable=False, comment="The attempt at the unit (attempt.number)."),
    Column("ordinal", SmallInteger, nullable=False, comment="Which of the attempt's exchanges, from 0."),
    Column(
        "turn", SmallInteger, nullable=False, comment="0: the question; 1 and more: it was asked again after a reply that was no answer."
    ),
    Column("tries", SmallInteger, nullable=False, comment="How often the server was asked until this came."),
    Column("stage", Id, nullable=False, comment="The stage."),
    Column("unit_id", Id, nullable=False, comment="The unit; empty where its video was withdrawn."),
    Column("role", Id, nullable=False, comment="The model role that was asked."),
    Column("task", Id, nullable=False, comment="What was asked."),
    Column("model", Id, nullable=False, comment="The model that was asked, id@revision."),
    Column("finish_reason", Text, comment="Why the model ended, in the server's word."),
    Column(
        "request",
        Sha256,
        comment="Content key of the request, whose beginning names it in a server's log; NULL where its video was withdrawn.",
    ),
    Index(None, "unit_id", postgresql_using="hash"),
    comment="A request of an attempt to a model and its reply, invalid ones too. One partition a build; the words lie in a part file.",
    postgresql_partition_by="RANGE (build_seq)",
)
