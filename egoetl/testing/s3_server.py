"""An S3 server that tests and benchmarks use, and what a process needs to reach it."""

import os
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import boto3

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

_REGION = "us-east-1"


@dataclass(frozen=True)
class S3Server:
    """Where a server is, and who may do everything there."""

    endpoint: str
    access_key: str
    secret_key: str

    def at(self, endpoint: str) -> "S3Server":
        """The same server behind another address, such as a proxy's."""
        return replace(self, endpoint=endpoint)

    def environment(self) -> dict[str, str]:
        """The variables with which boto3 and egoetl use it, whatever else this machine's files say."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "EGOETL_S3_ENDPOINT": self.endpoint,
            "EGOETL_S3_REGION": _REGION,
        }

    def client(self) -> "S3Client":
        """A client with this server's keys, for what egoetl itself never does."""
        client: object = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=_REGION,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
        )
        return cast("S3Client", client)

    def make_bucket(self) -> str:
        """A fresh bucket; returns its name."""
        name = f"test-{secrets.token_hex(6)}"
        self.client().create_bucket(Bucket=name)
        return name
