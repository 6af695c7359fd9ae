"""All tables, loaded."""

from egoetl.lineage.tables import (
    arrivals,
    attempts,
    backfills,
    builds,
    claims,
    evaluations,
    first_writes,
    replies,
    results,
    sources,
    summaries,
    versions,
    withdrawn,
)
from egoetl.lineage.tables.base import metadata

MODULES = (
    sources,
    arrivals,
    results,
    builds,
    attempts,
    replies,
    summaries,
    claims,
    first_writes,
    versions,
    withdrawn,
    backfills,
    evaluations,
)

__all__ = ["MODULES", "metadata"]
