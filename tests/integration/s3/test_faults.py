"""What networks and busy servers do to single requests."""

import logging
import time

import pytest

from egoetl.core.errors import DataError, TryAgainError

pytestmark = pytest.mark.needs("radosgw")


def test_an_upload_that_is_cut_is_sent_again(open_s3, proxied, proxy, large_file) -> None:
    store = open_s3(proxied)
    proxy.cut_after(6_000_000)
    artifact = store.put_file("videos", large_file, suffix=".bin", media_type="x")
    assert proxy.cuts == 1
    assert store.read(artifact.path) == large_file.read_bytes()
    assert store.unfinished(-1, discard=False) == []


def test_a_download_that_is_cut_goes_on_where_it_ended(open_s3, proxied, proxy, large_file) -> None:
    artifact = open_s3(proxied).put_file("videos", large_file, suffix=".bin", media_type="x")
    elsewhere = open_s3(proxied, url=f"s3://{_bucket(artifact, proxied)}/nights")
    before = proxy.carried_bytes
    proxy.cut_after(8_000_000, answers=True)
    assert elsewhere.local(artifact).read_bytes() == large_file.read_bytes()
    assert proxy.cuts == 1
    assert proxy.carried_bytes - before < 1.5 * artifact.size_bytes


def _bucket(artifact, server) -> str:
    """The one bucket that holds the artifact."""
    client = server.client()
    names = [each["Name"] for each in client.list_buckets()["Buckets"]]
    (found,) = [name for name in names if client.list_objects_v2(Bucket=name, Prefix=f"nights/{artifact.path}")["KeyCount"]]
    return found


def test_a_storm_of_503_is_waited_out(open_s3, proxied, proxy, caplog: pytest.LogCaptureFixture) -> None:
    store = open_s3(proxied)
    proxy.answer_503(times=12)
    with caplog.at_level(logging.WARNING):
        store.create("qa/a", b"x")
    assert proxy.answered_503 == 12
    assert store.read("qa/a") == b"x"
    assert "is away (HeadObject: 503); waiting up to 60 s." in caplog.text
    assert "answers again" in caplog.text


def test_a_storm_that_outlasts_patience_is_to_be_tried_again(open_s3, proxied, proxy) -> None:
    store = open_s3(proxied, patience_seconds=0.5)
    proxy.answer_503(times=10_000)
    with pytest.raises(TryAgainError) as caught:
        store.read("qa/a")
    assert caught.value.reason == "store_away"


def test_a_server_that_does_not_listen_is_to_be_tried_again(open_s3, proxied, proxy) -> None:
    store = open_s3(proxied, patience_seconds=0.5)
    proxy.refusing = True
    began = time.monotonic()
    with pytest.raises(TryAgainError) as caught:
        store.exists("qa/a")
    assert caught.value.reason == "store_away"
    assert time.monotonic() - began >= 0.5


def test_who_wrote_first_is_known_although_the_answer_was_lost(open_s3, proxied, proxy) -> None:
    store = open_s3(proxied)
    assert store.creates_by_server
    assert not store.exists("qa/a")
    answered = len(b"HTTP/1.1 404 Not Found\r\n")
    proxy.cut_after(_size_of_a_404(store, proxy) + answered, answers=True)
    assert store.create("qa/a", b"mine")
    assert proxy.cuts == 1
    assert not store.create("qa/a", b"mine")


def _size_of_a_404(store, proxy) -> int:
    """How many bytes the server answers to a HEAD of nothing."""
    sizes = []
    for _ in range(2):  # the request's own bytes count too, and are the same
        before = proxy.answered_bytes
        store.exists("qa/a")
        sizes.append(proxy.answered_bytes - before)
    return sizes[-1]


def test_bytes_that_were_changed_are_never_handed_out(open_s3, radosgw) -> None:
    store = open_s3(radosgw)
    artifact = store.put_bytes("captions", b"hello", suffix=".bin", media_type="x")
    address = store.bucket.address
    radosgw.client().put_object(Bucket=address.bucket, Key=address.key(artifact.path), Body=b"hellO")
    for _ in range(2):
        with pytest.raises(DataError) as caught:
            store.local(artifact)
        assert caught.value.reason == "artifact_corrupt"
    assert store.sha256(artifact.path) != artifact.sha256
