"""Read objects of a bucket: their listing, their bytes from any offset, and what S3's refusals mean for a video."""

import random
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from egoetl.core.errors import ConfigError, DataError, EgoetlError, TryAgainError
from egoetl.storage.s3_errors import MISSING, code_of, is_away, words

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

CHUNK = 1 << 20
LONGEST_PAUSE_SECONDS = 5.0
T = TypeVar("T")
_DENIED = {"403", "AccessDenied", "AllAccessDisabled", "InvalidObjectState"}
_WRONG_KEYS = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken", "TokenRefreshRequired"}
_CHANGED = {"412", "PreconditionFailed", "416", "InvalidRange"}


class ObjectReader:
    """Reads one bucket. Every answer is held against the ETag that is expected, so that two versions are never mixed."""

    def __init__(self, client: "S3Client", bucket: str, patience_seconds: float) -> None:
        self._client, self.bucket, self._patience_seconds = client, bucket, patience_seconds

    def head(self, key: str) -> dict[str, Any] | None:
        """Size, ETag and time of an object; None where there is none."""
        return self._patiently(lambda: self._head(key))

    def listing(self, prefix: str) -> Iterator[dict[str, Any]]:
        """Every object below a prefix, by key."""
        after = ""
        while page := self._patiently(partial(self._page, prefix, after)):
            yield from page
            after = page[-1]["Key"]

    def chunks(self, key: str, etag: str, start: int, end: int) -> Iterator[bytes]:
        """The bytes [start, end) of an object. A connection that is cut is taken up again where it was.

        Raises DataError `video_changed` or `video_unreadable`, TryAgainError `source_away`.
        """
        wait = _Wait(self._patience_seconds)
        while start < end:
            try:
                for chunk in self._once(key, etag, start, end):
                    wait = _Wait(self._patience_seconds)
                    start += len(chunk)
                    yield chunk
            except TryAgainError:
                if not wait.again():
                    raise

    def address(self, key: str) -> str:
        """s3://bucket/key"""
        return f"s3://{self.bucket}/{key}"

    def _head(self, key: str) -> dict[str, Any] | None:
        try:
            with _translated(self.address(key)):
                return dict(self._client.head_object(Bucket=self.bucket, Key=key))
        except _AbsentError:
            return None

    def _page(self, prefix: str, after: str) -> list[dict[str, Any]]:
        with _translated(self.address(prefix)):
            page = self._client.list_objects_v2(Bucket=self.bucket, Prefix=prefix, StartAfter=after)
            return [dict(each) for each in page.get("Contents", ())]

    def _patiently(self, work: Callable[[], T]) -> T:
        """The answer of `work`, asked again while the server is away."""
        wait = _Wait(self._patience_seconds)
        while True:
            try:
                return work()
            except TryAgainError:
                if not wait.again():
                    raise

    def _once(self, key: str, etag: str, start: int, end: int) -> Iterator[bytes]:
        """One request, as far as it goes."""
        address = self.address(key)
        try:
            with _translated(address):
                answer = self._client.get_object(Bucket=self.bucket, Key=key, Range=f"bytes={start}-{end - 1}")
                with closing(answer["Body"]) as body:
                    # Not If-Match: Ceph before 17 takes no ETag in quotes, and boto3 sends it so.
                    if answer["ETag"].strip('"') != etag:
                        raise changed(address)
                    yield from body.iter_chunks(CHUNK)
        except _AbsentError:
            raise changed(address) from None


def changed(address: str) -> DataError:
    """The error of an object that is another one, or gone, since it was looked at."""
    return DataError(f"{address} was replaced or deleted while it was read; run the same command again.", reason="video_changed")


class _Wait:
    """Pauses that grow, for as long as patience lasts."""

    def __init__(self, seconds: float) -> None:
        self._ends, self._pause = time.monotonic() + seconds, 0.2

    def again(self) -> bool:
        """Pause, and say whether to try again."""
        if time.monotonic() >= self._ends:
            return False
        time.sleep(random.uniform(self._pause / 2, self._pause))  # noqa: S311 - spreads load, keeps no secret
        self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS)
        return True


class _AbsentError(Exception):
    """There is no such object."""


@contextmanager
def _translated(address: str) -> Generator[None]:
    """Turn what boto3 raises into who must act."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        if is_away(error):
            raise TryAgainError(f"S3 does not give {address} now ({words(error)}); try again.", reason="source_away") from error
        if code_of(error) in MISSING:
            raise _AbsentError from error
        raise _refusal(address, error) from error


def _refusal(address: str, error: BotoCoreError | ClientError) -> EgoetlError:
    code = code_of(error)
    if code == "NoSuchBucket":
        return ConfigError(f"There is no bucket of {address}; correct the address.", reason="bucket_missing")
    if code in _WRONG_KEYS:
        return ConfigError(f"S3 does not accept the credentials for {address} ({code}); renew them.", reason="s3_refused")
    if code in _DENIED:
        return DataError(
            f"{address} may not be read; allow s3:GetObject, and s3:ListBucket, without which an absent file looks the same.",
            reason="video_unreadable",
        )
    if code in _CHANGED:
        return changed(address)
    return ConfigError(f"S3 cannot be asked for {address} ({code or error}); check EGOETL_S3_* and docs/s3.md.", reason="s3_refused")
