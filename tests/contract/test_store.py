"""What every store promises, asked of the local folder, of the fake, and of S3 on two servers and with claims."""

import hashlib
import threading
from pathlib import Path

import pytest

from egoetl.core.errors import DataError
from egoetl.core.ports import Store
from egoetl.core.records import Drop, Window
from egoetl.storage.local import LocalStore
from egoetl.storage.parts import PartReader, write_part
from egoetl.testing.store import MemoryStore

ESCAPES = ["/etc/passwd", "../secret", "qa/../../secret", "qa//x", "", ".", "qa/.", ".tmp/x", "qa\0x", "..", "qa\\..\\x"]


@pytest.fixture(
    params=[
        "local",
        "memory",
        pytest.param("moto", marks=pytest.mark.slow),
        pytest.param("claims", marks=pytest.mark.slow),
        pytest.param("radosgw", marks=pytest.mark.needs("radosgw")),
    ],
)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """`claims` is an S3 server that does not look at If-None-Match, with the lineage database beside it."""
    match request.param:
        case "local":
            return LocalStore(tmp_path / "store")
        case "memory":
            return MemoryStore(tmp_path / "copies")
        case server:
            return request.getfixturevalue(f"store_on_{server}")


def put(store: Store, data: bytes):
    return store.put_bytes("captions", data, suffix=".bin", media_type="application/octet-stream")


def test_bytes_are_named_by_their_content(store: Store):
    artifact = put(store, b"hello")
    sha256 = hashlib.sha256(b"hello").hexdigest()
    assert artifact.path == f"captions/{sha256[:2]}/{sha256}.bin"
    assert (artifact.sha256, artifact.size_bytes) == (sha256, 5)
    assert store.read(artifact.path) == b"hello"
    assert store.local(artifact).read_bytes() == b"hello"


def test_equal_bytes_are_kept_once(store: Store):
    assert put(store, b"hello") == put(store, b"hello")
    assert len(list(store.paths())) == 1


def test_a_file_is_kept_like_its_bytes(store: Store, tmp_path: Path):
    file = tmp_path / "a.bin"
    file.write_bytes(b"x" * 3_000_000)
    artifact = store.put_file("captions", file, suffix=".bin", media_type="application/octet-stream")
    assert artifact == put(store, b"x" * 3_000_000)
    assert file.read_bytes() == store.read(artifact.path)


def test_create_writes_once_and_says_who_wrote(store: Store):
    assert store.create("versions/a/manifest.json", b"first")
    assert not store.create("versions/a/manifest.json", b"second")
    assert not store.create("versions/a/manifest.json", b"first")
    assert store.read("versions/a/manifest.json") == b"first"


def test_of_32_writers_one_wins(store: Store):
    barrier, won = threading.Barrier(32), []

    def write(number: int) -> None:
        barrier.wait()
        if store.create("versions/a/manifest.json", b"%d" % number):
            won.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert store.read("versions/a/manifest.json") == b"%d" % won[0]


def test_paths_lie_below_a_folder_in_order(store: Store):
    for path in ["qa/b", "qa/a-b", "qa/a/b", "qab/x", "mcg/x"]:
        store.create(path, b"x")
    assert list(store.paths("qa")) == ["qa/a-b", "qa/a/b", "qa/b"]
    assert list(store.paths("qa/")) == list(store.paths("qa"))
    assert list(store.paths()) == ["mcg/x", "qa/a-b", "qa/a/b", "qa/b", "qab/x"]
    assert list(store.paths("none")) == []


def test_a_listing_has_sizes_and_ages(store: Store):
    store.create("qa/a", b"four")
    (kept,) = store.listing("qa")
    assert (kept.path, kept.size_bytes) == ("qa/a", 4)
    assert 0 <= kept.age_seconds < 60
    assert list(store.listing("none")) == []


def test_what_is_missing_says_so(store: Store):
    artifact = put(store, b"hello")
    store.delete(artifact.path)
    store.delete(artifact.path)
    assert not store.exists(artifact.path)
    path = artifact.path
    for ask in (
        lambda: store.read(path),
        lambda: store.read_range(path, 0, 1),
        lambda: store.sha256(path),
        lambda: store.local(artifact),
        lambda: store.link(path, 60),
    ):
        with pytest.raises(DataError) as caught:
            ask()
        assert caught.value.reason == "artifact_missing"


