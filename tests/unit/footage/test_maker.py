"""Making footage: equal bytes, nothing made twice, a half-made folder completed."""

from dataclasses import replace
from pathlib import Path

import pytest

from egoetl.footage.maker import make, manifest
from egoetl.footage.script import Script
from egoetl.footage.truth import FootageTruth


def silent(done: int, total: int) -> None:
    """Tell nobody."""


@pytest.fixture
def reel(script: Script) -> tuple[Script, ...]:
    short = replace(script, length_ms=2_000, cuts_ms=(), strays=())
    return (short, replace(short, name="mute", sound_hz=None, split="test"))


def _files(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir()}


def test_two_runs_give_equal_bytes(tmp_path: Path, reel: tuple[Script, ...]) -> None:
    make(tmp_path / "one", silent, reel)
    make(tmp_path / "two", silent, reel)
    assert _files(tmp_path / "one") == _files(tmp_path / "two")
    assert set(_files(tmp_path / "one")) == {"tiny.mp4", "mute.mp4", "manifest.csv", "truth.json", ".footage.json"}


def test_a_finished_folder_is_reused(tmp_path: Path, reel: tuple[Script, ...]) -> None:
    first = make(tmp_path, silent, reel)
    before = {each.name: each.stat().st_mtime_ns for each in tmp_path.iterdir()}
    again = make(tmp_path, silent, reel)
    assert (first.made, first.reused) == (("tiny", "mute"), ())
    assert (again.made, again.reused) == ((), ("tiny", "mute"))
    assert {each.name: each.stat().st_mtime_ns for each in tmp_path.iterdir()} == before


def test_a_half_made_folder_is_completed(tmp_path: Path, reel: tuple[Script, ...]) -> None:
    make(tmp_path / "whole", silent, reel)
    half = tmp_path / "half"
    make(half, silent, reel[:1])
    (half / "truth.json").unlink()
    (half / ".unfinished.mute.mp4").write_bytes(b"left by a crash")
    completed = make(half, silent, reel)
    assert (completed.made, completed.reused) == (("mute",), ("tiny",))
    assert _files(half) == _files(tmp_path / "whole")


def test_a_damaged_video_or_another_script_is_made_again(tmp_path: Path, reel: tuple[Script, ...]) -> None:
    make(tmp_path, silent, reel)
    whole = (tmp_path / "mute.mp4").read_bytes()
    (tmp_path / "mute.mp4").write_bytes(whole[:-100])
    assert make(tmp_path, silent, reel).made == ("mute",)
    assert (tmp_path / "mute.mp4").read_bytes() == whole
    assert make(tmp_path, silent, (replace(reel[0], walk=0.5), reel[1])).made == ("tiny",)


def test_an_interrupted_run_stops_at_once_and_leaves_no_half_video(tmp_path: Path, reel: tuple[Script, ...]) -> None:
    told: list[int] = []

    def interrupt(done: int, total: int) -> None:
        told.append(done)
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(tmp_path, interrupt, reel)
    assert len(told) < 60
    assert not list(tmp_path.glob("[!.]*"))


def test_progress_counts_every_picture(tmp_path: Path, reel: tuple[Script, ...]) -> None:
    told: list[tuple[int, int]] = []
    make(tmp_path, lambda done, total: told.append((done, total)), reel)
    assert told == [(done, 120) for done in range(1, 121)]


def test_truth_describes_the_files(tmp_path: Path, reel: tuple[Script, ...]) -> None:
    make(tmp_path, silent, reel)
    truth = FootageTruth.model_validate_json((tmp_path / "truth.json").read_bytes())
    tiny, mute = truth.videos["tiny"], truth.videos["mute"]
    assert (tiny.duration_ms, tiny.frames, tiny.picture.rate_num, tiny.picture.rate_den) == (2_000, 60, 30, 1)
    assert tiny.sound_track is not None
    assert (tiny.sound_track.rate_hz, tiny.sound_track.samples) == (16_000, 32_000)
    assert mute.sound_track is None
    assert mute.sounds == ()
    assert [each.name for each in tiny.objects] == ["red ball", "blue box"]


def test_the_manifest_cuts_where_the_script_says(script: Script) -> None:
    assert manifest((script, replace(script, name="whole", length_ms=3_700, cuts_ms=()))) == (
        "id,start_time,end_time,split\ntiny,0,2,train\ntiny,2,6,train\nwhole,0,3.7,train\n"
    )
