"""Addresses on S3, and what must not stand in one."""

import pytest

from egoetl.core.errors import ConfigError
from egoetl.core.settings import Settings, load_settings
from egoetl.storage.s3_address import S3Address


@pytest.mark.parametrize(
    ("url", "base"), [("s3://bucket", ""), ("s3://bucket/", ""), ("s3://bucket/a", "a/"), ("s3://bucket/a/b/", "a/b/")]
)
def test_an_address_names_bucket_and_prefix(url: str, base: str):
    address = S3Address.parse(url)
    assert (address.bucket, address.base) == ("bucket", base)
    assert address.path(address.key("qa/x")) == "qa/x"
    assert address.url("qa/x") == f"s3://bucket/{base}qa/x"


@pytest.mark.parametrize(
    "url", ["s3://", "s3:///a", "s3://b", "s3://bucket/a?x=1", "s3://bucket/a#b", "s3://bucket/../x", "s3://bucket/a//b", "s3://bucket/.a"]
)
def test_other_addresses_are_refused(url: str):
    with pytest.raises(ConfigError) as caught:
        S3Address.parse(url)
    assert caught.value.reason == "store_url_invalid"


def test_a_key_in_an_address_is_refused_and_not_repeated():
    with pytest.raises(ConfigError) as caught:
        S3Address.parse("s3://AKIAEXAMPLE:verysecret@bucket/a")
    assert "verysecret" not in str(caught.value)


def test_an_endpoint_holds_no_key(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("EGOETL_S3_ENDPOINT", "https://user:verysecret@host")
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert "verysecret" not in str(caught.value)
    assert Settings(s3_endpoint="http://127.0.0.1:9000").s3_endpoint == "http://127.0.0.1:9000"
