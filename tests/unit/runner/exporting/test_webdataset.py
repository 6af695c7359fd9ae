"""Shards: samples in order, as many as fit."""

from pathlib import Path

from egoetl.runner.exporting.folder import OutputFolder
from egoetl.runner.exporting.media_files import MediaFile, Wanted
from egoetl.runner.exporting.version_media import Sample
from egoetl.runner.exporting.webdataset import shards_of


def sample(folder: Path, name: str, picture_bytes: int, sound_bytes: int = 0) -> Sample:
    (folder / f"{name}.mp4").write_bytes(bytes(picture_bytes))
    if sound_bytes:
        (folder / f"{name}.wav").write_bytes(bytes(sound_bytes))
    media = MediaFile(f"{name}.mp4", f"{name}.wav" if sound_bytes else None)
    return Sample(name, Wanted(name, "ab" * 32, 0, 1000), media, ())


def names(folder: Path, samples: list[Sample], most_bytes: int) -> list[list[str]]:
    return [[each.key for each in shard] for shard in shards_of(OutputFolder(folder), samples, most_bytes)]


def test_a_shard_holds_what_fits_pictures_and_sound_together(tmp_path: Path) -> None:
    samples = [sample(tmp_path, "a", 40, 20), sample(tmp_path, "b", 40), sample(tmp_path, "c", 1), sample(tmp_path, "d", 90, 9)]
    assert names(tmp_path, samples, 100) == [["a", "b"], ["c", "d"]]
    assert names(tmp_path, samples, 10**6) == [["a", "b", "c", "d"]]


def test_a_sample_larger_than_a_shard_has_its_own(tmp_path: Path) -> None:
    samples = [sample(tmp_path, "a", 1), sample(tmp_path, "b", 500), sample(tmp_path, "c", 1)]
    assert names(tmp_path, samples, 100) == [["a"], ["b"], ["c"]]


def test_no_samples_no_shards(tmp_path: Path) -> None:
    assert names(tmp_path, [], 100) == []
