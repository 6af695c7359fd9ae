"""Make the sample footage: render what is missing, then write the manifest and the truth."""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from egoetl.core.content_key import sha256_of
from egoetl.core.records import PictureStream, Record
from egoetl.footage.folder import FootageFolder, opened
from egoetl.footage.picture import pictures
from egoetl.footage.reel.index import REEL
from egoetl.footage.script import Script
from egoetl.footage.sound import channels, soundtrack
from egoetl.footage.timeline import camera, events, sounds, visible
from egoetl.footage.truth import FootageTruth, SoundTrack, TrueObject, VideoTruth
from egoetl.footage.world import courses
from egoetl.media.encode import write_video

RENDERER = 1
"""Raised whenever the same script gives other bytes or another truth."""
GOP = 250
MANIFEST = "manifest.csv"
TRUTH = "truth.json"

Tell = Callable[[int, int], None]
"""Told (pictures done, pictures in all) after every picture, from several threads, one call at a time."""


class Made(Record):
    """What a call made and what it found ready."""

    folder: str
    manifest: str
    truth: str
    made: tuple[str, ...]
    reused: tuple[str, ...]
    duration_ms: int
    size_bytes: int


def make(folder: Path, tell: Tell, reel: tuple[Script, ...] = REEL) -> Made:
    """Make every video of the reel that is not there already, the manifest and the truth.

    Raises:
        CallerError: the folder cannot be made or written to.
        TryAgainError: another process is making footage there.
    """
    with opened(folder) as place:
        todo = make_videos(place, tell, reel)
        truth = FootageTruth(recipe=sha256_of([_recipe(each) for each in reel]), videos={each.name: _truth(place, each) for each in reel})
        place.write(MANIFEST, manifest(reel).encode())
        place.write(TRUTH, (truth.model_dump_json(indent=1) + "\n").encode())
    return Made(
        folder=str(folder),
        manifest=str(folder / MANIFEST),
        truth=str(folder / TRUTH),
        made=tuple(each.name for each in todo),
        reused=tuple(each.name for each in reel if each not in todo),
        duration_ms=sum(each.duration_ms for each in reel),
        size_bytes=sum((folder / _file(each)).stat().st_size for each in reel),
    )


def make_videos(place: FootageFolder, tell: Tell, reel: tuple[Script, ...]) -> list[Script]:
    """Make the videos of the reel that are not there already, and nothing beside them; returns those that were made."""
    todo = [script for script in reel if place.made(_file(script), _recipe(script)) is None]
    _render_all(place, todo, tell)
    return todo


def _file(script: Script) -> str:
    return f"{script.name}.mp4"


def _recipe(script: Script) -> str:
    return sha256_of({"renderer": RENDERER, "script": asdict(script) | {"rate": str(script.rate)}})


def _render_all(place: FootageFolder, todo: list[Script], tell: Tell) -> None:
    """Drawing and encoding leave the interpreter free most of the time, so threads use every core."""
    count = PictureCount(sum(each.frames for each in todo), tell)
    pool = ThreadPoolExecutor(max_workers=len(os.sched_getaffinity(0)), thread_name_prefix="footage")
    try:
        running = {pool.submit(_render, place, script, count): script for script in todo}
        for done in as_completed(running):
            done.result()
            place.keep(_file(running[done]), _recipe(running[done]))
    finally:
        count.stopped.set()
        pool.shutdown(cancel_futures=True)


class PictureCount:
    """Pictures done so far, over all threads; once stopped, the videos under way end with CancelledError."""

    def __init__(self, total: int, tell: Tell) -> None:
        self._total = total
        self._tell = tell
        self._done = 0
        self._lock = threading.Lock()
        self.stopped = threading.Event()

    def watch(self, frames: Iterator[tuple[int, NDArray[np.uint8]]]) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        """The frames, each counted when it is done with. Raises CancelledError once stopped."""
        for frame in frames:
            if self.stopped.is_set():
                raise CancelledError
            yield frame
            with self._lock:
                self._done += 1
                self._tell(self._done, self._total)


def _render(place: FootageFolder, script: Script, count: PictureCount) -> None:
    sound = soundtrack(script)

    def fill(unfinished: Path) -> None:
        write_video(
            unfinished,
            count.watch(pictures(script)),
            size=script.size,
            rate=script.rate,
            gop=GOP,
            sound=sound,
            sound_rate=script.sound_hz or 0,
        )

    place.appear(_file(script), fill)


def manifest(reel: tuple[Script, ...]) -> str:
    """EgoAVU's manifest of the reel: one row a video, or one for each stretch that the script cuts it into."""
    rows = [
        f"{script.name},{start / 1000:g},{end / 1000:g},{script.split}"
        for script in reel
        for start, end in zip((0, *script.cuts_ms), (*script.cuts_ms, script.length_ms), strict=True)
    ]
    return "\n".join(("id,start_time,end_time,split", *rows, ""))


def _truth(place: FootageFolder, script: Script) -> VideoTruth:
    entry = place.made(_file(script), _recipe(script))
    assert entry is not None
    return VideoTruth(
        file=_file(script),
        sha256=entry.sha256,
        split=script.split,
        duration_ms=script.duration_ms,
        frames=script.frames,
        picture=PictureStream(
            codec="h264",
            width=script.size[0],
            height=script.size[1],
            rate_num=script.rate.numerator,
            rate_den=script.rate.denominator,
        ),
        sound_track=_sound_track(script),
        objects=_objects(script),
        events=events(script),
        sounds=tuple(each.truth for each in sounds(script)),
        camera=camera(script),
    )


def _sound_track(script: Script) -> SoundTrack | None:
    if script.sound_hz is None:
        return None
    return SoundTrack(rate_hz=script.sound_hz, channels=channels(script), samples=script.duration_ms * script.sound_hz // 1000)


def _objects(script: Script) -> tuple[TrueObject, ...]:
    found = [
        TrueObject(
            name=course.thing.name,
            colour=course.thing.colour,
            shape=course.thing.shape,
            label=course.thing.label,
            visible=visible(script, course),
        )
        for course in courses(script)
    ]
    return tuple(sorted(found, key=lambda each: each.visible[0].start_ms))
