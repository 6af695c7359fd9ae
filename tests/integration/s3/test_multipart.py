"""Large files: whole when they are complete, and nothing that shows before."""

import hashlib
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from egoetl.core.errors import DataError
from egoetl.core.records import Artifact
from egoetl.storage.s3_multipart import upload_in_parts

pytestmark = pytest.mark.slow

WRITER = """
import sys
from pathlib import Path
from egoetl.core.settings import Settings
from egoetl.storage.s3 import S3Store

class Slow:
    def __init__(self, file): self.file = file
    def read(self, size=-1):
        block = self.file.read(size)
        if self.file.tell() > 10_000_000:
            print("in the middle", flush=True)
            import time; time.sleep(60)
        return block

from egoetl.core.records import Artifact
from egoetl.storage.s3_multipart import upload_in_parts
store = S3Store.open(Settings(store_url=sys.argv[1]), None)
artifact = Artifact(sha256="0" * 64, size_bytes=11_000_000, path="videos/large.bin", media_type="x")
with open(sys.argv[2], "rb") as file:
    upload_in_parts(store.bucket, artifact, Slow(file), part_bytes=5 << 20)
"""


@pytest.mark.needs("radosgw")
def test_a_large_file_comes_back(open_s3, radosgw, large_file: Path) -> None:
    store = open_s3(radosgw)
    artifact = store.put_file("videos", large_file, suffix=".mp4", media_type="video/mp4")
    assert artifact.sha256 == hashlib.sha256(large_file.read_bytes()).hexdigest()
    assert store.sha256(artifact.path) == artifact.sha256
    assert store.read_range(artifact.path, 10_999_990, 100) == large_file.read_bytes()[-10:]
    assert store.put_file("videos", large_file, suffix=".mp4", media_type="video/mp4") == artifact
    assert list(store.paths()) == [artifact.path]
    head = radosgw.client().head_object(Bucket=store.bucket.address.bucket, Key=store.bucket.address.key(artifact.path))
    assert (head["ContentType"], head["ETag"].strip('"').endswith("-3")) == ("video/mp4", True)


@pytest.mark.needs("radosgw")
def test_a_file_that_changes_while_it_is_sent_leaves_nothing(open_s3, radosgw, large_file: Path) -> None:
    store = open_s3(radosgw)
    artifact = Artifact(sha256="0" * 64, size_bytes=11_000_000, path="videos/large.bin", media_type="x")
    with large_file.open("rb") as source, pytest.raises(DataError) as caught:
        upload_in_parts(store.bucket, artifact, source, part_bytes=5 << 20)
    assert caught.value.reason == "file_changed"
    assert list(store.paths()) == []
    assert store.unfinished(-1, discard=False) == []


@pytest.mark.needs("radosgw")
def test_a_killed_writer_leaves_an_upload_that_is_found_and_ended(open_s3, radosgw, large_file: Path) -> None:
    bucket = radosgw.make_bucket()
    store, neighbour = open_s3(radosgw, f"s3://{bucket}/a"), open_s3(radosgw, f"s3://{bucket}/ab")
    command = [sys.executable, "-c", WRITER, f"s3://{bucket}/a", str(large_file)]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    with writer.stdout:
        assert writer.stdout.readline() == "in the middle\n"
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    assert list(store.paths()) == []
    (left,) = store.unfinished(-1, discard=False)
    assert left.startswith("videos/large.bin (upload ")
    assert neighbour.unfinished(-1, discard=True) == []
    assert store.unfinished(3600, discard=True) == []
    assert store.unfinished(-1, discard=True) == [left]
    assert store.unfinished(-1, discard=False) == []
