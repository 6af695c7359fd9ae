"""What reading by range saves, and that it changes no result."""

from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from egoetl.algorithms.digest import sha256_of_file
from egoetl.core.records import Video
from egoetl.core.settings import Settings
from egoetl.core.sources import MediaFile, SourceDigest
from egoetl.media.encode import write_video
from egoetl.media.pyav_media import PyAvMedia
from egoetl.runner.sources import SourceVideos
from egoetl.storage.sources.open import open_source
from egoetl.testing.ledger import MemoryLedger
from egoetl.testing.s3_server import S3Server
from egoetl.testing.tcp_proxy import TcpProxy
from egoetl.testing.videos import tones

pytestmark = pytest.mark.slow

SECONDS = 60
MEDIA = PyAvMedia()


@pytest.fixture(scope="module", params=["mp4", "mkv"])
def long_video(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 s in some 20 MB: noise, a key frame every four seconds, and sound beside it."""
    file = tmp_path_factory.mktemp("long") / f"long.{request.param}"
    noise = np.random.default_rng(1)
    frames = ((number, noise.integers(0, 256, (144, 192, 3), np.uint8)) for number in range(8 * SECONDS))
    sound = tones(SECONDS, 16_000, 1)
    write_video(file, frames, size=(192, 144), rate=Fraction(8), gop=32, crf=8, preset="ultrafast", sound=sound, sound_rate=16_000)
    return file


class Bench:
    """The long video on S3 behind a proxy that counts bytes, as a shard sees it whose clips end at a time."""

    def __init__(self, video: Path, server: S3Server, proxy: TcpProxy, monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
        for name, value in server.at(proxy.endpoint).environment().items():
            monkeypatch.setenv(name, value)
        self.proxy, self.file = proxy, video
        self.sha256, self.size = sha256_of_file(video), video.stat().st_size
        bucket = server.make_bucket()
        server.client().upload_file(str(video), bucket, video.name)
        self.root = open_source(f"s3://{bucket}", Settings(video_cache=cache, patience_seconds=20))
        self.ledger = MemoryLedger()

    def is_known(self) -> None:
        """Somebody has read the object as it is."""
        found = self.root.look(self.file.name)
        assert found is not None
        self.ledger.keep_source_digest(
            SourceDigest(address=found.address, stamp=found.stamp, size_bytes=found.size_bytes, sha256=self.sha256)
        )

    def videos(self, until_ms: int) -> SourceVideos:
        return SourceVideos(self.root, {self.sha256: self.file.name}, digests=self.ledger, until_ms={self.sha256: until_ms})

    @property
    def share(self) -> float:
        """Bytes that came so far, of the video's."""
        return self.proxy.carried_bytes / self.size


@pytest.fixture
def bench(long_video: Path, moto: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    host, _, port = moto.endpoint.removeprefix("http://").partition(":")
    with TcpProxy(host, int(port)) as proxy:
        bench = Bench(long_video, moto.at(moto.endpoint), proxy, monkeypatch, tmp_path / "cache")
        yield bench


def window(file: MediaFile, start_ms: int, end_ms: int, folder: Path) -> tuple[bytes, bytes]:
    """What the stages split and frames make of a window."""
    folder.mkdir()
    MEDIA.extract_sound(file, start_ms, end_ms, folder / "sound.flac", rate_hz=16_000)
    grid = tuple(range(start_ms, end_ms, 1000))
    MEDIA.sample(file, start_ms, end_ms, folder / "sound.flac", folder / "clip.mkv", grid_ms=grid, max_side=160)
    return (folder / "sound.flac").read_bytes(), (folder / "clip.mkv").read_bytes()


def test_a_known_video_is_probed_and_its_early_window_cut_with_a_share_of_its_bytes(bench: Bench, tmp_path: Path) -> None:
    bench.is_known()
    videos, held = bench.videos(6_000), ExitStack()
    with held:
        assert videos.sha256(bench.file.name) == bench.sha256
        probed = MEDIA.probe(videos.open(bench.file.name, held), sha256=bench.sha256)
        assert probed == MEDIA.probe(bench.file, sha256=bench.sha256)
        assert window(videos.of(probed, held), 1000, 6_000, tmp_path / "range") == window(bench.file, 1000, 6_000, tmp_path / "local")
    assert bench.share < 0.6


def test_a_window_late_in_the_video_is_cut_from_a_whole_copy(bench: Bench, tmp_path: Path) -> None:
    bench.is_known()
    probed: Video = MEDIA.probe(bench.file, sha256=bench.sha256)
    videos, held = bench.videos(58_000), ExitStack()
    with held:
        file = videos.of(probed, held)
        assert isinstance(file, Path)
        assert window(file, 53_000, 58_000, tmp_path / "whole") == window(bench.file, 53_000, 58_000, tmp_path / "local")
    assert 1 < bench.share < 1.05


def test_bytes_that_nobody_has_read_are_read_whole_and_known_from_then_on(bench: Bench) -> None:
    videos = bench.videos(6_000)
    assert videos.sha256(bench.file.name) == bench.sha256
    assert 1 < bench.share < 1.05
    assert videos.sha256(bench.file.name) == bench.sha256
    assert bench.share < 1.05
