"""How much of the database a process may take, and for how long it waits there."""

from egoetl.core.records import Record
from egoetl.lineage.tables.base import SCHEMA


class Limits(Record):
    """Limits of one process. 0 seconds: none."""

    connections: int = 10
    """Most connections at once."""
    statement_seconds: float = 300.0
    """A statement that takes longer is broken off."""
    lock_seconds: float = 60.0
    """A statement that waits longer for somebody else's lock is broken off."""
    idle_seconds: float = 300.0
    """A transaction in which nothing has happened for so long is ended: its process is frozen or gone."""

    def unhurried(self) -> "Limits":
        """The same for a transaction that may take its time; a lock is waited for no longer than by others."""
        return self.model_copy(update={"statement_seconds": 0.0, "idle_seconds": 0.0})

    def settings(self) -> str:
        """The statements with which a transaction begins.

        Each transaction says it for itself: a pooler (pgbouncer in transaction mode) gives it any of its connections.
        """
        values = {
            "search_path": SCHEMA,
            "timezone": "UTC",
            # The default cost supposes disks that turn, and has the planner read whole partitions for a few hundred rows.
            "random_page_cost": "1.1",
            "statement_timeout": f"'{self.statement_seconds * 1000:.0f}ms'",
            "lock_timeout": f"'{self.lock_seconds * 1000:.0f}ms'",
            "idle_in_transaction_session_timeout": f"'{self.idle_seconds * 1000:.0f}ms'",
        }
        return "; ".join(f"SET LOCAL {name} = {value}" for name, value in values.items())
