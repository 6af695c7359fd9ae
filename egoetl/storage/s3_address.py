"""Addresses of stores on S3: `s3://bucket/prefix`, without anything that could be a secret."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from egoetl.core.errors import ConfigError, DataError
from egoetl.storage.names import checked_path

_BUCKET = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$")


class S3Address(NamedTuple):
    """A bucket and what every key of the store begins with: nothing, or a prefix that ends with a slash."""

    bucket: str
    base: str

    @classmethod
    def parse(cls, url: str) -> "S3Address":
        """Read `s3://bucket/prefix`. Raises ConfigError `store_url_invalid`, which does not repeat what may be a key."""
        parts = urlsplit(url)
        if "@" in parts.netloc:
            raise ConfigError("The store's address holds a key or a user; leave keys to AWS's own variables and files.", reason=_INVALID)
        if parts.scheme != "s3" or not _BUCKET.match(parts.netloc) or parts.query or parts.fragment:
            raise ConfigError(f"{url!r} names no bucket; write s3://bucket/prefix.", reason=_INVALID)
        prefix = parts.path.strip("/")
        try:
            return cls(parts.netloc, f"{checked_path(prefix)}/" if prefix else "")
        except DataError as error:
            raise ConfigError(f"{url!r} has no plain prefix; write s3://bucket/prefix.", reason=_INVALID) from error

    def key(self, path: str) -> str:
        """The key of a path of the store."""
        return self.base + path

    def path(self, key: str) -> str:
        """The path of a key of the store."""
        return key.removeprefix(self.base)

    def url(self, path: str = "") -> str:
        """The address of a path."""
        return f"s3://{self.bucket}/{self.base}{path}"


_INVALID = "store_url_invalid"
