"""A writer that claimed a path and died: what the next one does, on a server without conditional writes."""

import hashlib

import pytest

from egoetl.core.errors import TryAgainError
from egoetl.core.ports import FirstWrites
from egoetl.storage.s3 import S3Store

pytestmark = pytest.mark.slow

PATH = "versions/a/manifest.json"


@pytest.fixture
def impatient(store_on_claims: S3Store) -> S3Store:
    """It waits half a second for another writer."""
    store_on_claims.bucket.patience.seconds = 0.5
    return store_on_claims


def test_equal_bytes_are_written_for_a_writer_that_died(impatient: S3Store, first_writes: FirstWrites) -> None:
    first_writes.claim(impatient.url(PATH), hashlib.sha256(b"ours").hexdigest())
    assert not impatient.create(PATH, b"ours")
    assert impatient.read(PATH) == b"ours"


def test_other_bytes_wait_for_a_writer_that_may_be_alive(impatient: S3Store, first_writes: FirstWrites) -> None:
    first_writes.claim(impatient.url(PATH), hashlib.sha256(b"theirs").hexdigest())
    with pytest.raises(TryAgainError) as caught:
        impatient.create(PATH, b"ours")
    assert caught.value.reason == "path_claimed"
    assert not impatient.exists(PATH)


def test_other_bytes_take_the_place_of_a_claim_that_is_an_hour_old(
    impatient: S3Store, first_writes: FirstWrites, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("egoetl.storage.s3_create._LEAST_VOID_SECONDS", 0.0)
    impatient.bucket.patience.seconds = 0.0
    first_writes.claim(impatient.url(PATH), hashlib.sha256(b"theirs").hexdigest())
    assert impatient.create(PATH, b"ours")
    assert impatient.read(PATH) == b"ours"
