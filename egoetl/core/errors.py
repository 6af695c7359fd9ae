"""Errors by who must act. Each class owns one exit code; only the Airflow operator turns a code into a retry."""

from typing import ClassVar


class EgoetlError(Exception):
    """A failure that egoetl understands.

    `reason` is a stable snake_case code that lineage rows and reports group by; the message is one
    sentence that says what, where and the remedy.
    """

    exit_code: ClassVar[int] = 70
    error_class: ClassVar[str] = "internal"

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class CallerError(EgoetlError):
    """The command was called wrongly: an unknown build, an impossible option."""

    exit_code = 64
    error_class = "caller"


class DataError(EgoetlError):
    """The input is bad or breaks a contract: trying again cannot help, mending the input can."""

    exit_code = 65
    error_class = "data"


class InternalError(EgoetlError):
    """A defect of egoetl itself."""


class TryAgainError(EgoetlError):
    """A passing trouble: a server away, a lease held by another worker, a full quota."""

    exit_code = 75
    error_class = "try_again"


class ConfigError(EgoetlError):
    """The installation or its settings are wrong: an address missing, a schema too old."""

    exit_code = 78
    error_class = "config"


class ItemConfigError(ConfigError):
    """The installation is wrong in a way that one item has met and others may not: the item fails, and the run goes on."""


class CancelledError(EgoetlError):
    """Somebody has cancelled the build: nobody needs to act, and trying again is not wanted."""

    exit_code = 79
    error_class = "cancelled"

    @classmethod
    def of(cls, build: str) -> "CancelledError":
        """What a worker of a cancelled build is told."""
        return cls(
            f"Build {build} was cancelled; what was finished is kept, `egoetl build retry {build}` goes on with it.",
            reason="build_cancelled",
        )


class LeaseLostError(TryAgainError):
    """The shard's lease ran out or went to another worker, so nothing more may be committed."""


def describe(error: BaseException) -> tuple[str, str, str]:
    """Return (error class, reason, message) as the ledger records them, for any exception."""
    if isinstance(error, EgoetlError):
        return error.error_class, error.reason, str(error)
    return InternalError.error_class, "unexpected_" + type(error).__name__.lower(), f"{type(error).__name__}: {error}"
