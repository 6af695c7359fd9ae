"""Find the file of a video again, wherever a build read it from."""

from collections.abc import Sequence
from pathlib import Path

from egoetl.algorithms.digest import sha256_of_file
from egoetl.core.errors import DataError
from egoetl.core.export import SourceClip
from egoetl.runner.sources import SourceFolder, unreadable


def find_source(places: Sequence[SourceClip]) -> Path:
    """The first file among these places that still holds the video's bytes.

    Raises:
        DataError: the trouble with the last place: `video_missing`, `video_unreadable` or `video_changed`.
    """
    trouble: DataError | None = None
    for each in places:
        try:
            return _checked(each)
        except DataError as error:
            trouble = error
    raise trouble or DataError("No build says where the video lies; build it again.", reason="video_missing")


def _checked(place: SourceClip) -> Path:
    file = SourceFolder(Path(place.videos), {}).find(place.uri)
    try:
        sha256 = sha256_of_file(file)
    except OSError as error:
        raise unreadable(place.uri, error) from error
    if sha256 != place.video_sha256:
        raise DataError(f"{file} holds other bytes than when it was registered; put the old file back.", reason="video_changed")
    return file