@pytest.mark.parametrize("path", ESCAPES)
def test_no_path_leaves_the_store(store: Store, path: str):
    for ask in (lambda: store.read(path), lambda: store.create(path, b"x"), lambda: store.exists(path), lambda: store.delete(path)):
        with pytest.raises(DataError) as caught:
            ask()
        assert caught.value.reason == "path_escapes_root"


def test_a_person_gets_an_address(store: Store):
    artifact = put(store, b"hello")
    assert store.url(artifact.path).endswith("/" + artifact.path)
    assert "://" in store.url(artifact.path)


def test_a_range_is_cut_at_the_end(store: Store):
    artifact = put(store, b"0123456789")
    wanted = [(0, 4), (3, 1), (8, 5), (0, 100), (10, 1), (50, 2)]
    assert [store.read_range(artifact.path, *each) for each in wanted] == [b"0123", b"3", b"89", b"0123456789", b"", b""]


def test_the_sha256_is_that_of_the_bytes_and_not_of_the_name(store: Store):
    store.create("captions/ab/" + "ab" * 32, b"hello")
    assert store.sha256("captions/ab/" + "ab" * 32) == hashlib.sha256(b"hello").hexdigest()


def test_a_path_that_was_deleted_may_be_written_again(store: Store):
    assert store.create("versions/a/manifest.json", b"first")
    store.delete("versions/a/manifest.json")
    assert store.create("versions/a/manifest.json", b"second")
    assert store.read("versions/a/manifest.json") == b"second"


def test_a_local_file_of_other_bytes_says_so(store: Store):
    artifact = put(store, b"hello")
    longer = artifact.model_copy(update={"size_bytes": 6, "sha256": "0" * 64})
    with pytest.raises(DataError) as caught:
        store.local(longer)
    assert caught.value.reason == "artifact_corrupt"


def test_part_rows_come_back(store: Store):
    records = [{"text": f"héllo\n\u2028{number}", "n": number} for number in range(1000)]
    artifact = write_part(store, "captions", records)
    assert artifact.path.endswith(".jsonl.zst")
    assert write_part(store, "captions", [dict(reversed(record.items())) for record in records]) == artifact
    reader = PartReader(store)
    assert [reader.row(artifact.path, row) for row in (0, 999, 500)] == [records[0], records[999], records[500]]


def test_a_part_is_read_once(store: Store):
    reads: list[str] = []

    class Counting(type(store)):
        def read(self, path: str) -> bytes:
            reads.append(path)
            return super().read(path)

    artifact = write_part(store, "captions", [{"n": 0}, {"n": 1}])
    store.__class__ = Counting
    reader = PartReader(store)
    assert [reader.row(artifact.path, row)["n"] for row in (0, 1, 0)] == [0, 1, 0]
    assert reads == [artifact.path]


@pytest.mark.parametrize("damage", [lambda data: data[:-6], lambda data: b"", lambda data: data[:-1] + b"\0", lambda data: data + b"x"])
def test_a_damaged_part_says_so(store: Store, damage):
    artifact = write_part(store, "captions", [{"n": number} for number in range(100)])
    store.create("captions/damaged", damage(store.read(artifact.path)))
    with pytest.raises(DataError) as caught:
        PartReader(store).row("captions/damaged", 0)
    assert caught.value.reason == "part_corrupt"


@pytest.mark.parametrize("row", [-1, 2])
def test_a_row_that_is_not_there_says_so(store: Store, row: int):
    artifact = write_part(store, "captions", [{"n": 0}, {"n": 1}])
    with pytest.raises(DataError) as caught:
        PartReader(store).row(artifact.path, row)
    assert caught.value.reason == "part_corrupt"


def test_a_row_is_read_as_its_type(store: Store):
    artifact = write_part(store, "captions", [Drop(reason="too_dark", detail="mean 3"), Drop(reason="blank")])
    reader = PartReader(store)
    assert reader.record(artifact.path, 1, Drop) == Drop(reason="blank")
    assert reader.line(artifact.path, 0) == b'{"detail":"mean 3","reason":"too_dark"}'
    with pytest.raises(DataError) as caught:
        reader.record(artifact.path, 0, Window)
    assert caught.value.reason == "part_corrupt"
