"""The media that a version's pairs are asked about: each clip, or each question's own window, once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from egoetl.core.errors import DataError
from egoetl.core.ids import clip_id
from egoetl.runner.exporting.folder import OutputFolder
from egoetl.runner.exporting.media_files import MediaFile, Tell, Wanted, write_media
from egoetl.runner.exporting.version_content import VersionContent

Of = Literal["clips", "windows"]


@dataclass(frozen=True)
class Sample:
    """A written window of a video and the pairs about it, in the version's order."""

    key: str
    wanted: Wanted
    media: MediaFile
    pairs: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class VersionMedia:
    """Split to its samples, by key; and why windows that could not be written were not, by key."""

    samples: Mapping[str, tuple[Sample, ...]]
    failed: Mapping[str, DataError]


def write_version_media(content: VersionContent, folder: OutputFolder, below: str, of: Of, tell: Tell) -> VersionMedia:
    """Write what the version's pairs are about as `<below>/<key>.mp4` and `.wav`.

    A key is the first digits of the video's sha256, start and end in ms: it holds no dot, as WebDataset asks.
    """
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    windows: dict[str, Wanted] = {}
    for row in content.pairs:
        start_ms, end_ms = _window(content, row, of)
        key = clip_id(row["video_sha256"], start_ms, end_ms)
        windows[key] = Wanted(f"{below}/{key}", row["video_sha256"], start_ms, end_ms)
        groups.setdefault((row["split"], key), []).append(row)
    made = write_media(folder, windows.values(), content.places(), content.open_root, tell)
    samples: dict[str, list[Sample]] = {}
    for (split, key), rows in sorted(groups.items()):
        if (media := made.written.get(windows[key].stem)) is not None:
            samples.setdefault(split, []).append(Sample(key, windows[key], media, tuple(rows)))
    failed = {key: made.failed[wanted.stem] for key, wanted in windows.items() if wanted.stem in made.failed}
    return VersionMedia({split: tuple(each) for split, each in samples.items()}, failed)


def _window(content: VersionContent, row: Mapping[str, Any], of: Of) -> tuple[int, int]:
    if of == "windows":
        return row["start_ms"], row["end_ms"]
    clip = content.clip(row["clip_id"])
    return clip.start_ms, clip.end_ms
