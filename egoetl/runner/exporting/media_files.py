"""Windows of videos as mp4 and wav files: several at once, kept where they are there already, whole or absent."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from egoetl.core.errors import DataError
from egoetl.core.export import SourceClip
from egoetl.runner.exporting.folder import OutputFolder
from egoetl.runner.exporting.source_files import OpenRoot, find_source

if TYPE_CHECKING:
    from egoetl.media.source_index import SourceIndex

PASS_WINDOWS = 8
PASS_MS = 120_000
"""A pass holds as many encoders as windows, and is lost if it is interrupted."""
PASS_GAP_MS = 10_000
MILLISECONDS = 1000


class Wanted(NamedTuple):
    """A window of a video, and the file to write without its suffix, relative to the folder."""

    stem: str
    video_sha256: str
    start_ms: int
    end_ms: int


class MediaFile(NamedTuple):
    """A written window: paths relative to the folder; `wav` is None for a source without sound."""

    mp4: str
    wav: str | None


@dataclass
class MediaFiles:
    """What was written, by stem, and why what was not was not; `kept` of the written files were there already."""

    written: dict[str, MediaFile] = field(default_factory=dict[str, MediaFile])
    failed: dict[str, DataError] = field(default_factory=dict[str, DataError])
    kept: int = 0


class MediaProgress(NamedTuple):
    """How far the writing is: files, and seconds of footage that had to be cut."""

    files: int
    total: int
    seconds: float
    total_seconds: float


Tell = Callable[[MediaProgress], object]
Places = Mapping[str, Sequence[SourceClip]]
"""The sha256 of a video to every place where it may be."""


def write_media(folder: OutputFolder, wanted: Iterable[Wanted], places: Places, open_root: OpenRoot, tell: Tell) -> MediaFiles:
    """Write every wanted window that is not there already under its content's key.

    A window that cannot be written is reported, the others are written all the same.

    Raises:
        ConfigError: `ffmpeg_missing`.
    """
    return _Writing(folder, list(dict.fromkeys(wanted)), places, open_root, tell).run()


@dataclass(frozen=True)
class _Job:
    """Windows of one video; `source` is None until its file has been found and read."""

    windows: Sequence[Wanted]
    source: "SourceIndex | None" = None


class _Writing:
    """One call of `write_media`."""

    def __init__(self, folder: OutputFolder, wanted: Sequence[Wanted], places: Places, open_root: OpenRoot, tell: Tell) -> None:
        from egoetl.media.ffmpeg import FfmpegRunner

        self._folder, self._wanted, self._places, self._tell = folder, wanted, places, tell
        self._open_root = open_root
        self._held: dict[str, ExitStack] = {}
        self._left = Counter[str]()
        self._runner = FfmpegRunner()
        self._made = MediaFiles()
        self._numbers = {each: number for number, each in enumerate(wanted)}
        self._under_way: dict[Wanted, float] = {}
        self._seconds = 0.0
        self._total_seconds = 0.0

    def run(self) -> MediaFiles:
        """Work through all windows, several passes at once."""
        outstanding: dict[str, list[Wanted]] = {}
        for each in self._wanted:
            if not self._keep(each):
                outstanding.setdefault(each.video_sha256, []).append(each)
                self._left[each.video_sha256] += 1
                self._total_seconds += _seconds(each)
        self._report()
        with ThreadPoolExecutor(max_workers=_processors()) as pool:
            try:
                self._work(pool, [_Job(windows) for windows in outstanding.values()])
            except BaseException:
                # Also for Ctrl-C: the pool waits for its threads, and they for ffmpeg.
                self._runner.stop()
                pool.shutdown(cancel_futures=True)
                raise
            finally:
                for held in list(self._held.values()):
                    held.close()
        return self._made

    def _keep(self, each: Wanted) -> bool:
        """Whether the window's files are there already. A file of another window or video goes, so that none outlives its sound."""
        from egoetl.media.materialise import made_for, window_key

        mp4, wav = self._folder.path(f"{each.stem}.mp4"), self._folder.path(f"{each.stem}.wav")
        made = made_for(mp4)
        if made is None or made.key != window_key(each.video_sha256, each.start_ms, each.end_ms) or (made.has_sound and not wav.is_file()):
            mp4.unlink(missing_ok=True)
            return False
        self._made.kept += 1
        self._made.written[each.stem] = MediaFile(f"{each.stem}.mp4", f"{each.stem}.wav" if made.has_sound else None)
        return True

    def _work(self, pool: ThreadPoolExecutor, jobs: Iterable[_Job]) -> None:
        coming = iter(jobs)
        # A video is begun when there is nothing else to do, so that few files are held at once.
        running: dict[Future[list[_Job]], _Job] = {pool.submit(self._do, job): job for job in islice(coming, _processors())}
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                job = running.pop(future)
                try:
                    following = future.result()
                except DataError as error:
                    self._made.failed.update({each.stem: error for each in job.windows})
                    following = []
                running.update({pool.submit(self._do, each): each for each in following})
                if not following:
                    self._over(job.windows)
            running.update({pool.submit(self._do, each): each for each in islice(coming, max(0, _processors() - len(running)))})

    def _do(self, job: _Job) -> list[_Job]:
        """One step; returns the jobs that follow from it. Raises DataError for what cannot be written."""
        if job.source is None:
            source = self._prepare(job.windows)
            return [_Job(windows, source) for windows in passes(job.windows)]
        try:
            self._cut(job.windows, job.source)
        except DataError:
            if len(job.windows) == 1:
                raise
            # One bad window must not take the others of its pass along.
            return [_Job([each], job.source) for each in job.windows]
        return []

    def _prepare(self, windows: Sequence[Wanted]) -> "SourceIndex":
        from egoetl.media.source_index import read_index
        from egoetl.media.waves import Wave, write_waves

        sha256 = windows[0].video_sha256
        held = self._held[sha256] = ExitStack()
        file = find_source(self._places.get(sha256, ()), self._open_root, held)
        scratch = self._scratch(windows[0], ".flac")
        write_waves(file, [Wave(each.start_ms, each.end_ms, self._scratch(each, ".wav")) for each in windows], scratch)
        return read_index(file)

    def _cut(self, windows: Sequence[Wanted], source: "SourceIndex") -> None:
        from egoetl.media.materialise import Cut, cut, window_key

        def tell(seconds: float) -> None:
            if len(windows) == 1:
                self._under_way[windows[0]] = min(seconds, _seconds(windows[0]))
                self._report()

        cuts = [
            Cut(each.start_ms, each.end_ms, self._scratch(each, ".mp4"), window_key(each.video_sha256, each.start_ms, each.end_ms))
            for each in windows
        ]
        cut(source, cuts, self._runner, tell)
        for each in windows:
            wav = self._scratch(each, ".wav")
            heard = wav.is_file()
            if heard:
                self._folder.appear(wav, f"{each.stem}.wav")
            # Last: it says that both are there.
            self._folder.appear(self._scratch(each, ".mp4"), f"{each.stem}.mp4")
            self._made.written[each.stem] = MediaFile(f"{each.stem}.mp4", f"{each.stem}.wav" if heard else None)

    def _over(self, windows: Sequence[Wanted]) -> None:
        for each in windows:
            self._under_way.pop(each, None)
            self._seconds += _seconds(each)
            self._left[each.video_sha256] -= 1
            if not self._left[each.video_sha256]:
                self._held.pop(each.video_sha256, ExitStack()).close()
        self._report()

    def _report(self) -> None:
        files = len(self._made.written) + len(self._made.failed)
        seconds = self._seconds + sum(list(self._under_way.values()))
        self._tell(MediaProgress(files, len(self._wanted), seconds, self._total_seconds))

    def _scratch(self, each: Wanted, suffix: str) -> Path:
        return self._folder.scratch / f"{self._numbers[each]}{suffix}"


def passes(windows: Iterable[Wanted]) -> Iterator[list[Wanted]]:
    """Windows of one video that are cut in one pass each: neighbours, few enough, and not too much to lose."""
    chosen: list[Wanted] = []
    for each in sorted(windows, key=lambda window: (window.start_ms, window.end_ms)):
        length = sum(window.end_ms - window.start_ms for window in chosen) + each.end_ms - each.start_ms
        near = chosen and each.start_ms <= max(window.end_ms for window in chosen) + PASS_GAP_MS
        if chosen and (len(chosen) == PASS_WINDOWS or length > PASS_MS or not near):
            yield chosen
            chosen = []
        chosen.append(each)
    if chosen:
        yield chosen


def _seconds(each: Wanted) -> float:
    return (each.end_ms - each.start_ms) / MILLISECONDS


def _processors() -> int:
    """Each pass uses about one processor."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
