"""A client for S3 from the settings; credentials come from AWS's standard chain and from nowhere else."""

from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from egoetl.core.errors import ConfigError
from egoetl.core.settings import Settings
from egoetl.storage.s3_errors import Place, translated

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

_CONNECT_SECONDS = 10
_READ_SECONDS = 60
_CONNECTIONS = 64
"""More than threads that ask at once: a connection beyond it would be closed after each request."""
_QUICK_TRIES = 3


def make_client(settings: Settings, url: str) -> "S3Client":
    """A client that threads may share. Raises ConfigError, such as `store_credentials_missing` for an unknown profile."""
    try:
        client: object = boto3.session.Session().client(
            "s3",
            endpoint_url=settings.s3_endpoint,
            region_name=settings.s3_region,
            verify=_certificates(settings),
            config=_config(settings),
        )
    except BotoCoreError as error:
        raise translated(error, Place(url, settings.s3_endpoint or "AWS"), 0.0) from error
    return cast("S3Client", client)


def _config(settings: Settings) -> Config:
    return Config(
        signature_version="s3v4",
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        max_pool_connections=_CONNECTIONS,
        retries={"mode": settings.s3_retries, "total_max_attempts": _QUICK_TRIES},
        request_checksum_calculation=settings.s3_checksums,
        response_checksum_validation=settings.s3_checksums,
        s3={"addressing_style": settings.s3_addressing},
        user_agent_extra="egoetl",
    )


def _certificates(settings: Settings) -> str | None:
    """The file that botocore opens only when it first connects. Raises ConfigError `ca_bundle_missing`."""
    bundle = settings.s3_ca_bundle
    if bundle and not bundle.is_file():
        raise ConfigError(f"EGOETL_S3_CA_BUNDLE names {bundle}, which is no file; correct it.", reason="ca_bundle_missing")
    return str(bundle) if bundle else None


def encryption_options(settings: Settings) -> dict[str, Any]:
    """What every write says about encryption."""
    match settings.s3_encryption:
        case "bucket":
            return {}
        case "sse-s3":
            return {"ServerSideEncryption": "AES256"}
        case "sse-kms":
            key = {"SSEKMSKeyId": settings.s3_kms_key} if settings.s3_kms_key else {}
            return {"ServerSideEncryption": "aws:kms", "BucketKeyEnabled": settings.s3_bucket_key, **key}
