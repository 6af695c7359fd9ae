"""The connection to the ledger's database, and patience while it is away."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

import psycopg2
import sqlalchemy
import tenacity
from psycopg2.errors import IdleInTransactionSessionTimeout, InsufficientPrivilege, LockNotAvailable, QueryCanceled
from sqlalchemy import event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from egoetl.core.errors import ConfigError, TryAgainError
from egoetl.lineage.limits import Limits

log = logging.getLogger(__name__)
T = TypeVar("T")

# A server that vanished without a word is noticed within about a minute; one that refuses, at once.
_CONNECT = {
    "connect_timeout": 5,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
_KEPT = 2
"""Connections of a process that stay open when nobody needs them."""
_UNHURRIED = "egoetl_unhurried"
# Libpq gives no code for these, only words.
_REFUSALS = ("authentication failed", "does not exist", "no pg_hba.conf entry", "permission denied")


class Database:
    """A pool of connections whose search path is the ledger's schema.

    Every unit of work is one transaction and must bear being repeated: a lost connection may have lost the
    answer to a commit, not the commit.
    """

    def __init__(self, url: str, *, patience_seconds: float, application_name: str = "egoetl", limits: Limits | None = None) -> None:
        self.patience_seconds = patience_seconds
        self.limits = limits or Limits()
        kept = min(_KEPT, self.limits.connections)
        self.engine = sqlalchemy.create_engine(
            _psycopg2_url(url),
            connect_args={**_CONNECT, "application_name": application_name},
            pool_size=kept,
            max_overflow=self.limits.connections - kept,
        )
        event.listen(self.engine, "begin", self._begins)

    def transaction(self, work: Callable[[Connection], T], *, unhurried: bool = False) -> T:
        """Run `work` in a transaction, again and again while the database is away.

        `unhurried` is for what may rightly take long: it has no limit but that of waiting for locks.

        Raises TryAgainError `database_away`, `database_locked` or `database_slow` when patience is over, ConfigError
        `database_refused` when it does not let us in and `database_forbids` when the login may not do this.
        """

        def once() -> T:
            with self.connect(unhurried=unhurried) as connection, connection.begin():
                return work(connection)

        return self.patiently(once)

    def connect(self, *, unhurried: bool = False) -> Connection:
        """A connection out of the pool; closing it gives it back."""
        return self.engine.connect().execution_options(**{_UNHURRIED: unhurried})

    def patiently(self, work: Callable[[], T]) -> T:
        """Call `work`, again and again while the database is away."""
        wait = _Wait(self.patience_seconds)
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(is_away),
            wait=tenacity.wait_random_exponential(multiplier=0.1, max=5),
            stop=tenacity.stop_after_delay(self.patience_seconds),
            before_sleep=wait.begins,
            reraise=True,
        )
        try:
            result = retrying(work)
        except (DBAPIError, psycopg2.Error) as error:
            raise _translated(error, wait) from error
        wait.is_over()
        return result

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    def _begins(self, connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("isolation_level") != "AUTOCOMMIT":
            limits = self.limits.unhurried() if options.get(_UNHURRIED) else self.limits
            connection.exec_driver_sql(limits.settings())


class _Wait:
    """One wait for the database, told in one line when it begins and one when it ends."""

    def __init__(self, patience_seconds: float) -> None:
        self._patience = patience_seconds
        self._started = time.monotonic()
        self._waiting = False

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def begins(self, state: tenacity.RetryCallState) -> None:
        if not self._waiting and state.outcome is not None:
            error = state.outcome.exception()
            how = "locked by others" if isinstance(_cause(error), LockNotAvailable) else "away"
            log.warning("The lineage database is %s (%s); waiting up to %.0f s.", how, _words(error), self._patience)
        self._waiting = True

    def is_over(self) -> None:
        if self._waiting:
            log.warning("The lineage database answers again after %.1f s; going on.", self.seconds)


def is_away(error: BaseException) -> bool:
    """Whether an error says that the server is away, restarting, full or locked, or had to break a deadlock."""
    cause = _cause(error)
    if isinstance(cause, IdleInTransactionSessionTimeout):
        return True
    if isinstance(cause, psycopg2.OperationalError | psycopg2.InterfaceError):
        return not _is_refusal(cause)
    # COPY reports a server that died under it as a bare DatabaseError without a code.
    return type(cause) is psycopg2.DatabaseError and cause.pgcode is None


def _is_refusal(cause: psycopg2.Error) -> bool:
    return cause.pgcode is None and any(words in str(cause) for words in _REFUSALS)


def _cause(error: BaseException | None) -> BaseException | None:
    return error.orig if isinstance(error, DBAPIError) else error


def _words(error: BaseException | None) -> str:
    lines = str(_cause(error)).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _translated(error: Exception, wait: _Wait) -> Exception:
    cause = _cause(error)
    if isinstance(cause, LockNotAvailable):
        return TryAgainError(
            f"Others have held a lock in the lineage database for {wait.seconds:.0f} s and more ({_words(error)}); nothing was changed, "
            "run the same command again.",
            reason="database_locked",
        )
    if isinstance(cause, QueryCanceled):
        return TryAgainError(
            f"The lineage database broke off a statement ({_words(error)}); run the same command again, or raise "
            "EGOETL_DATABASE_STATEMENT_SECONDS.",
            reason="database_slow",
        )
    if isinstance(cause, InsufficientPrivilege):
        return ConfigError(
            f"The login of EGOETL_DATABASE_URL may not do this in the lineage database ({_words(error)}); docs/postgresql.md says which "
            "role each command needs.",
            reason="database_forbids",
        )
    if is_away(error):
        return TryAgainError(
            f"The lineage database was away for {wait.seconds:.0f} s ({_words(error)}); start it, then run the same command again.",
            reason="database_away",
        )
    if isinstance(cause, psycopg2.OperationalError) and _is_refusal(cause):
        return ConfigError(
            f"The lineage database refuses the connection: {_words(error)}; check EGOETL_DATABASE_URL.", reason="database_refused"
        )
    return error


def _psycopg2_url(url: str) -> sqlalchemy.URL:
    try:
        return make_url(url).set(drivername="postgresql+psycopg2")
    except ArgumentError as error:
        raise ConfigError(
            "EGOETL_DATABASE_URL is not an address; write postgresql://user:password@host:port/name.", reason="database_url_invalid"
        ) from error
