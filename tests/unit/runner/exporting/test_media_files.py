"""Writing media: what is there is kept, what is wrong is reported and harms nothing else, what is interrupted goes on."""

from collections.abc import Generator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import pytest

from egoetl.algorithms.digest import sha256_of_file
from egoetl.core.export import SourceClip
from egoetl.core.sources import SourceFile, Whole
from egoetl.media.encode import write_video
from egoetl.runner.exporting import media_files
from egoetl.runner.exporting.folder import output_folder
from egoetl.runner.exporting.media_files import MediaFile, MediaFiles, MediaProgress, Wanted, passes, write_media
from egoetl.storage.sources.folder import FolderRoot
from egoetl.testing.videos import SIZE, numbered, tones


class Shelf:
    """A folder of two videos, one with sound, and where an export would look for them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        write_video(folder / "loud.mp4", numbered(100), size=SIZE, rate=Fraction(25), sound=tones(4.0, 16_000, 1), sound_rate=16_000)
        write_video(folder / "silent.mp4", numbered(60), size=SIZE, rate=Fraction(25))
        self.sha = {name: sha256_of_file(folder / f"{name}.mp4") for name in ("loud", "silent")}
        self.places = {
            sha: [SourceClip(clip_id="c", video_sha256=sha, start_ms=0, end_ms=1, videos=str(folder), uri=name)]
            for name, sha in self.sha.items()
        }

    def wanted(self, name: str, start_ms: int, end_ms: int) -> Wanted:
        return Wanted(f"train/{name}_{start_ms}_{end_ms}", self.sha[name], start_ms, end_ms)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return Shelf(tmp_path_factory.mktemp("videos"))


def written(out: Path, wanted: list[Wanted], places, tell=lambda _: None) -> MediaFiles:
    with output_folder(out) as folder:
        return write_media(folder, wanted, places, lambda address: FolderRoot(Path(address)), tell)


def files(out: Path) -> dict[str, int]:
    return {file.relative_to(out).as_posix(): file.stat().st_mtime_ns for file in out.rglob("*") if file.is_file()}


def test_each_window_is_an_mp4_and_where_there_is_sound_a_wav(shelf: Shelf, tmp_path: Path) -> None:
    reports: list[MediaProgress] = []
    made = written(tmp_path, [shelf.wanted("loud", 0, 2000), shelf.wanted("silent", 0, 2000)], shelf.places, reports.append)
    assert made.written == {
        "train/loud_0_2000": MediaFile("train/loud_0_2000.mp4", "train/loud_0_2000.wav"),
        "train/silent_0_2000": MediaFile("train/silent_0_2000.mp4", None),
    }
    assert set(files(tmp_path)) == {"train/loud_0_2000.mp4", "train/loud_0_2000.wav", "train/silent_0_2000.mp4"}
    assert reports[0] == MediaProgress(0, 2, 0.0, 4.0)
    assert reports[-1] == MediaProgress(2, 2, 4.0, 4.0)
    assert [report.seconds for report in reports] == sorted(report.seconds for report in reports)


def test_what_is_there_is_kept_and_the_rest_made(shelf: Shelf, tmp_path: Path) -> None:
    first = [shelf.wanted("loud", 0, 2000), shelf.wanted("silent", 0, 1000)]
    written(tmp_path, first, shelf.places)
    before = files(tmp_path)
    again = written(tmp_path, [*first, shelf.wanted("loud", 1000, 3000)], shelf.places)
    assert again.kept == 2
    after = files(tmp_path)
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {"train/loud_1000_3000.mp4", "train/loud_1000_3000.wav"}


def test_nothing_is_looked_for_when_everything_is_there(shelf: Shelf, tmp_path: Path) -> None:
    wanted = [shelf.wanted("loud", 0, 2000)]
    written(tmp_path, wanted, shelf.places)
    assert written(tmp_path, wanted, {}).kept == 1


def test_a_file_of_another_window_or_without_its_wav_is_made_again(shelf: Shelf, tmp_path: Path) -> None:
    window = shelf.wanted("loud", 0, 2000)
    written(tmp_path, [window], shelf.places)
    (tmp_path / f"{window.stem}.wav").unlink()
    assert written(tmp_path, [window], shelf.places).kept == 0
    assert (tmp_path / f"{window.stem}.wav").is_file()
    other = window._replace(end_ms=1500)
    assert written(tmp_path, [other], shelf.places).kept == 0
    assert written(tmp_path, [other], shelf.places).kept == 1


def test_a_window_that_cannot_be_cut_does_not_take_its_neighbours_along(shelf: Shelf, tmp_path: Path) -> None:
    wanted = [shelf.wanted("loud", 0, 1000), shelf.wanted("loud", 3000, 4000), shelf.wanted("loud", 9000, 9900)]
    made = written(tmp_path, wanted, shelf.places)
    assert set(made.written) == {"train/loud_0_1000", "train/loud_3000_4000"}
    assert {stem: error.reason for stem, error in made.failed.items()} == {"train/loud_9000_9900": "picture_missing"}
    assert set(files(tmp_path)) == {f"{stem}{suffix}" for stem in made.written for suffix in (".mp4", ".wav")}


def test_a_video_that_is_gone_or_changed_is_reported(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "videos").mkdir()
    (tmp_path / "videos" / "loud.mp4").write_bytes(b"something else")
    moved = {sha: [each.model_copy(update={"videos": str(tmp_path / "videos")}) for each in places] for sha, places in shelf.places.items()}
    wanted = [shelf.wanted("loud", 0, 1000), shelf.wanted("silent", 0, 1000)]
    made = written(tmp_path / "out", wanted, moved)
    assert {stem: error.reason for stem, error in made.failed.items()} == {
        "train/loud_0_1000": "video_changed",
        "train/silent_0_1000": "video_missing",
    }
    older = {sha: [*places, *shelf.places[sha]] for sha, places in moved.items()}
    assert written(tmp_path / "out", wanted, older).failed == {}


def test_a_video_is_held_only_while_its_windows_are_made(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_files, "_processors", lambda: 1)
    held, most = set[str](), list[int]()

    class Counting(FolderRoot):
        @contextmanager
        def whole(self, file: SourceFile) -> Generator[Whole]:
            held.add(file.path)
            most.append(len(held))
            with super().whole(file) as whole:
                yield whole
            held.remove(file.path)

    wanted = [shelf.wanted(name, start, start + 500) for name in ("loud", "silent") for start in (0, 1000)]
    written(tmp_path, wanted[:1], shelf.places)
    with output_folder(tmp_path) as folder:
        made = write_media(folder, wanted, shelf.places, lambda address: Counting(Path(address)), lambda _: None)
    assert (len(made.written), made.kept, made.failed) == (4, 1, {})
    assert (most, held) == ([1, 1], set())


def test_an_interrupted_run_keeps_what_was_whole_and_the_next_ends_it(shelf: Shelf, tmp_path: Path) -> None:
    wanted = [shelf.wanted("loud", 0, 1000), shelf.wanted("silent", 0, 1000)]

    def interrupt(report: MediaProgress) -> None:
        if report.files == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        written(tmp_path, wanted, shelf.places, interrupt)
    assert not (tmp_path / ".unfinished").exists()
    left = [name for name in files(tmp_path) if name.endswith(".mp4")]
    made = written(tmp_path, wanted, shelf.places)
    assert made.kept == len(left) >= 1
    assert len(made.written) == 2


def test_a_pass_holds_neighbours_few_enough_to_lose() -> None:
    def window(start_s: int, end_s: int) -> Wanted:
        return Wanted(f"{start_s}", "sha", start_s * 1000, end_s * 1000)

    tens = [window(start, start + 10) for start in range(0, 100, 10)]
    assert [len(each) for each in passes(reversed(tens))] == [8, 2]
    assert [len(each) for each in passes([window(0, 10), window(500, 510)])] == [1, 1]
    assert [len(each) for each in passes([window(0, 10), window(10, 20), window(0, 360)])] == [1, 1, 1]
    assert [window.stem for each in passes(tens) for window in each] == [window.stem for window in tens]
