"""Settings from the environment: EGOETL_*. Everything a person tunes per build is a recipe setting instead."""

from pathlib import Path
from typing import Literal

import pydantic
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from egoetl.core.errors import ConfigError


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
        raise ConfigError(f"{name} is not usable: {first['msg']}.", reason="setting_invalid") from error
