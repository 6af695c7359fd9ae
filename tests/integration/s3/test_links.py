"""Addresses that carry a permission with them."""

import logging
import urllib.error
import urllib.request

import pytest

pytestmark = pytest.mark.needs("radosgw")


def fetched(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=60) as answer:
        return answer.read()


def test_a_link_reads_one_file_without_keys(open_s3, radosgw, caplog: pytest.LogCaptureFixture) -> None:
    store = open_s3(radosgw)
    store.create("qa/a", b"hello")
    with caplog.at_level(logging.INFO):
        link = store.link("qa/a", 600)
    assert fetched(link) == b"hello"
    assert "X-Amz-Expires=600" in link
    assert "Signature" not in caplog.text
    for changed in (link.replace("qa/a", "qa/b"), link.replace("Expires=600", "Expires=601"), link.partition("?")[0]):
        with pytest.raises(urllib.error.HTTPError) as caught:
            fetched(changed)
        caught.value.close()
        assert caught.value.code == 403


def test_a_link_is_printed_for_a_path_or_an_address(tiny, s3_url, radosgw) -> None:
    tiny.extra.update(radosgw.environment() | {"EGOETL_STORE_URL": f"{s3_url}/nights"})
    radosgw.client().put_object(Bucket=s3_url.removeprefix("s3://"), Key="nights/qa/a", Body=b"hello")
    given = tiny.run("store", "link", f"{s3_url}/nights/qa/a")
    assert fetched(given.stdout.strip()) == b"hello"
    assert given.stderr == ""
    told = tiny.json("store", "link", "qa/a", "--hours", "2")
    assert (told["path"], told["seconds"]) == ("qa/a", 7200)
    assert fetched(told["link"]) == b"hello"
    assert "is not there" in tiny.run("store", "link", "qa/b", code=65).stderr
