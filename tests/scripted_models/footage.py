"""What is true of the segment that a request is about: a script cannot look, so it is told."""

import re
from pathlib import Path

from egoetl.core.records import Window
from egoetl.footage.truth import FootageTruth, TrueEvent, TrueSound, VideoTruth

_SEGMENT = re.compile(r"^(?P<video>[0-9a-f]{16})_\d+_\d+\.(?P<start>\d+)_(?P<end>\d+)$")
LEAST_MS = 150
"""Whatever a segment's border leaves of something is too short to notice."""


class Shown:
    """One segment of a video, with what is true of it. All windows are cut to the segment and count from its start."""

    def __init__(self, truth: VideoTruth, start_ms: int, end_ms: int) -> None:
        self._truth = truth
        self.window = Window(start_ms=start_ms, end_ms=end_ms)

    @property
    def things(self) -> tuple[str, ...]:
        """What is in view, in order of appearance, with the writing on it."""
        seen = [each for each in self._truth.objects if any(self._inside(window) for window in each.visible)]
        return tuple(dict.fromkeys(each.name for each in seen))

    def label(self, thing: str) -> str:
        """What is written on a thing."""
        return next(each.label for each in self._truth.objects if each.name == thing)

    @property
    def turns(self) -> tuple[str, ...]:
        """How the camera wearer's head turns."""
        turns = (each.motion for each in self._truth.camera if each.motion != "still" and self._inside(each))
        return tuple(dict.fromkeys(turns))

    @property
    def events(self) -> tuple[TrueEvent, ...]:
        """What happens."""
        return tuple(each.model_copy(update=window) for each in self._truth.events if (window := self._inside(each)))

    @property
    def sounds(self) -> tuple[TrueSound, ...]:
        """What is heard."""
        return tuple(each.model_copy(update=window) for each in self._truth.sounds if (window := self._inside(each)))

    def cause_of(self, sound: TrueSound) -> TrueEvent | None:
        """The event that makes a sound."""
        return None if sound.caused_by is None else self._truth.events[sound.caused_by]

    def _inside(self, window: Window) -> dict[str, int]:
        """Where a window lies in the segment; nothing where it does not."""
        start_ms, end_ms = max(window.start_ms, self.window.start_ms), min(window.end_ms, self.window.end_ms)
        if end_ms - start_ms < LEAST_MS:
            return {}
        return {"start_ms": start_ms - self.window.start_ms, "end_ms": end_ms - self.window.start_ms}


class Reel:
    """The footage in a folder."""

    def __init__(self, folder: Path) -> None:
        truth = FootageTruth.model_validate_json((folder / "truth.json").read_bytes())
        self._named = truth.videos
        self._videos = {each.sha256[:16]: each for each in truth.videos.values()}

    def sha256(self, video_id: str) -> str:
        """What a video's bytes are."""
        return self._named[video_id].sha256

    def shown(self, segment_id: str) -> Shown:
        """The segment of that id."""
        found = _SEGMENT.match(segment_id)
        assert found, f"{segment_id!r} is no segment"
        return Shown(self._videos[found["video"]], int(found["start"]), int(found["end"]))


def seconds(window: Window) -> dict[str, float]:
    """A window as a reply tells it."""
    return {"start_s": round(window.start_ms / 1000, 1), "end_s": round(window.end_ms / 1000, 1)}
