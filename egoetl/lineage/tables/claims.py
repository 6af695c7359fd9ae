"""Who computes what, while several builds run at once."""

from sqlalchemy import BigInteger, Column, SmallInteger, Table

from egoetl.lineage.tables.base import Id, Sha256, metadata

key_claim = Table(
    "key_claim",
    metadata,
    Column("key", Sha256, primary_key=True, comment="Content key of the result."),
    Column("build_seq", BigInteger, nullable=False, comment="Build of the lease."),
    Column("token", BigInteger, nullable=False, comment="Fencing token of the lease: a claim under an older one is void."),
    Column("shard", SmallInteger, nullable=False, comment="Shard of the lease."),
    Column("stage", Id, nullable=False, comment="Stage of the lease."),
    comment="Which worker computes which result. A claim lives as long as the lease that it was taken under.",
)
