"""S3's errors, by who must act."""

import pytest
from botocore import exceptions as boto
from botocore.exceptions import ClientError

from egoetl.core.errors import ConfigError, TryAgainError
from egoetl.storage.s3_errors import Place, is_away, translated

PLACE = Place("s3://bucket/a/", "https://s3.example")


def answered(code: str, status: int, **headers: str) -> ClientError:
    metadata = {"HTTPStatusCode": status, "HTTPHeaders": headers, "RequestId": "", "HostId": "", "RetryAttempts": 0}
    return ClientError({"Error": {"Code": code, "Message": "They say so."}, "ResponseMetadata": metadata}, "PutObject")


@pytest.mark.parametrize(
    "error",
    [
        answered("SlowDown", 503),
        answered("InternalError", 500),
        answered("502", 502),
        answered("429", 429),
        answered("RequestTimeout", 400),
        answered("BadDigest", 400),
        answered("ConditionalRequestConflict", 409),
        boto.EndpointConnectionError(endpoint_url="https://s3.example"),
        boto.ReadTimeoutError(endpoint_url="https://s3.example"),
        boto.ConnectionClosedError(endpoint_url="https://s3.example"),
        boto.IncompleteReadError(actual_bytes=1, expected_bytes=2),
        boto.SSLError(endpoint_url="https://s3.example", error="EOF occurred in violation of protocol"),
    ],
)
def test_passing_troubles_are_to_be_tried_again(error: Exception):
    assert is_away(error)
    found = translated(error, PLACE, 3.0)
    assert isinstance(found, TryAgainError)
    assert found.reason == "store_away"
    assert "s3://bucket/a/" in str(found)


@pytest.mark.parametrize(
    ("error", "reason", "words"),
    [
        (answered("NoSuchBucket", 404), "store_bucket_missing", "EGOETL_STORE_URL"),
        (answered("AccessDenied", 403), "store_access_denied", "PutObject"),
        (answered("403", 403), "store_access_denied", "docs/s3.md"),
        (answered("SignatureDoesNotMatch", 403), "store_credentials_refused", "renew"),
        (answered("ExpiredToken", 400), "store_credentials_refused", "renew"),
        (answered("PermanentRedirect", 301, **{"x-amz-bucket-region": "eu-west-1"}), "store_region_wrong", "is in region eu-west-1"),
        (answered("400", 400, **{"x-amz-bucket-region": "eu-west-1"}), "store_region_wrong", "EGOETL_S3_REGION"),
        (answered("RequestTimeTooSkewed", 403), "clock_differs", "NTP"),
        (answered("KMS.NotFoundException", 400), "store_encryption_refused", "EGOETL_S3_KMS_KEY"),
        (answered("QuotaExceeded", 403), "store_full", "quota"),
        (answered("NotImplemented", 501), "store_refused", "They say so"),
        (boto.NoCredentialsError(), "store_credentials_missing", "AWS_ACCESS_KEY_ID"),
        (boto.ProfileNotFound(profile="night"), "store_credentials_missing", "ProfileNotFound"),
        (
            boto.SSLError(endpoint_url="https://s3.example", error="[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"),
            "store_untrusted",
            "EGOETL_S3_CA_BUNDLE",
        ),
    ],
)
def test_what_somebody_must_mend_says_where_and_how(error: Exception, reason: str, words: str):
    assert not is_away(error)
    found = translated(error, PLACE, 0.0)
    assert isinstance(found, ConfigError)
    assert found.reason == reason
    assert words in str(found)
