"""Requests to one bucket, each repeated with patience; keys are whole."""

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from botocore.exceptions import ClientError

from egoetl.core.errors import DataError
from egoetl.core.settings import Settings
from egoetl.storage.s3_address import S3Address
from egoetl.storage.s3_client import encryption_options, make_client
from egoetl.storage.s3_errors import BEHIND_END, MISSING, TAKEN, Place, code_of
from egoetl.storage.s3_patience import Patience

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from types_boto3_s3.client import S3Client

_BLOCK = 1 << 20
_PAGE = 1000
T = TypeVar("T")


class Sink(Protocol):
    """What bytes are written to, and how many it has."""

    def write(self, data: bytes, /) -> int: ...

    def tell(self) -> int: ...


class Held(NamedTuple):
    """An object that is there; its age by the server's clock, and what its writer has noted beside the bytes."""

    key: str
    size_bytes: int
    age_seconds: float
    metadata: Mapping[str, str]


class S3Bucket:
    """One bucket; threads may share it.

    Raises, wherever it asks: ConfigError for what settings or permissions forbid, TryAgainError `store_away`.
    """

    def __init__(
        self, client: "S3Client", address: S3Address, patience: Patience, write_options: Mapping[str, Any], *, page: int = _PAGE
    ) -> None:
        self.client = client
        self.address = address
        self.patience = patience
        self.write_options = write_options
        self._page = page
        self._checked = False

    @classmethod
    def open(cls, settings: Settings, url: str) -> "S3Bucket":
        """The bucket of `s3://bucket/prefix`; asks nothing yet. Raises ConfigError `store_url_invalid`."""
        address = S3Address.parse(url)
        client = make_client(settings, address.url())
        patience = Patience(Place(address.url(), client.meta.endpoint_url, settings.s3_encryption), settings.patience_seconds)
        return cls(client, address, patience, encryption_options(settings))

    def head(self, key: str) -> Held | None:
        """The object, or None if there is none."""
        try:
            found = self.patience(lambda: self.client.head_object(Bucket=self.address.bucket, Key=key), expect=MISSING)
        except ClientError:
            self._check_once()
            return None
        return Held(key, found["ContentLength"], age_seconds(found["LastModified"], found), found["Metadata"])

    def get(self, key: str) -> bytes:
        """All bytes. Raises DataError `artifact_missing`."""
        return self._read(key, {})

    def get_range(self, key: str, start: int, length: int) -> bytes:
        """The bytes [start, start + length), fewer where the object ends before. Raises DataError `artifact_missing`."""
        return self._read(key, {"Range": f"bytes={start}-{start + length - 1}"})

    def download(self, key: str, out: Sink) -> None:
        """Write all bytes; after a connection that was cut it goes on where that ended. Raises DataError `artifact_missing`."""

        def rest() -> None:
            done = out.tell()
            with closing(self._opened(key, {"Range": f"bytes={done}-"} if done else {})) as body:
                for block in body.iter_chunks(_BLOCK):
                    out.write(block)

        self._get(key, rest)

    def put(self, key: str, data: bytes, *, media_type: str, metadata: Mapping[str, str] | None = None) -> None:
        """Write an object whole, in the place of what is there."""
        self.patience(lambda: self._put(key, data, media_type, metadata or {}, {}))

    def put_new(self, key: str, data: bytes, *, media_type: str, metadata: Mapping[str, str] | None = None) -> bool:
        """Ask the server to write an object whole if there is none; whether it did. Not every server looks."""
        try:
            self.patience(lambda: self._put(key, data, media_type, metadata or {}, {"IfNoneMatch": "*"}), expect=TAKEN)
        except ClientError:
            return False
        return True

    def delete(self, key: str) -> None:
        """Remove an object; absent is fine."""
        self.patience(lambda: self.client.delete_object(Bucket=self.address.bucket, Key=key))

    def listing(self, prefix: str) -> Iterator[Held]:
        """Every object whose key begins so, in order of keys; each page is asked for when it is needed."""
        more: dict[str, Any] = {"MaxKeys": self._page}
        while True:
            page = self.page(self.client.list_objects_v2, Prefix=prefix, **more)
            for each in page.get("Contents", []):
                yield Held(each["Key"], each["Size"], age_seconds(each["LastModified"], page), {})
            if not page["IsTruncated"]:
                return
            more["ContinuationToken"] = page["NextContinuationToken"]

    def page(self, ask: Callable[..., Mapping[str, Any]], **options: Any) -> Mapping[str, Any]:
        """A page of one of the client's listings of this bucket."""
        return self.patience(lambda: ask(Bucket=self.address.bucket, **options))

    def link(self, key: str, seconds: int) -> str:
        """An address that reads the object for so long. It carries its permission with it: never log it."""
        wanted = {"Bucket": self.address.bucket, "Key": key}
        return self.patience(lambda: self.client.generate_presigned_url("get_object", Params=wanted, ExpiresIn=seconds))

    def check(self) -> None:
        """Raises ConfigError, such as `store_bucket_missing`, if the bucket cannot be listed."""
        self.patience(lambda: self.client.list_objects_v2(Bucket=self.address.bucket, Prefix=self.address.base, MaxKeys=1))

    def _check_once(self) -> None:
        """A HEAD does not tell a key that is missing from a bucket that is."""
        if not self._checked:
            self.check()
            self._checked = True

    def is_versioned(self) -> bool:
        """Whether objects that are deleted stay as versions."""
        return self.patience(lambda: self.client.get_bucket_versioning(Bucket=self.address.bucket)).get("Status") == "Enabled"

    def missing(self, key: str) -> DataError:
        """What to raise for a key that is not there."""
        return DataError(f"s3://{self.address.bucket}/{key} is not there; build it again.", reason="artifact_missing")

    def _put(self, key: str, data: bytes, media_type: str, metadata: Mapping[str, str], condition: Mapping[str, Any]) -> None:
        self.client.put_object(
            Bucket=self.address.bucket, Key=key, Body=data, ContentMD5=content_md5(data), ContentType=media_type, Metadata=metadata,
            **condition, **self.write_options,
        )  # fmt: skip

    def _opened(self, key: str, options: Mapping[str, Any]) -> "StreamingBody":
        return self.client.get_object(Bucket=self.address.bucket, Key=key, **options)["Body"]

    def _read(self, key: str, options: Mapping[str, Any]) -> bytes:
        def whole() -> bytes:
            with closing(self._opened(key, options)) as body:
                return body.read()

        return self._get(key, whole) or b""

    def _get(self, key: str, work: Callable[[], T]) -> T | None:
        """What `work` gets; None if it asks for what lies behind the end."""
        try:
            return self.patience(work, expect=MISSING | BEHIND_END)
        except ClientError as error:
            if code_of(error) in BEHIND_END:
                return None
            raise self.missing(key) from None


def age_seconds(written: datetime, answer: Mapping[str, Any]) -> float:
    """How old something was when the server answered; this machine's clock may be wrong."""
    now = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
    return max(0.0, (now - written).total_seconds())


def content_md5(data: bytes) -> str:
    """What every server checks uploaded bytes against, whatever else it knows."""
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
