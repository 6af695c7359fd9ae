"""The connection to the ledger's database, and patience while it is away."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

import psycopg2
import sqlalchemy
import tenacity
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from egoetl.core.errors import ConfigError, TryAgainError
from egoetl.lineage.tables.base import SCHEMA

log = logging.getLogger(__name__)
T = TypeVar("T")

# A server that vanished without a word is noticed within about a minute; one that refuses, at once.
_CONNECT = {
    "connect_timeout": 5,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    # The default cost supposes disks that turn, and has the planner read whole partitions for a few hundred rows.
    "options": f"-c search_path={SCHEMA} -c timezone=UTC -c random_page_cost=1.1",
}
# Libpq gives no code for these, only words.
_REFUSALS = ("authentication failed", "does not exist", "no pg_hba.conf entry", "permission denied")


class Database:
    """A pool of connections whose search path is the ledger's schema.

    Every unit of work is one transaction and must bear being repeated: a lost connection may have lost the
    answer to a commit, not the commit.
    """

    def __init__(self, url: str, *, patience_seconds: float, application_name: str = "egoetl") -> None:
        self.patience_seconds = patience_seconds
        self.engine = sqlalchemy.create_engine(
            _psycopg2_url(url), connect_args={**_CONNECT, "application_name": application_name}, pool_size=2, max_overflow=8
        )

    def transaction(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction, again and again while the database is away.

        Raises TryAgainError `database_away` when patience is over, ConfigError `database_refused` when it does not let us in.
        """

        def once() -> T:
            with self.engine.begin() as connection:
                return work(connection)

        return self.patiently(once)

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
            reason = _words(state.outcome.exception())
            log.warning("The lineage database is away (%s); waiting up to %.0f s.", reason, self._patience)
        self._waiting = True

    def is_over(self) -> None:
        if self._waiting:
            log.warning("The lineage database answers again after %.1f s; going on.", self.seconds)


def is_away(error: BaseException) -> bool:
    """Whether an error says that the server is away, restarting, full or had to break a deadlock."""
    cause = _cause(error)
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
    if is_away(error):
        return TryAgainError(
            f"The lineage database was away for {wait.seconds:.0f} s ({_words(error)}); start it, then run the same command again.",
            reason="database_away",
        )
    cause = _cause(error)
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
