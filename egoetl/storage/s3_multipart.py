"""Large files go up in parts: whole when completed, and nothing that shows before."""

import hashlib
import logging
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from egoetl.core.errors import DataError, EgoetlError
from egoetl.core.records import Artifact
from egoetl.storage.s3_bucket import S3Bucket, age_seconds, content_md5
from egoetl.storage.s3_errors import ENDED

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import CompletedPartTypeDef

_log = logging.getLogger(__name__)
_AT_ONCE = 4
_MOST_PARTS = 10_000


class Upload(NamedTuple):
    """An upload that was begun and not completed."""

    key: str
    upload_id: str
    age_seconds: float


def upload_in_parts(bucket: S3Bucket, artifact: Artifact, source: IO[bytes], *, part_bytes: int) -> None:
    """Write the artifact from an open file. Raises DataError `file_changed` if that has other bytes than the artifact."""
    key = bucket.address.key(artifact.path)
    part_bytes = max(part_bytes, -(-artifact.size_bytes // _MOST_PARTS))
    with _begun(bucket, key, artifact.media_type) as upload_id:
        parts, sha256 = _send(bucket, key, upload_id, source, part_bytes)
        if sha256 != artifact.sha256:
            raise DataError(
                f"A file changed while it was written to {artifact.path}; write it again when it is whole.", reason="file_changed"
            )
        _complete(bucket, key, upload_id, parts, artifact.size_bytes)


def unfinished_uploads(bucket: S3Bucket) -> Iterator[Upload]:
    """Uploads below the store's prefix that are not completed."""
    more: dict[str, Any] = {}
    base = bucket.address.base
    while True:
        page = bucket.page(bucket.client.list_multipart_uploads, Prefix=base, **more)
        for each in page.get("Uploads", []):
            if each["Key"].startswith(base):  # not every server looks at the prefix
                yield Upload(each["Key"], each["UploadId"], age_seconds(each["Initiated"], page))
        if not page["IsTruncated"]:
            return
        more = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page["NextUploadIdMarker"]}


def abort(bucket: S3Bucket, key: str, upload_id: str) -> None:
    """Throw an upload's parts away; one that has ended is fine."""
    try:
        bucket.patience(
            lambda: bucket.client.abort_multipart_upload(Bucket=bucket.address.bucket, Key=key, UploadId=upload_id), expect=ENDED
        )
    except ClientError:
        return


@contextmanager
def _begun(bucket: S3Bucket, key: str, media_type: str) -> Generator[str]:
    """An upload that is aborted unless it ends well."""
    begun = bucket.patience(
        lambda: bucket.client.create_multipart_upload(Bucket=bucket.address.bucket, Key=key, ContentType=media_type, **bucket.write_options)
    )
    try:
        yield begun["UploadId"]
    except BaseException:
        _abort_or_leave(bucket, key, begun["UploadId"])
        raise


def _abort_or_leave(bucket: S3Bucket, key: str, upload_id: str) -> None:
    """What went wrong first is what the caller must hear."""
    try:
        abort(bucket, key, upload_id)
    except EgoetlError as error:
        _log.warning("An unfinished upload of %s stays until `egoetl store gc --delete`: %s", bucket.address.path(key), error)


def _send(bucket: S3Bucket, key: str, upload_id: str, source: IO[bytes], part_bytes: int) -> tuple[list["CompletedPartTypeDef"], str]:
    """Read the file once and send its parts, a few at a time; returns them in order, and the sha256 of what was sent."""
    digest, parts = hashlib.sha256(), list["CompletedPartTypeDef"]()
    going: deque[Future[CompletedPartTypeDef]] = deque()

    def send(number: int, data: bytes) -> "CompletedPartTypeDef":
        sent = bucket.patience(
            lambda: bucket.client.upload_part(
                Bucket=bucket.address.bucket, Key=key, UploadId=upload_id, PartNumber=number, Body=data, ContentMD5=content_md5(data)
            )
        )
        return {"ETag": sent["ETag"], "PartNumber": number}

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for number, data in enumerate(iter(lambda: source.read(part_bytes), b""), 1):
            digest.update(data)
            if len(going) == _AT_ONCE:
                parts.append(going.popleft().result())
            going.append(pool.submit(send, number, data))
        parts += [each.result() for each in going]
    return parts, digest.hexdigest()


def _complete(bucket: S3Bucket, key: str, upload_id: str, parts: list["CompletedPartTypeDef"], size_bytes: int) -> None:
    """Make the object of its parts. An answer that was lost is asked for again, and then the upload may have ended already."""
    try:
        bucket.patience(
            lambda: bucket.client.complete_multipart_upload(
                Bucket=bucket.address.bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": parts}
            ),
            expect=ENDED,
        )
    except ClientError as error:
        held = bucket.head(key)
        if held is None or held.size_bytes != size_bytes:
            raise DataError(
                f"The upload of {bucket.address.path(key)} was ended by somebody else; run the same command again.", reason="upload_ended"
            ) from error
