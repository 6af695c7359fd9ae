"""Every write says how it is to be encrypted."""

from pathlib import Path

import pytest

from egoetl.core.settings import Settings
from egoetl.storage.s3_client import encryption_options


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"s3_encryption": "sse-s3"}, ("AES256", None)),
        ({"s3_encryption": "sse-kms", "s3_kms_key": "arn:aws:kms:us-east-1:1:key/k"}, ("aws:kms", "arn:aws:kms:us-east-1:1:key/k")),
    ],
)
def test_small_large_and_created_objects_are_encrypted(open_s3, moto, large_file: Path, settings, expected) -> None:
    store = open_s3(moto, **settings)
    store.create("qa/a", b"x")
    store.put_bytes("qa", b"x", suffix=".bin", media_type="x")
    store.put_file("qa", large_file, suffix=".bin", media_type="x")
    address, client = store.bucket.address, moto.client()
    found = [client.head_object(Bucket=address.bucket, Key=address.key(path)) for path in store.paths()]
    assert [(each["ServerSideEncryption"], each.get("SSEKMSKeyId")) for each in found] == [expected] * 3


def test_a_key_of_the_bucket_is_asked_for_unless_it_is_not_wanted() -> None:
    asked = encryption_options(Settings(s3_encryption="sse-kms", s3_kms_key="k"))
    assert asked == {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "k", "BucketKeyEnabled": True}
    assert encryption_options(Settings(s3_encryption="sse-kms", s3_bucket_key=False))["BucketKeyEnabled"] is False
    assert encryption_options(Settings(s3_kms_key="k")) == {}
