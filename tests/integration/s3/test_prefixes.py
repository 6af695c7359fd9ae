"""A store sees what is below its prefix and nothing else, page by page."""

import pytest

from egoetl.storage.s3_bucket import S3Bucket

pytestmark = pytest.mark.needs("radosgw")


@pytest.fixture
def bucket(radosgw) -> str:
    return radosgw.make_bucket()


def test_stores_whose_prefixes_look_alike_do_not_see_each_other(open_s3, radosgw, bucket: str) -> None:
    stores = {prefix: open_s3(radosgw, f"s3://{bucket}/{prefix}") for prefix in ("a", "ab", "a/b", "A")}
    for prefix, store in stores.items():
        assert store.create("qa/x", prefix.encode())
    assert [list(store.paths()) for store in (stores["ab"], stores["A"], stores["a/b"])] == [["qa/x"]] * 3
    stores["a"].delete("qa/x")
    assert list(stores["a"].paths()) == ["b/qa/x"]
    assert [stores[prefix].read("qa/x") for prefix in ("ab", "a/b", "A")] == [b"ab", b"a/b", b"A"]


def test_a_store_may_have_a_whole_bucket(open_s3, radosgw, bucket: str) -> None:
    store = open_s3(radosgw, f"s3://{bucket}")
    store.create("qa/x", b"x")
    assert list(store.paths()) == ["qa/x"]
    assert store.url("qa/x") == f"s3://{bucket}/qa/x"


def test_what_others_put_there_under_names_of_their_own_is_left_alone(open_s3, radosgw, bucket: str) -> None:
    store = open_s3(radosgw, f"s3://{bucket}/a")
    for key in ("a/", "a/.hidden", "a/qa//x", "a/qa/", "a/../x"):
        radosgw.client().put_object(Bucket=bucket, Key=key, Body=b"theirs")
    store.create("qa/x", b"ours")
    assert list(store.paths()) == ["qa/x"]
    assert list(store.paths("qa")) == ["qa/x"]


def test_a_listing_goes_over_pages(open_s3, radosgw, bucket: str) -> None:
    store = open_s3(radosgw, f"s3://{bucket}/a")
    names = [f"qa/{number:02}" for number in range(8)]
    for name in reversed(names):
        store.create(name, name.encode())
    store.bucket = S3Bucket(store.bucket.client, store.bucket.address, store.bucket.patience, {}, page=3)
    assert list(store.paths()) == names
    assert [each.size_bytes for each in store.listing("qa")] == [5] * 8


def test_a_probe_leaves_nothing(open_s3, radosgw, bucket: str) -> None:
    store = open_s3(radosgw, f"s3://{bucket}/a")
    assert store.creates_by_server
    assert radosgw.client().list_objects_v2(Bucket=bucket)["KeyCount"] == 0
