"""All tables, loaded."""

from egoetl.lineage.tables import attempts, builds, claims, results, sources, summaries, versions, withdrawn
from egoetl.lineage.tables.base import metadata

MODULES = (sources, results, builds, attempts, summaries, claims, versions, withdrawn)

__all__ = ["MODULES", "metadata"]
