"""The videos that questions are about: found by the address that a run knows, or by the video's id, below a root."""

from collections.abc import Generator
from contextlib import contextmanager

from egoetl.core.errors import DataError
from egoetl.core.evaluation import ScoredItem
from egoetl.core.sources import MediaFile, SourceFile, SourceRoot
from egoetl.runner.sources import SourceVideos


class EvaluationVideos:
    """Videos below a folder or an S3 prefix. Only what is read of one is fetched."""

    def __init__(self, root: SourceRoot) -> None:
        self._root, self._videos = root, SourceVideos(root, {})

    def find(self, item: ScoredItem) -> SourceFile:
        """The video of a question. Raises DataError `video_missing`, `video_unreadable` or `path_escapes_root`."""
        names = [item.uri, item.question.video_id] if item.uri else [item.question.video_id]
        for name in names[:-1]:
            try:
                return self._videos.find(name)
            except DataError as error:
                if error.reason != "video_missing":
                    raise
        return self._videos.find(names[-1])

    @contextmanager
    def open(self, file: SourceFile) -> Generator[MediaFile]:
        """The video, while the context lasts."""
        with self._root.ranged(file) as opened:
            yield opened
