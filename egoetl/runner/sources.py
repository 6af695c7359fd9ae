"""From a manifest uri to a local file, never outside the videos folder."""

from collections.abc import Mapping
from pathlib import Path

from egoetl.algorithms.digest import sha256_of_file
from egoetl.core.errors import DataError
from egoetl.core.items import Item, RowItem
from egoetl.core.records import Clip, Video
from egoetl.runner.source_paths import path_within

SUFFIXES = (".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v")


class SourceFolder:
    """The videos of a build: `id` alone means `id.mp4` (or another known suffix) in the folder.

    Symbolic links inside the folder are followed: its owner made them, no manifest can.
    """

    def __init__(self, root: Path, uris: Mapping[str, str], narrations: Mapping[str, str] | None = None) -> None:
        """`uris` gives the address of each registered video by its sha256, `narrations` that of what people wrote by clip id."""
        self._root = root
        self._uris = uris
        self._narrations = narrations or {}

    def find(self, uri: str) -> Path:
        """The file of a uri. Raises DataError `video_missing`, `video_unreadable` or `path_escapes_root`."""
        exact = self._within(uri)
        try:
            for candidate in (exact, *(exact.with_name(exact.name + suffix) for suffix in SUFFIXES)):
                if candidate.is_file():
                    return candidate
        except OSError as error:
            raise unreadable(uri, error) from error
        raise DataError(f"No file {exact} (nor with {', '.join(SUFFIXES)}); put it there or mend the manifest.", reason="video_missing")

    def of(self, video: Video) -> Path:
        """The file with a registered video's bytes. Raises DataError `video_changed` if it now holds others."""
        uri = self._uris[video.sha256]
        file = self.find(uri)
        try:
            sha256 = sha256_of_file(file)
        except OSError as error:
            raise unreadable(uri, error) from error
        if sha256 != video.sha256:
            raise DataError(f"{file} holds other bytes than when it was registered; build it again as a new video.", reason="video_changed")
        return file

    def narrations_of(self, clip: Clip) -> Path | None:
        """The file of a clip's human narrations. Raises DataError `narrations_missing` or `path_escapes_root`."""
        uri = self._narrations.get(clip.clip_id)
        if uri is None:
            return None
        file = self._within(uri)
        try:
            found = file.is_file()
        except OSError as error:
            raise unreadable(uri, error) from error
        if not found:
            raise DataError(f"No narrations file {file}; put it there or mend the manifest.", reason="narrations_missing")
        return file

    def _within(self, uri: str) -> Path:
        return self._root / path_within(uri)


def unreadable(uri: str, error: OSError) -> DataError:
    """The error of a video whose file the system does not let us read."""
    what = error.strerror or type(error).__name__
    return DataError(f"{uri[:200]!r} cannot be read: {what}; mend the file or its permissions.", reason="video_unreadable")


def refuse_withdrawn(item: Item, fingerprint: str, withdrawn: frozenset[str]) -> None:
    """Raises DataError `video_withdrawn` for a row whose fingerprint begins with the sha256 of a withdrawn video."""
    if isinstance(item, RowItem) and fingerprint.partition(":")[0] in withdrawn:
        raise DataError(
            f"{item.row.uri[:200]!r} is a video that was withdrawn; take its rows out of the manifest.", reason="video_withdrawn"
        )
