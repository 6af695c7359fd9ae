"""Alembic's environment. `egoetl db upgrade` calls it with a connection whose search path is the ledger's schema."""

from alembic import context

from egoetl.lineage.tables.base import SCHEMA
from egoetl.lineage.tables.index import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table_schema=SCHEMA,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
