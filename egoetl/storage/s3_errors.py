"""What S3's errors mean, and who must act."""

from typing import Any, NamedTuple

from botocore import exceptions as boto
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from egoetl.core.errors import ConfigError, EgoetlError, TryAgainError


class Place(NamedTuple):
    """Where requests go, in words for a person."""

    url: str
    endpoint: str
    encryption: str = "bucket"


MISSING = {"404", "NoSuchKey", "NotFound"}
"""There is no such key; a HEAD says the same of a bucket that is missing."""
TAKEN = {"412", "PreconditionFailed"}
"""There is an object already."""
BEHIND_END = {"416", "InvalidRange"}
"""The object ends before the range begins."""
ENDED = {"404", "NoSuchUpload"}
"""There is no such upload: it was completed or aborted."""
_PASSING = {
    "BadDigest", "ConditionalRequestConflict", "IncompleteBody", "OperationAborted", "RequestTimeout", "SlowDown", "Throttling",
    "ThrottlingException", "TooManyRequests", "TooManyRequestsException", "XAmzContentSHA256Mismatch",
}  # fmt: skip
_NOT_PASSING = {501, 505}
"""The server does not know what was asked, and never will."""
_CONNECTION = (boto.ConnectionError, boto.HTTPClientError, boto.IncompleteReadError, ResponseParserError)
_NO_CREDENTIALS = (
    boto.CredentialRetrievalError, boto.NoCredentialsError, boto.PartialCredentialsError, boto.ProfileNotFound, boto.SSOError,
    boto.UnauthorizedSSOTokenError,
)  # fmt: skip

_REFUSED_CREDENTIALS = "S3 at {endpoint} does not accept the credentials ({code}); renew what AWS's variables, files or role give."
_DENIED = "S3 does not allow {operation} in {url} ({code}); grant this identity what docs/s3.md lists."
_WRONG_REGION = "The bucket of {url} is in region {region}; set EGOETL_S3_REGION to it."
_ENCRYPTION = "S3 does not encrypt as asked in {url} ({code}: {message}); check EGOETL_S3_ENCRYPTION and EGOETL_S3_KMS_KEY."
_REFUSALS: dict[str, tuple[str, str]] = {
    "NoSuchBucket": ("store_bucket_missing", "There is no bucket for {url} at {endpoint}; make it, or correct EGOETL_STORE_URL."),
    **dict.fromkeys(("AccessDenied", "AllAccessDisabled", "403", "Forbidden"), ("store_access_denied", _DENIED)),
    **dict.fromkeys(
        ("ExpiredToken", "InvalidAccessKeyId", "InvalidToken", "SignatureDoesNotMatch", "TokenRefreshRequired"),
        ("store_credentials_refused", _REFUSED_CREDENTIALS),
    ),
    **dict.fromkeys(
        ("301", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "PermanentRedirect"),
        ("store_region_wrong", _WRONG_REGION),
    ),
    "RequestTimeTooSkewed": ("clock_differs", "This machine's clock is not that of S3 at {endpoint}; have it set by NTP."),
    "QuotaExceeded": ("store_full", "The quota of {url} is used up; raise it, or free some: `egoetl store gc` lists what nobody needs."),
    **dict.fromkeys(
        ("InvalidEncryptionAlgorithmError", "ServerSideEncryptionConfigurationNotFoundError"), ("store_encryption_refused", _ENCRYPTION)
    ),
}
_NOT_UNDERSTOOD = {"InvalidArgument", "InvalidRequest", "NotImplemented"}
_WRITES = {"CreateMultipartUpload", "PutObject"}


def code_of(error: Exception) -> str:
    """S3's code of an error; empty for one that is not S3's own."""
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""


def is_away(error: Exception) -> bool:
    """Whether it says that the server is away, overloaded, or lost the connection."""
    if isinstance(error, boto.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return False
    if not isinstance(error, ClientError):
        return isinstance(error, _CONNECTION)
    status = _metadata(error).get("HTTPStatusCode", 0)
    return code_of(error) in _PASSING or status == 429 or (status >= 500 and status not in _NOT_PASSING)


def words(error: Exception) -> str:
    """What happened, in one line without an address's query."""
    if isinstance(error, ClientError):
        return f"{error.operation_name}: {code_of(error)}"
    return type(error).__name__.removesuffix("Error")


def translated(error: Exception, place: Place, waited_seconds: float) -> EgoetlError:
    """The error as egoetl names it."""
    if is_away(error):
        return TryAgainError(
            f"The store {place.url} was away for {waited_seconds:.0f} s ({words(error)}) at {place.endpoint}; "
            "start it, then run the same command again.",
            reason="store_away",
        )
    if isinstance(error, ClientError):
        return _refusal(error, place)
    if isinstance(error, _NO_CREDENTIALS):
        return ConfigError(
            f"There are no credentials for {place.url} ({words(error)}); give them as AWS does, such as AWS_ACCESS_KEY_ID or a role.",
            reason="store_credentials_missing",
        )
    if isinstance(error, boto.SSLError):
        return ConfigError(
            f"The certificate of {place.endpoint} cannot be trusted; name its authority in EGOETL_S3_CA_BUNDLE.",
            reason="store_untrusted",
        )
    return ConfigError(f"S3 at {place.endpoint} cannot be asked ({error}); check the settings of docs/s3.md.", reason="store_refused")


def _refusal(error: ClientError, place: Place) -> EgoetlError:
    code, region = code_of(error), _metadata(error).get("HTTPHeaders", {}).get("x-amz-bucket-region")
    reason, sentence = _REFUSALS.get(code, ("store_refused", "S3 answers {operation} in {url} with {code}: {message}; see docs/s3.md."))
    if code == "400" and region:  # a HEAD in a wrong region has no body to say so
        reason, sentence = "store_region_wrong", _WRONG_REGION
    elif code.startswith("KMS.") or (place.encryption != "bucket" and code in _NOT_UNDERSTOOD and error.operation_name in _WRITES):
        reason, sentence = "store_encryption_refused", _ENCRYPTION
    message = str(error.response.get("Error", {}).get("Message", "")).rstrip(".")
    known = {"code": code, "message": message, "operation": error.operation_name, "region": region or "another", **place._asdict()}
    return ConfigError(sentence.format(**known), reason=reason)


def _metadata(error: ClientError) -> dict[str, Any]:
    return dict(error.response.get("ResponseMetadata", {}))
