"""Masks in a local folder: a folder for each entry, a PNG for each frame, any pixel that is not black being the object."""

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from egoetl.core.errors import DataError

MOST_PIXELS = 40_000_000
"""Of one mask: memory is not taken for what a few bytes claim."""
_HEADER = struct.Struct(">8sI4sII")
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


class LocalMasks:
    """Implements `egoetl.benchmarks.benchmark.Masks` below `root`. A frame's name is its file's, without `.png`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def frames(self, folder: str) -> tuple[str, ...] | None:
        """The names of the frames in a folder, in order; None if there is no such folder. Raises DataError `path_escapes_root`."""
        path = self._below(folder)
        return tuple(sorted(file.stem for file in path.glob("*.png") if file.is_file())) if path.is_dir() else None

    def mask(self, folder: str, frame: str) -> NDArray[np.bool_]:
        """The mask of a frame, (height, width). Transparency says nothing.

        Raises:
            DataError: `mask_unreadable` for a file that is absent, no whole PNG or of more than 40 megapixels; `path_escapes_root`.
        """
        import cv2

        file = self._below(folder, f"{frame}.png")
        try:
            data = file.read_bytes()
        except OSError as error:
            raise _unreadable(file, f"cannot be read ({error.strerror})") from None
        if len(data) < _HEADER.size or not data.startswith(_SIGNATURE):
            raise _unreadable(file, "is no PNG")
        _, _, _, width, height = _HEADER.unpack_from(data)
        if width * height > MOST_PIXELS:
            raise _unreadable(file, f"claims {width}x{height} pixels, more than {MOST_PIXELS // 1_000_000} million")
        try:
            picture = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_UNCHANGED)
        except cv2.error:
            picture = None
        if picture is None:
            raise _unreadable(file, "is damaged")
        return np.asarray(picture != 0) if picture.ndim == 2 else np.asarray((picture[:, :, :3] != 0).any(axis=2))

    def _below(self, *names: str) -> Path:
        """A path below the root. Raises DataError `path_escapes_root`."""
        for name in names:
            if "\0" in name or "\\" in name or name.startswith("/") or ".." in name.split("/"):
                raise DataError(f"{name!r} leads out of the folder of masks; give a name within it.", reason="path_escapes_root")
        return self._root.joinpath(*names)


def _unreadable(file: Path, why: str) -> DataError:
    return DataError(f"The mask {file} {why}; write it again as PNG.", reason="mask_unreadable")
