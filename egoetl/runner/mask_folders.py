"""Folders of masks below a folder or an S3 prefix, and where those of a prediction lie."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from egoetl.benchmarks.benchmark import BenchmarkData
from egoetl.core.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SUFFIX = ".png"
_WITHIN = "masks"
"""The folder within an entry's own that EVQA's segmenter writes into."""
_COLOURS = 3


class MaskFolders:
    """Implements `benchmarks.benchmark.Masks`: a PNG a frame, in which whatever is not black is foreground."""

    def __init__(self, data: BenchmarkData) -> None:
        self._data = data

    def frames(self, folder: str) -> Sequence[str] | None:
        """The names of the frames that have a mask, in order; None if there is no such folder."""
        return self._folders.get(str(PurePosixPath(folder)))

    def mask(self, folder: str, frame: str) -> "NDArray[np.bool_]":
        """The mask of a frame, (height, width). Raises DataError `mask_unreadable`."""
        import cv2

        name = str(PurePosixPath(folder, frame))
        file = self._data.file(name)
        picture = None if file is None else cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
        if picture is None:
            raise DataError(f"Mask {name} is no PNG that can be read; write it again.", reason="mask_unreadable")
        # A fourth channel says how opaque a pixel is, not whether it belongs to the mask.
        return picture[..., :_COLOURS].any(axis=-1) if picture.ndim > 2 else picture != 0  # pyright: ignore[reportReturnType] - cv2's stub

    def folder_of(self, written: str | None, entry: str) -> str | None:
        """The folder of an entry: where its prediction says that it lies, or the end of that, or the one with the entry's id.

        Predictions name folders as they were on the machine that made them.
        """
        parts = PurePosixPath(written).parts if written else ()
        ends = [PurePosixPath(*parts[start:]) for start in range(len(parts)) if parts[start] != "/"]
        for each in (*ends, PurePosixPath(entry)):
            for folder in (each, each / _WITHIN):
                if str(folder) in self._folders:
                    return str(folder)
        return None

    @cached_property
    def _folders(self) -> dict[str, tuple[str, ...]]:
        folders: dict[str, list[str]] = {}
        for name in self._data.names():
            path = PurePosixPath(name)
            if path.suffix.lower() == _SUFFIX:
                folders.setdefault(str(path.parent), []).append(path.name)
        return {folder: tuple(sorted(names)) for folder, names in folders.items()}
