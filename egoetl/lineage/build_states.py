"""How a build stands, and how it may come to stand otherwise."""

from sqlalchemy import bindparam, case, func, select, update
from sqlalchemy.engine import Connection

from egoetl.core.errors import CallerError, CancelledError
from egoetl.core.ledger import BuildState
from egoetl.lineage.tables.builds import build

_ENDED = ("succeeded", "failed", "cancelled")
_GOES_ON = ("planned", "running")


def set_state(connection: Connection, build_seq: int, state: BuildState) -> None:
    """Record how a build stands, and when it ended. Raises CancelledError for one that somebody has cancelled."""
    ended = case((bindparam("ended"), func.clock_timestamp()), else_=None)
    change = update(build).where(build.c.seq == build_seq).values(state=state, finished_at=ended)
    if state not in _GOES_ON:
        change = change.where(build.c.state != "cancelled")
    if connection.execute(change, {"ended": state in _ENDED}).rowcount == 0:
        raise CancelledError.of(_name_and_state(connection, build_seq)[0])


def begin(connection: Connection, build_seq: int) -> None:
    """A worker begins: a build that was planned or had failed runs from now on. Raises CancelledError."""
    name, state = _name_and_state(connection, build_seq)
    if state == "cancelled":
        raise CancelledError.of(name)
    if state in ("planned", "failed"):
        waiting = build.c.state.in_(["planned", "failed"])
        connection.execute(update(build).where(build.c.seq == build_seq, waiting).values(state="running", finished_at=None))


def cancel(connection: Connection, build_seq: int) -> None:
    """Cancel a build that is planned or runs. Raises CallerError for one that is over."""
    change = update(build).where(build.c.seq == build_seq, build.c.state.in_(_GOES_ON))
    if connection.execute(change.values(state="cancelled", finished_at=func.clock_timestamp())).rowcount:
        return
    name, state = _name_and_state(connection, build_seq)
    if state == "cancelled":
        raise CallerError(f"Build {name} is cancelled already; `egoetl build retry {name}` goes on with it.", reason="build_cancelled")
    if state == "dropped":
        raise CallerError(f"Build {name} was dropped, so there is nothing to cancel.", reason="build_dropped")
    raise CallerError(f"Build {name} has ended already, it has {state}: there is nothing to cancel.", reason="build_ended")


def is_cancelled(connection: Connection, build_seq: int) -> bool:
    """Whether somebody has cancelled the build."""
    return connection.execute(select(build.c.state).where(build.c.seq == build_seq)).scalar() == "cancelled"


def _name_and_state(connection: Connection, build_seq: int) -> tuple[str, str]:
    name, state = connection.execute(select(build.c.name, build.c.state).where(build.c.seq == build_seq)).one()
    return name, state
