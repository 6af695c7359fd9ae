"""What every source of videos promises, asked of a folder and of S3 on two servers."""

import hashlib
import os
import resource
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from egoetl.core.errors import ConfigError, DataError, TryAgainError
from egoetl.core.settings import Settings
from egoetl.core.sources import SourceFile, SourceRoot
from egoetl.storage.sources.blocks import BLOCK_BYTES
from egoetl.storage.sources.open import open_source
from egoetl.testing.s3_server import S3Server
from egoetl.testing.tcp_proxy import TcpProxy

LARGE = b"".join(number.to_bytes(4) for number in range(10 * BLOCK_BYTES // 4)) + b"the end"


@dataclass
class Source:
    """A root, and a way to put bytes below it."""

    root: SourceRoot
    put: Callable[[str, bytes], object]

    def find(self, path: str) -> SourceFile:
        found = self.root.look(path)
        assert found is not None
        return found


def on_s3(server: S3Server, monkeypatch: pytest.MonkeyPatch, cache: Path, gigabytes: float = 1.0, proxy: str | None = None) -> Source:
    for name, value in (server.at(proxy) if proxy else server).environment().items():
        monkeypatch.setenv(name, value)
    bucket, client = server.make_bucket(), server.client()
    settings = Settings(video_cache=cache, video_cache_gigabytes=gigabytes, patience_seconds=20)
    client.put_object(Bucket=bucket, Key="elsewhere.mp4", Body=b"outside")

    def put(path: str, data: bytes) -> object:
        return client.put_object(Bucket=bucket, Key=f"videos/{path}", Body=data)

    return Source(open_source(f"s3://{bucket}/videos", settings), put)


@pytest.fixture(
    params=["folder", pytest.param("moto", marks=pytest.mark.slow), pytest.param("radosgw", marks=pytest.mark.needs("radosgw"))]
)
def source(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    if request.param != "folder":
        return on_s3(request.getfixturevalue(request.param), monkeypatch, tmp_path / "cache")
    folder = tmp_path / "videos"
    folder.mkdir()

    def put(path: str, data: bytes) -> None:
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(data)
        os.utime(folder / path, ns=(len(data), len(data)))  # another time of change, however quick the test is

    return Source(open_source(str(folder), Settings()), put)


@pytest.fixture
def cached(moto: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[tuple[Source, TcpProxy]]:
    """S3 through a proxy that counts bytes, with a cache of 15 MB."""
    host, _, port = moto.endpoint.removeprefix("http://").partition(":")
    with TcpProxy(host, int(port)) as proxy:
        yield on_s3(moto, monkeypatch, tmp_path / "cache", 0.015, proxy.endpoint), proxy


def test_files_are_listed_by_path_and_found_by_path(source: Source) -> None:
    for name in ("b.mp4", "deep/a.mp4", "a.mp4"):
        source.put(name, name.encode())
    assert [each.path for each in source.root.files()] == ["a.mp4", "b.mp4", "deep/a.mp4"]
    found = source.find("deep/a.mp4")
    assert (found.size_bytes, found.address) == (10, f"{source.root.address}/deep/a.mp4")
    assert source.root.look("c.mp4") is source.root.look("deep") is None


def test_bytes_are_the_same_whole_by_range_and_as_they_are_read(source: Source) -> None:
    source.put("large.mp4", LARGE)
    found, told = source.find("large.mp4"), list[int]()
    sha256 = hashlib.sha256(LARGE).hexdigest()
    with source.root.ranged(found) as file:
        assert (file.is_file(), file.stat().st_size) == (True, len(LARGE))
        with file.open("rb") as stream:
            assert stream.read(10) == LARGE[:10]
            assert stream.seek(-7, os.SEEK_END) == len(LARGE) - 7
            assert (stream.read(), stream.read()) == (b"the end", b"")
            stream.seek(BLOCK_BYTES - 4)
            assert stream.read(8) == LARGE[BLOCK_BYTES - 4 : BLOCK_BYTES + 4]
            stream.seek(0)
            assert hashlib.file_digest(stream, "sha256").hexdigest() == sha256
    assert source.root.digest(found, told.append) == sha256
    assert sum(told) == len(LARGE)
    with source.root.whole(found) as whole:
        assert (whole.sha256, whole.file.read_bytes()) == (sha256, LARGE)


def test_a_file_that_is_replaced_after_it_was_found_is_not_taken_for_it(source: Source) -> None:
    source.put("large.mp4", LARGE)
    found = source.find("large.mp4")
    source.put("large.mp4", LARGE[::-1] + b"more")
    assert source.find("large.mp4").stamp != found.stamp
    with pytest.raises(DataError) as raised:
        source.root.digest(found, lambda _: None)
    assert raised.value.reason == "video_changed"


def test_an_object_replaced_while_it_is_read_by_range_is_never_mixed(cached: tuple[Source, TcpProxy]) -> None:
    source, _ = cached
    source.put("large.mp4", LARGE)
    with source.root.ranged(source.find("large.mp4")) as file, file.open("rb") as stream:
        assert stream.read(4) == LARGE[:4]
        source.put("large.mp4", LARGE[::-1])
        stream.seek(3 * BLOCK_BYTES)
        with pytest.raises(DataError, match="replaced or deleted") as raised:
            stream.read(4)
    assert raised.value.reason == "video_changed"


def test_a_block_is_fetched_once_for_all_readers_and_the_rest_never(cached: tuple[Source, TcpProxy]) -> None:
    source, proxy = cached
    source.put("large.mp4", LARGE)
    found = source.find("large.mp4")
    for _ in range(3):
        with source.root.ranged(found) as file, file.open("rb") as stream:
            stream.seek(3 * BLOCK_BYTES + 5)
            assert stream.read(4) == LARGE[3 * BLOCK_BYTES + 5 :][:4]
    assert BLOCK_BYTES < proxy.carried_bytes < 1.1 * BLOCK_BYTES


def test_four_at_once_fetch_a_video_once(cached: tuple[Source, TcpProxy]) -> None:
    source, proxy = cached
    source.put("large.mp4", LARGE)
    found = source.find("large.mp4")

    def read(_: int) -> bytes:
        with source.root.whole(found) as whole:
            return whole.file.read_bytes()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(read, range(4))) == {LARGE}
    assert proxy.carried_bytes < 1.1 * len(LARGE)


def test_the_cache_keeps_its_bound_but_for_what_is_in_use(cached: tuple[Source, TcpProxy], tmp_path: Path) -> None:
    source, proxy = cached
    for name in "abc":
        source.put(f"{name}.mp4", LARGE + name.encode())

    def kept() -> int:
        return sum(file.stat().st_size for file in (tmp_path / "cache").rglob("*") if file.is_file())

    with source.root.whole(source.find("a.mp4")) as first:
        with source.root.whole(source.find("b.mp4")) as second:
            assert first.file.exists()
            assert second.file.exists()
            assert kept() > 2 * len(LARGE)
        assert first.file.exists()
        assert kept() < 15_000_000
    with source.root.whole(source.find("c.mp4")):
        assert not first.file.exists()
    before = proxy.carried_bytes
    with source.root.whole(source.find("c.mp4")):
        assert proxy.carried_bytes - before < 10_000


def test_a_disk_without_room_is_not_the_videos_trouble(cached: tuple[Source, TcpProxy]) -> None:
    source, _ = cached
    source.put("large.mp4", LARGE)
    found = source.find("large.mp4")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with source.root.ranged(found) as file, file.open("rb") as stream:
        resource.setrlimit(resource.RLIMIT_FSIZE, (BLOCK_BYTES // 2, hard))
        try:
            with pytest.raises(ConfigError, match=r"lower EGOETL_VIDEO_CACHE_GIGABYTES") as by_range:
                stream.read(4)
            with pytest.raises(ConfigError) as whole, source.root.whole(found):
                pass
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert by_range.value.reason == whole.value.reason == "video_cache_full"
        assert stream.read(4) == LARGE[:4]


def test_a_connection_that_is_cut_is_taken_up_where_it_was(cached: tuple[Source, TcpProxy]) -> None:
    source, proxy = cached
    source.put("large.mp4", LARGE)
    found = source.find("large.mp4")
    proxy.cut_after(len(LARGE) // 2, answers=True)
    proxy.answer_503(times=2)
    with source.root.whole(found) as whole:
        assert whole.sha256 == hashlib.sha256(LARGE).hexdigest()
    assert (proxy.cuts, proxy.answered_503) == (1, 2)
    assert proxy.carried_bytes < 1.5 * len(LARGE)


def test_a_server_that_stays_away_is_a_passing_trouble(monkeypatch: pytest.MonkeyPatch, moto: S3Server, tmp_path: Path) -> None:
    source = on_s3(moto, monkeypatch, tmp_path / "cache")
    away = open_source(source.root.address, Settings(s3_endpoint="http://127.0.0.1:9", patience_seconds=0, home=tmp_path))
    with pytest.raises(TryAgainError) as raised:
        away.look("a.mp4")
    assert raised.value.reason == "source_away"


def test_a_bucket_that_is_not_there_says_so(monkeypatch: pytest.MonkeyPatch, moto: S3Server, tmp_path: Path) -> None:
    on_s3(moto, monkeypatch, tmp_path / "cache")
    with pytest.raises(ConfigError) as raised:
        open_source("s3://no-such-bucket/videos", Settings(home=tmp_path)).check()
    assert raised.value.reason == "bucket_missing"


@pytest.mark.needs("radosgw")
def test_what_may_not_be_read_says_so(monkeypatch: pytest.MonkeyPatch, radosgw: S3Server, tmp_path: Path) -> None:
    source = on_s3(radosgw, monkeypatch, tmp_path / "cache")
    source.put("a.mp4", b"a")
    found = source.find("a.mp4")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    stranger = open_source(source.root.address, Settings(home=tmp_path))
    with pytest.raises(ConfigError) as refused:
        stranger.check()
    with pytest.raises(DataError) as denied:
        stranger.look("a.mp4")
    with pytest.raises(ConfigError):
        stranger.digest(found, lambda _: None)
    assert (refused.value.reason, denied.value.reason) == ("s3_refused", "video_unreadable")


def test_a_folder_or_prefix_without_anything_is_a_mistake(monkeypatch: pytest.MonkeyPatch, moto: S3Server, tmp_path: Path) -> None:
    roots = [on_s3(moto, monkeypatch, tmp_path / "cache").root, open_source(str(tmp_path / "nowhere"), Settings())]
    for root in roots:
        with pytest.raises(Exception, match="holds the videos") as raised:
            root.check()
        assert getattr(raised.value, "reason", "") == "no_videos_folder"
