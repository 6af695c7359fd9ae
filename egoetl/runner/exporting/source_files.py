"""Find the file of a video again, wherever a build read it from."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from egoetl.core.errors import DataError
from egoetl.core.export import SourceClip
from egoetl.core.sources import SourceRoot
from egoetl.runner.sources import SourceVideos

OpenRoot = Callable[[str], SourceRoot]
"""The videos at an address."""


def find_source(places: Sequence[SourceClip], open_root: OpenRoot, held: ExitStack) -> Path:
    """A local file with the video's bytes, from the first of these places that still has them; it stays until `held` is closed.

    Raises:
        DataError: the trouble with the last place: `video_missing`, `video_unreadable` or `video_changed`.
    """
    trouble: DataError | None = None
    for each in places:
        try:
            return _checked(each, open_root(each.videos), held)
        except DataError as error:
            trouble = error
    raise trouble or DataError("No build says where the video lies; build it again.", reason="video_missing")


def _checked(place: SourceClip, root: SourceRoot, held: ExitStack) -> Path:
    file = SourceVideos(root, {}).find(place.uri)
    whole = held.enter_context(root.whole(file))
    if whole.sha256 != place.video_sha256:
        raise DataError(f"{file.address} holds other bytes than when it was registered; put the old file back.", reason="video_changed")
    return whole.file
