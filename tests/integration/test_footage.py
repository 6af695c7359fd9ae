"""`egoetl footage make`, as a newcomer runs it, and the files that it makes."""

import csv
import json
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

import av
import pytest
from typer.testing import CliRunner, Result

from egoetl.cli.footage import app
from egoetl.footage.maker import GOP, make
from egoetl.footage.reel.index import REEL
from egoetl.footage.truth import FootageTruth, VideoTruth
from egoetl.media.pyav_media import PyAvMedia

pytestmark = pytest.mark.slow

NAMES = [script.name for script in REEL]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["make", *arguments], catch_exceptions=False)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """The whole reel, and what the command said of it."""
    folder = tmp_path_factory.mktemp("footage") / "new"
    return folder, run(str(folder), "--json")


@pytest.fixture(scope="module")
def folder(first: tuple[Path, Result]) -> Path:
    return first[0]


@pytest.fixture(scope="module")
def truth(folder: Path) -> FootageTruth:
    return FootageTruth.model_validate_json((folder / "truth.json").read_bytes())


def test_the_command_says_what_it_made_and_shows_no_progress_to_a_file(first: tuple[Path, Result]) -> None:
    folder, result = first
    said = json.loads(result.stdout)
    assert (sorted(said["made"]), said["reused"]) == (sorted(NAMES), [])
    assert said["size_bytes"] == sum(each.stat().st_size for each in folder.glob("*.mp4")) < 20_000_000
    assert result.stderr == ""


def test_again_it_reuses_everything_and_says_so(folder: Path) -> None:
    before = {each.name: each.stat().st_mtime_ns for each in folder.iterdir()}
    assert json.loads(run(str(folder), "--json").stdout)["reused"] == NAMES
    assert "All 8 videos are there already" in run(str(folder)).stdout
    assert {each.name: each.stat().st_mtime_ns for each in folder.iterdir()} == before


def test_the_folder_holds_nothing_else(folder: Path) -> None:
    assert {each.name for each in folder.iterdir()} == {*(f"{name}.mp4" for name in NAMES), "manifest.csv", "truth.json", ".footage.json"}


def test_the_manifest_s_rows_lie_in_their_videos(folder: Path, truth: FootageTruth) -> None:
    with (folder / "manifest.csv").open(newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    assert reader.fieldnames == ["id", "start_time", "end_time", "split"]
    assert {row["id"] for row in rows} == set(truth.videos)
    assert len(rows) == 9
    for row in rows:
        assert 0 <= float(row["start_time"]) < float(row["end_time"]) <= truth.videos[row["id"]].duration_ms / 1000
        assert row["split"] == truth.videos[row["id"]].split


@pytest.mark.parametrize("name", NAMES)
def test_truth_is_what_a_probe_finds(folder: Path, truth: FootageTruth, name: str) -> None:
    video = truth.videos[name]
    file = folder / video.file
    assert sha256(file.read_bytes()).hexdigest() == video.sha256
    found = PyAvMedia().probe(file, sha256=video.sha256)
    assert (found.duration_ms, found.picture) == (video.duration_ms, video.picture)
    if video.sound_track is None:
        assert found.sound is None
    else:
        assert found.sound is not None
        assert (found.sound.rate_hz, found.sound.channels) == (video.sound_track.rate_hz, video.sound_track.channels)


@pytest.mark.parametrize("name", NAMES)
def test_pictures_lie_on_the_frame_grid_with_b_frames_and_few_key_frames(folder: Path, truth: FootageTruth, name: str) -> None:
    video = truth.videos[name]
    with av.open(str(folder / video.file)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.pts is not None]
    unit = packets[0].time_base
    assert unit is not None
    times = sorted(packet.pts * unit for packet in packets if packet.pts is not None)
    assert times == [Fraction(index * video.picture.rate_den, video.picture.rate_num) for index in range(video.frames)]
    assert [packet.pts for packet in packets] != sorted(packet.pts or 0 for packet in packets)
    keys = [index for index, packet in enumerate(packets) if packet.is_keyframe]
    assert keys == list(range(0, video.frames, GOP))


@pytest.mark.parametrize("name", [script.name for script in REEL if script.sound_hz])
def test_decoded_sound_begins_with_its_events(folder: Path, truth: FootageTruth, name: str, tmp_path: Path) -> None:
    """The rise of a decoded impact lies within 20 ms of the truth, through encoder delay and resampling."""
    video = truth.videos[name]
    impacts = [each.start_ms for each in video.sounds if each.sound == "impact" and _alone(video, each.start_ms)]
    assert impacts
    level = _level(folder / video.file, video.duration_ms, tmp_path)
    for start in impacts:
        assert max(level[start - 60 : start - 20]) * 10 < max(level[start - 20 : start + 20]), start


def _alone(video: VideoTruth, at_ms: int) -> bool:
    background = video.duration_ms
    return not any(each.start_ms < at_ms < each.end_ms + 200 for each in video.sounds if each.end_ms - each.start_ms < background)


def _level(file: Path, duration_ms: int, tmp_path: Path) -> list[float]:
    """The greatest sample of every millisecond."""
    media = PyAvMedia()
    out = tmp_path / "sound.flac"
    media.extract_sound(file, 0, duration_ms, out, rate_hz=16_000)
    with av.open(str(out)) as container:
        samples = [abs(int(each)) for frame in container.decode(audio=0) for each in frame.to_ndarray().ravel()]
    return [max(samples[at : at + 16]) for at in range(0, len(samples) - 16, 16)]


def test_another_run_gives_equal_bytes(folder: Path, tmp_path: Path) -> None:
    two = tuple(script for script in REEL if script.name in {"hallway", "playroom"})
    make(tmp_path, lambda done, total: None, two)
    for script in two:
        assert (tmp_path / f"{script.name}.mp4").read_bytes() == (folder / f"{script.name}.mp4").read_bytes()
