"""What the installation has to mend is said so: where, what, and the remedy."""

import json

import pytest

from egoetl.core.errors import ConfigError
from egoetl.core.settings import Settings
from egoetl.storage.s3 import S3Store
from egoetl.testing.s3_server import S3Server

pytestmark = pytest.mark.needs("radosgw")


def refused(ask) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        ask()
    return caught.value


def test_a_missing_bucket_is_named_whatever_is_asked(open_s3, radosgw) -> None:
    store = open_s3(radosgw, "s3://no-such-bucket/nights")
    asks = (
        lambda: store.exists("qa/a"),
        lambda: store.read("qa/a"),
        lambda: list(store.paths()),
        lambda: store.create("qa/a", b"x"),
        lambda: store.put_bytes("qa", b"x", suffix=".bin", media_type="x"),
        lambda: store.unfinished(0, discard=False),
    )
    for ask in asks:
        error = refused(ask)
        assert error.reason == "store_bucket_missing"
        assert "s3://no-such-bucket/nights/" in str(error)


def test_credentials_that_are_not_known_are_refused(open_s3, radosgw, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = radosgw.make_bucket()
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"):
        open_s3(radosgw)
        monkeypatch.setenv(name, "wrong")
        store = S3Store.open(Settings(store_url=f"s3://{bucket}", patience_seconds=5), lambda: pytest.fail("nobody is asked"))
        error = refused(lambda store=store: list(store.paths()))
        assert error.reason == "store_credentials_refused"
        assert "wrong" not in str(error)


def test_no_credentials_at_all_are_asked_for(open_s3, radosgw, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_s3(S3Server(radosgw.endpoint, "", ""), "s3://bucket/a")
    error = refused(lambda: store.exists("qa/a"))
    assert error.reason == "store_credentials_missing"
    assert "AWS_ACCESS_KEY_ID" in str(error)


def test_what_a_policy_denies_is_named(open_s3, radosgw) -> None:
    store = open_s3(radosgw)
    bucket = store.bucket.address.bucket
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    radosgw.client().put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    error = refused(lambda: store.put_bytes("qa", b"x", suffix=".bin", media_type="x"))
    assert error.reason == "store_access_denied"
    assert "PutObject" in str(error)


def test_encryption_that_the_server_does_not_have_is_named(open_s3, radosgw) -> None:
    store = open_s3(radosgw, s3_encryption="sse-kms", s3_kms_key="no-such-key")
    error = refused(lambda: store.put_bytes("qa", b"x", suffix=".bin", media_type="x"))
    assert error.reason == "store_encryption_refused"
    assert "EGOETL_S3_ENCRYPTION" in str(error)
