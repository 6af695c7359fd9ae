"""The register of processes that work on shards."""

import uuid

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from egoetl.core.ledger import AirflowTry
from egoetl.lineage.process import command, this_process
from egoetl.lineage.tables.attempts import worker


def register(connection: Connection, uid: uuid.UUID, airflow: AirflowTry | None) -> int:
    """Register this process under `uid`, once; returns its short id."""
    where = {} if airflow is None else airflow.model_dump()
    values = {"uid": uid, "command": command(), **this_process().model_dump(), **where}
    connection.execute(insert(worker).values(values).on_conflict_do_nothing())
    return connection.execute(select(worker.c.id).where(worker.c.uid == uid)).scalar_one()
