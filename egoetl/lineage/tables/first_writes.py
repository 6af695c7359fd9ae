"""Who writes an address of the store first, where its server cannot tell."""

from sqlalchemy import Column, DateTime, Table, Uuid, func

from egoetl.lineage.tables.base import Id, Sha256, metadata

first_write = Table(
    "first_write",
    metadata,
    Column("url", Id, primary_key=True, comment="Address, s3://bucket/prefix/path."),
    Column("sha256", Sha256, nullable=False, comment="Sha256 of the bytes of whoever came first: no others are written there."),
    Column(
        "writer", Uuid, nullable=False,
        comment="The call that came first, so that it knows its own claim again when the answer was lost.",
    ),
    Column(
        "claimed_at", DateTime(timezone=True), nullable=False, server_default=func.now(),
        comment="When it came. If nothing is there an hour later, the next writer takes the claim over.",
    ),
    comment="Which bytes may be written at an address of the store, where its server has no conditional writes.",
)  # fmt: skip
