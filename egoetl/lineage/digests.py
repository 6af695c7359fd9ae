"""What the bytes at an address were when somebody last read them all."""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from egoetl.core.sources import SourceDigest
from egoetl.lineage.tables.arrivals import source_digest


def load(connection: Connection, address: str) -> SourceDigest | None:
    """What was last read at an address."""
    table = source_digest.c
    found = connection.execute(
        select(table.address, table.stamp, table.size_bytes, table.sha256).where(table.address == address)
    ).one_or_none()
    if found is None:
        return None
    return SourceDigest(address=found.address, stamp=found.stamp, size_bytes=found.size_bytes, sha256=found.sha256)


def keep(connection: Connection, digest: SourceDigest) -> None:
    """Remember it in place of what was read there before."""
    statement = insert(source_digest).values(**digest.model_dump())
    changed = {name: statement.excluded[name] for name in ("stamp", "size_bytes", "sha256")}
    connection.execute(statement.on_conflict_do_update(index_elements=["address"], set_={**changed, "read_at": func.now()}))
