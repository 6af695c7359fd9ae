"""What a folder adds: crashes, links, damage."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from egoetl.core.errors import ConfigError, DataError
from egoetl.core.ports import FirstWrites
from egoetl.core.settings import Settings
from egoetl.storage.local import LocalStore
from egoetl.storage.open import open_store

WRITER = """
import sys
from pathlib import Path
from egoetl.storage.local import LocalStore

class Slow:
    def __init__(self): self.blocks = 0
    def read(self, size):
        self.blocks += 1
        if self.blocks == 4:
            print("in the middle", flush=True)
            import time; time.sleep(60)
        return b"x" * size
    def __enter__(self): return self
    def __exit__(self, *_): return None

class File:
    def open(self, mode): return Slow()

LocalStore(Path(sys.argv[1])).put_file("videos", File(), suffix=".mp4", media_type="video/mp4")
"""


def test_a_killed_writer_leaves_nothing_that_shows(tmp_path: Path):
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    with writer.stdout:
        assert writer.stdout.readline() == "in the middle\n"
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    store = LocalStore(tmp_path)
    assert list(store.paths()) == []
    (name,) = store.unfinished(-1, discard=False)
    leftover = tmp_path / name
    assert leftover.stat().st_size > 0
    assert store.unfinished(3600, discard=True) == []
    os.utime(leftover, (time.time() - 7200,) * 2)
    assert store.unfinished(3600, discard=True) == [name]
    assert not leftover.exists()


def test_a_finished_write_leaves_nothing_behind(tmp_path: Path):
    store = LocalStore(tmp_path)
    store.put_bytes("qa", b"x", suffix=".bin", media_type="x")
    store.create("qa/a", b"x")
    assert not store.create("qa/a", b"y")
    assert store.unfinished(-1, discard=False) == []


def test_another_size_under_a_content_name_is_damage(tmp_path: Path):
    store = LocalStore(tmp_path)
    artifact = store.put_bytes("qa", b"hello", suffix=".bin", media_type="x")
    store.local(artifact).chmod(0o644)
    store.local(artifact).write_bytes(b"hell")
    source = tmp_path.parent / "source"
    source.write_bytes(b"hello")
    asks = (
        lambda: store.put_bytes("qa", b"hello", suffix=".bin", media_type="x"),
        lambda: store.put_file("qa", source, suffix=".bin", media_type="x"),
        lambda: store.local(artifact),
    )
    for ask in asks:
        with pytest.raises(DataError) as caught:
            ask()
        assert caught.value.reason == "artifact_corrupt"


def test_a_link_out_of_the_store_is_not_followed(tmp_path: Path):
    root, outside = tmp_path / "store", tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"secret")
    store = LocalStore(root)
    store.create("qa/a", b"x")
    (root / "link").symlink_to(outside)
    for ask in (lambda: store.read("link/secret"), lambda: store.create("link/new", b"x")):
        with pytest.raises(DataError) as caught:
            ask()
        assert caught.value.reason == "path_escapes_root"
    assert sorted(file.name for file in outside.iterdir()) == ["secret"]


def test_a_root_may_itself_be_a_link(tmp_path: Path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    store = LocalStore(tmp_path / "link")
    assert store.create("qa/a", b"x")
    assert list(store.paths()) == ["qa/a"]


def test_kept_files_are_read_only(tmp_path: Path):
    store = LocalStore(tmp_path)
    artifact = store.put_bytes("qa", b"hello", suffix=".bin", media_type="x")
    assert store.local(artifact).stat().st_mode & 0o222 == 0


def no_claims() -> FirstWrites:
    pytest.fail("a folder decides by itself who creates a path")


def test_an_address_opens_a_folder(tmp_path: Path):
    folder = tmp_path / "a store"
    store = open_store(Settings(store_url=folder.as_uri()), no_claims)
    store.create("qa/a", b"x")
    assert (folder / "qa" / "a").read_bytes() == b"x"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("gs://bucket/x", "store_scheme_unknown"),
        ("/tmp/x", "store_scheme_unknown"),
        ("file://host/x", "store_url_invalid"),
        ("file:x", "store_url_invalid"),
        ("file:///x?y", "store_url_invalid"),
    ],
)
def test_other_addresses_are_refused(url: str, reason: str):
    with pytest.raises(ConfigError) as caught:
        open_store(Settings(store_url=url), no_claims)
    assert caught.value.reason == reason
    assert "file:///" in str(caught.value)
