"""Settings from the environment: EGOETL_*. Everything a person tunes per build is a recipe setting instead."""

import re
from pathlib import Path
from typing import Any, Literal

import pydantic
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from egoetl.core.errors import ConfigError
from egoetl.core.records import Record

_SECRET = re.compile(r"password|passwd|secret|token|api_?key|credential", re.IGNORECASE)


class NotifierSetting(Record):
    """An Airflow notifier: the path of its class, and what it is made with; templates in them are filled for each message."""

    notifier: str = Field(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$")
    arguments: dict[str, Any] = Field(default_factory=dict[str, Any])

    @field_validator("arguments")
    @classmethod
    def _no_secrets(cls, arguments: dict[str, Any]) -> dict[str, Any]:
        if named := [name for name in arguments if _SECRET.search(name)]:
            raise ValueError(f"argument {named[0]!r} looks like a secret; keep it in an Airflow connection and name that")
        return arguments


class Settings(BaseSettings):
    """Addresses and limits of one installation."""

    model_config = SettingsConfigDict(env_prefix="EGOETL_", extra="ignore", frozen=True)

    database_url: SecretStr | None = None
    """The lineage database, `postgresql://user:password@host:port/name`."""
    store_url: str | None = None
    """Where results and versions lie, `file:///absolute/folder`."""
    execution: Literal["local"] = "local"
    """Where a DAG's stages run: `local` is a process group on this machine."""
    home: Path = Field(default_factory=lambda: Path.cwd() / ".egoetl")
    """Where the embedded PostgreSQL and Airflow keep their files."""
    lease_seconds: float = Field(default=60.0, gt=0)
    """How long a silent worker keeps its shard."""
    patience_seconds: float = Field(default=300.0, ge=0)
    """How long a worker waits for a database that is away, or a lease that is held."""
    commit_seconds: float = Field(default=2.0, gt=0)
    """How long a finished record waits at most for its batch."""
    concurrency: int = Field(default=4, ge=1)
    """Units in flight at once in one worker."""
    notifiers: tuple[NotifierSetting, ...] = ()
    """Who is told of a build that fails in Airflow, or that is late."""
    deadline_hours: float | None = Field(default=None, gt=0)
    """After so many hours a run that has not succeeded is late."""

    def database(self) -> str:
        """The lineage database's address. Raises ConfigError."""
        if self.database_url is None:
            raise ConfigError(
                "EGOETL_DATABASE_URL is not set; run `egoetl local up` and load what it prints.", reason="database_url_missing"
            )
        return self.database_url.get_secret_value()

    def store(self) -> str:
        """The store's address. Raises ConfigError."""
        if self.store_url is None:
            raise ConfigError("EGOETL_STORE_URL is not set; run `egoetl local up` and load what it prints.", reason="store_url_missing")
        return self.store_url


def load_settings() -> Settings:
    """Read the environment. Raises ConfigError that names the first bad variable."""
    try:
        return Settings()
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        name = "EGOETL_" + str(first["loc"][0]).upper()
        raise ConfigError(f"{name} is not usable: {first['msg'].removeprefix('Value error, ')}.", reason="setting_invalid") from error
    except SettingsError as error:
        raise ConfigError("EGOETL_NOTIFIERS is not usable: it is not JSON.", reason="setting_invalid") from error
