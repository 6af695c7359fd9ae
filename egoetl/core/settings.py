"""Settings from the environment: EGOETL_*. Everything a person tunes per build is a recipe setting instead."""

import os
import re
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pydantic
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SecretsSettingsSource, SettingsConfigDict, SettingsError

from egoetl.core.errors import ConfigError
from egoetl.core.records import Record

_SECRET = re.compile(r"password|passwd|secret|token|api_?key|credential", re.IGNORECASE)


SECRETS_VARIABLE = "EGOETL_SECRETS_FOLDER"
"""Names a folder whose files are settings too, such as `egoetl_database_url`; a variable of that name goes before the file."""


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
    database_owner_url: SecretStr | None = None
    """The same database with the login of its owner, for the few commands that only the owner may run."""
    database_connections: int = Field(default=10, ge=2)
    """Most connections that one process opens; it keeps two."""
    database_statement_seconds: float = Field(default=300.0, ge=0)
    """A statement that takes longer is broken off; 0: never. Publishing and other legitimately long ones are not counted."""
    database_lock_seconds: float = Field(default=60.0, ge=0)
    """A statement that waits longer for a lock is broken off; 0: never."""
    database_idle_seconds: float = Field(default=300.0, ge=0)
    """The server ends a transaction in which nothing has happened for so long; 0: never."""
    partitions_ahead: int = Field(default=30, ge=1, le=1000)
    """For how many builds to come `egoetl db maintain` makes partitions."""
    keep_attempts_days: float | None = Field(default=None, gt=0)
    """After so many days `egoetl db maintain` forgets attempts and units of an ended build that no version refers to."""
    migration_lock_seconds: float = Field(default=5.0, gt=0)
    """How long a migration may keep others waiting for a lock that it waits for itself, before it steps back and tries again."""
    store_url: str | None = None
    """Where results and versions lie, `file:///absolute/folder` or `s3://bucket/prefix`."""
    s3_endpoint: str | None = None
    """Address of an S3 server other than AWS, `https://host:port`; without it, what AWS's own variables and files say."""
    s3_region: str | None = None
    """Region of the buckets; without it, what AWS's own variables and files say."""
    s3_addressing: Literal["auto", "path", "virtual"] = "auto"
    """Whether requests name the bucket in the path or in the host; `auto` leaves it to the endpoint's kind."""
    s3_ca_bundle: Path | None = None
    """Certificates that an https endpoint's own is checked against; it is always checked."""
    s3_checksums: Literal["when_required", "when_supported"] = "when_required"
    """Whether uploads carry a CRC32 beside their MD5, which older servers refuse over https."""
    s3_retries: Literal["standard", "adaptive"] = "standard"
    """How a request is repeated within a second; `adaptive` also sends fewer while the server throttles."""
    s3_encryption: Literal["bucket", "sse-s3", "sse-kms"] = "bucket"
    """How objects are encrypted: `bucket` leaves it to the bucket's default."""
    s3_kms_key: str | None = None
    """Id or ARN of the key for `sse-kms`; without it, the account's own for S3."""
    s3_bucket_key: bool = True
    """Whether `sse-kms` derives keys from one of the bucket's, which asks KMS far less often."""
    s3_part_megabytes: int = Field(default=16, ge=5, le=1024)
    """Larger files are uploaded in parts of this size."""
    cache_folder: Path | None = None
    """Where files of an S3 store are kept while they are used; without it, `cache` in the home."""
    cache_gigabytes: float = Field(default=20.0, ge=0)
    """How much is kept there; what was not used longest goes first."""
    engine: Literal["measured", "models", "replay"] | None = None
    """Who answers for model roles where nobody says it; without it, the models of a file that has [roles], or nobody but `measured`."""
    models: Path | None = None
    """The TOML file of models that lies over the built-in one."""
    recording: Path | None = None
    """The recording that the engine `replay` plays back; without it, the one that ships with egoetl."""
    vllm_python: Path | None = None
    """The Python of the environment that vLLM runs in; without it, this one's."""
    execution: Literal["local", "kubernetes"] = "local"
    """Where a DAG's stages run: `local` is a process group on this machine, `kubernetes` a pod."""
    pod_settings: Path | None = None
    """The YAML file that says what pods look like."""
    home: Path = Field(default_factory=lambda: Path.cwd() / ".egoetl")
    """Where the embedded PostgreSQL and Airflow keep their files."""
    lease_seconds: float = Field(default=60.0, gt=0)
    """How long a silent worker keeps its shard."""
    patience_seconds: float = Field(default=300.0, ge=0)
    """How long a worker waits for a database or an S3 server that is away, or a lease that is held."""
    commit_seconds: float = Field(default=2.0, gt=0)
    """How long a finished record waits at most for its batch."""
    concurrency: int = Field(default=4, ge=1)
    """Units in flight at once in one worker, at least; a stage that asks a model has as many as the model takes."""
    notifiers: tuple[NotifierSetting, ...] = ()
    """Who is told of a build that fails in Airflow, or that is late."""
    deadline_hours: float | None = Field(default=None, gt=0)
    """After so many hours a run that has not succeeded is late."""
    video_cache: Path | None = None
    """Where videos of S3 are kept while they are used; without it, `videos` in the home."""
    video_cache_gigabytes: float = Field(default=50.0, ge=0)
    """How much of the videos on S3 is kept on this machine beyond what is in use."""
    arrivals: str | None = None
    """Where new videos arrive: a folder or s3://bucket/prefix."""
    arrivals_schedule: str = "*/15 * * * *"
    """When the DAG `ingest_videos` looks for them, in cron's words, UTC."""
    arrivals_settle_seconds: float = Field(default=60.0, ge=0)
    """A file of a folder that was written to so recently may not be whole yet."""
    arrivals_clip_seconds: float = Field(default=360.0, ge=1)
    """How long the clips are that an arrived video is cut into; its last one keeps what is left."""
    build_on: Literal["night", "arrivals"] = "night"
    """Whether a dataset is built every night or as soon as videos have arrived."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the name is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Variables first, then the folder of secrets, which is known only at run time."""
        return init_settings, env_settings, SecretsSettingsSource(settings_cls, secrets_dir=os.environ.get(SECRETS_VARIABLE) or None)

    @field_validator("s3_endpoint")
    @classmethod
    def _plain_endpoint(cls, endpoint: str | None) -> str | None:
        """The message must not show the address, which may hold a password."""
        parts = urlsplit(endpoint or "https://none")
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
            raise ValueError("write https://host:port, and leave keys to AWS's own variables and files")
        return endpoint

    @property
    def cache(self) -> Path:
        """The folder of files in use."""
        return self.cache_folder or self.home / "cache"

    def database(self) -> str:
        """The lineage database's address. Raises ConfigError."""
        if self.database_url is None:
            raise ConfigError(
                "EGOETL_DATABASE_URL is not set; run `egoetl local up` and load what it prints.", reason="database_url_missing"
            )
        return self.database_url.get_secret_value()

    def as_owner(self) -> "Settings":
        """These settings with the owner's login, where EGOETL_DATABASE_OWNER_URL names one: to migrate, drop and withdraw."""
        return self.model_copy(update={"database_url": self.database_owner_url or self.database_url})

    def store(self) -> str:
        """The store's address. Raises ConfigError."""
        if self.store_url is None:
            raise ConfigError("EGOETL_STORE_URL is not set; run `egoetl local up` and load what it prints.", reason="store_url_missing")
        return self.store_url


def load_settings() -> Settings:
    """Read the environment and the folder of secrets. Raises ConfigError that names the first bad variable."""
    folder = os.environ.get(SECRETS_VARIABLE) or None
    if folder is not None and not Path(folder).is_dir():
        raise ConfigError(f"{SECRETS_VARIABLE} names {folder}, which is no folder; mount the secrets there.", reason="setting_invalid")
    try:
        return Settings()
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        name = "EGOETL_" + str(first["loc"][0]).upper()
        raise ConfigError(f"{name} is not usable: {first['msg'].removeprefix('Value error, ')}.", reason="setting_invalid") from error
    except SettingsError as error:
        raise ConfigError("EGOETL_NOTIFIERS is not usable: it is not JSON.", reason="setting_invalid") from error
